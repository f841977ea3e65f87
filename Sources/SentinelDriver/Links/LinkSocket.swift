internal import Addressing
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import SentinelCore
internal import TransportSecurity

/// Makes the TCP connections of links.
enum LinkSocket {
    /// Connects and puts `handler` on the connection; a failure is reported through it. With
    /// `security` the connection speaks TLS, and is open when that is. `source` is this host's end;
    /// of the other family than `endpoint` it is not asked for.
    static func connect<Session: Conversation>(
        to endpoint: Endpoint, from source: IPAddress? = nil, on eventLoop: any EventLoop,
        within timeout: TimeAmount, security: TLSClientContext? = nil,
        handler: LinkHandler<Session>
    ) {
        let address: SocketAddress
        var local: SocketAddress?
        do {
            address = try SocketAddress(endpoint)
            if let source, source.bitCount == endpoint.address.bitCount {
                local = try SocketAddress(Endpoint(address: source, port: 0))
            }
        } catch {
            handler.connectFailed(.unreachable)
            return
        }
        handler.mustOpen(within: timeout, on: eventLoop)
        let bound = NIOLoopBound(handler, eventLoop: eventLoop)
        var bootstrap = ClientBootstrap(group: eventLoop)
        if let local { bootstrap = bootstrap.bind(to: local) }
        bootstrap
            .connectTimeout(timeout)
            .channelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let security {
                        try channel.pipeline.syncOperations.addHandler(security.handler())
                    }
                    try channel.pipeline.syncOperations.addHandler(bound.value)
                }
            }
            .connect(to: address)
            .whenFailure { error in bound.value.connectFailed(failure(of: error)) }
    }

    private static func failure(of error: any Error) -> LinkFailure {
        if let error = error as? IOError, error.errnoCode == ECONNREFUSED { return .refused }
        return .unreachable
    }
}

extension SocketAddress {
    /// The socket's form of an endpoint.
    init(_ endpoint: Endpoint) throws {
        try self.init(ipAddress: endpoint.address.description, port: Int(endpoint.port))
    }
}
