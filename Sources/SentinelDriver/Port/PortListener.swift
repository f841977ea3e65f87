internal import Addressing
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import SentinelFile

/// The sockets that a Sentinel's clients connect to.
final class PortListener: Sendable {
    /// Why a port cannot be opened, in a sentence.
    struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
        var description: String
    }

    private let channels: [any Channel]
    /// The file of the socket that is none of the network's; `nil`: there is none.
    private let unixSocket: String?

    init(_ channels: [any Channel], unixSocket: String? = nil) {
        self.channels = channels
        self.unixSocket = unixSocket
    }

    /// One socket to listen on.
    struct Place: Equatable {
        var host: String
        var port: UInt16
        /// It may be missing: an address that this host does not have.
        var isOptional: Bool
        var isSecure: Bool
    }

    /// Listens wherever the options say, or there on another port: 0 has the kernel choose.
    /// `secure` prepares connections to `tls-port`; without it such a port is refused.
    static func open(
        _ options: ServerOptions, _ server: NIOLoopBound<PortServer>,
        group: MultiThreadedEventLoopGroup, port: UInt16? = nil,
        secure: (@Sendable (any Channel) throws -> Void)? = nil
    ) async throws(Failure) -> PortListener {
        var channels: [any Channel] = []
        do throws(Failure) {
            for var place in try places(options) {
                if let port { place.port = port }
                if place.isSecure, secure == nil {
                    throw Failure(
                        description: "tls-port is \(place.port), and this program was built"
                            + " without TLS: build it with the trait TLS, or remove the line")
                }
                let channel = try await listen(
                    place, options, server, group: group,
                    secure: place.isSecure ? secure : nil)
                if let channel { channels.append(channel) }
            }
            if let path = options.unixSocket {
                channels.append(try await listen(unixSocket: path, options, server, group: group))
            }
        } catch {
            for channel in channels { try? await channel.close().get() }
            throw error
        }
        return PortListener(channels, unixSocket: options.unixSocket)
    }

    /// In the order of `bind`; a word with a minus may be missing.
    static func places(_ options: ServerOptions) throws(Failure) -> [Place] {
        var words = options.boundAddresses
        if words.isEmpty { words = ["*", "-::*"] }
        var places: [Place] = []
        for (port, isSecure) in [(options.port, false), (options.tlsPort, true)] where port != 0 {
            for word in words {
                let isOptional = word.hasPrefix("-")
                var host = isOptional ? String(word.dropFirst()) : word
                if host == "*" { host = "0.0.0.0" }
                if host == "::*" { host = "::" }
                places.append(
                    Place(host: host, port: port, isOptional: isOptional, isSecure: isSecure))
            }
        }
        guard !places.isEmpty || options.unixSocket != nil else {
            throw Failure(
                description:
                    "neither port, tls-port nor unixsocket is set: nobody could reach this Sentinel"
            )
        }
        return places
    }

    private static func listen(
        _ place: Place, _ options: ServerOptions, _ server: NIOLoopBound<PortServer>,
        group: MultiThreadedEventLoopGroup, secure: (@Sendable (any Channel) throws -> Void)?
    ) async throws(Failure) -> (any Channel)? {
        let v6Only = ChannelOptions.socket(
            SocketOptionLevel(IPPROTO_IPV6), SocketOptionName(IPV6_V6ONLY))
        var bootstrap = bootstrap(options, server, group: group, secure: secure)
            .childChannelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
        // So that `*` and `::*` can both have the port.
        if place.host.contains(":") {
            bootstrap = bootstrap.serverChannelOption(v6Only, value: 1)
        }
        do {
            return try await bootstrap.bind(host: place.host, port: Int(place.port)).get()
        } catch {
            let code = (error as? IOError)?.errnoCode ?? 0
            if place.isOptional, code == EADDRNOTAVAIL || code == EAFNOSUPPORT { return nil }
            throw Failure(
                description: "cannot listen on \(place.host) port \(place.port): "
                    + reason(error))
        }
    }

    /// A file in which clients of this host find it; one that a former process left is replaced.
    private static func listen(
        unixSocket path: String, _ options: ServerOptions, _ server: NIOLoopBound<PortServer>,
        group: MultiThreadedEventLoopGroup
    ) async throws(Failure) -> any Channel {
        do {
            let descriptor = try bind(unixSocket: path, mode: options.unixSocketPermissions)
            return try await bootstrap(options, server, group: group, secure: nil)
                .withBoundSocket(descriptor).get()
        } catch {
            throw Failure(
                description: "cannot listen on unixsocket \(path): \(reason(error))")
        }
    }

    /// Nobody can connect before it listens, so nobody does before the file has its permissions
    /// (CVE-2023-45145 was the other order).
    private static func bind(unixSocket path: String, mode: mode_t?) throws -> CInt {
        let address = try SocketAddress(unixDomainSocketPath: path)
        var found = stat()
        if lstat(path, &found) == 0, found.st_mode & S_IFMT == S_IFSOCK { unlink(path) }
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        let isBound = address.withSockAddr { Glibc.bind(descriptor, $0, socklen_t($1)) == 0 }
        guard isBound, mode.map({ chmod(path, $0) == 0 }) ?? true else {
            let code = errno
            Glibc.close(descriptor)
            throw IOError(errnoCode: code, reason: "bind")
        }
        return descriptor
    }

    private static func bootstrap(
        _ options: ServerOptions, _ server: NIOLoopBound<PortServer>,
        group: MultiThreadedEventLoopGroup, secure: (@Sendable (any Channel) throws -> Void)?
    ) -> ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(ChannelOptions.backlog, value: Int32(clamping: options.backlog))
            .childChannelOption(
                ChannelOptions.socketOption(.so_keepalive),
                value: options.keepAliveSeconds > 0 ? 1 : 0
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try secure?(channel)
                    try server.value.accept(channel)
                }
            }
    }

    private static func reason(_ error: any Error) -> String {
        (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
    }

    /// `bind-source-addr`: this host's end of links.
    static func source(_ options: ServerOptions) throws(Failure) -> IPAddress? {
        guard let text = options.sourceAddress else { return nil }
        guard let address = IPAddress(text) else {
            throw Failure(
                description: "bind-source-addr \(text) is no address: write one of this host's")
        }
        return address
    }

    /// Takes no more connections.
    func close() async {
        for channel in channels { try? await channel.close().get() }
        if let unixSocket { unlink(unixSocket) }
    }

    /// Where it listens, with the ports that the kernel chose for 0.
    var ports: [Int] { channels.compactMap { $0.localAddress?.port } }
}
