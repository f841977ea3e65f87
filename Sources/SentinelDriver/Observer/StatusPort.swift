public import Addressing
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import RESP
internal import Synchronization

/// A port that answers `PING` and `BATON STATUS`: what a host without a node shows of itself.
public final class StatusPort: Sendable {
    /// Why the port could not be opened: a sentence for the operator.
    public struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
        public var description: String
    }

    private let group: MultiThreadedEventLoopGroup
    private let listeners: [any Channel]

    /// Connections at the same time: an operator or two, and what collects figures. Beyond, they
    /// are closed: strangers can't take the descriptors that the balancer's clients need.
    static let clientCountMax = 100

    /// Opens the port on each address.
    ///
    /// - Parameter status: one JSON object; called on the port's own thread.
    public static func open(
        on endpoints: [Endpoint], status: @escaping @Sendable () -> String
    ) async throws(Failure) -> StatusPort {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let counter = ClientCounter(max: clientCountMax)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                guard counter.enter() else { return channel.close() }
                channel.closeFuture.whenComplete { _ in counter.leave() }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(StatusConnection(status))
                }
            }
        var listeners: [any Channel] = []
        for endpoint in endpoints {
            do {
                listeners.append(try await bootstrap.bind(to: SocketAddress(endpoint)).get())
            } catch {
                let reason =
                    (error as? IOError).map { String(cString: strerror($0.errnoCode)) }
                    ?? "\(error)"
                try? await group.shutdownGracefully()
                throw Failure(description: "cannot listen on \(endpoint): \(reason)")
            }
        }
        return StatusPort(group, listeners)
    }

    private init(_ group: MultiThreadedEventLoopGroup, _ listeners: [any Channel]) {
        self.group = group
        self.listeners = listeners
    }

    /// Where it is open, with the ports that the kernel chose for 0.
    var ports: [Int] { listeners.compactMap { $0.localAddress?.port } }

    /// Closes the port and every connection.
    public func close() async throws {
        try await group.shutdownGracefully()
    }
}

/// How many are connected.
private final class ClientCounter: Sendable {
    private let max: Int
    private let count = Mutex(0)

    init(max: Int) {
        self.max = max
    }

    /// Whether one more may be.
    func enter() -> Bool {
        count.withLock { count in
            guard count < max else { return false }
            count += 1
            return true
        }
    }

    func leave() { count.withLock { $0 -= 1 } }
}

/// One client of the port.
private final class StatusConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Nobody asks for more than three words.
    private static let limits = RESPLimits(
        lineBytesMax: 1024, elementCountMax: 16, bulkBytesMax: 1024, depthMax: 1,
        valueBytesMax: 8 * 1024)
    /// Whoever asks and does not read is dropped.
    private static let unreadBytesMax = 1024 * 1024

    private let status: @Sendable () -> String
    private var scanner = RequestScanner(limits: StatusConnection.limits)
    private var unread = ByteBuffer()

    init(_ status: @escaping @Sendable () -> String) {
        self.status = status
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        unread.writeBuffer(&bytes)
        var answer: [UInt8] = []
        var isOver = false
        while !isOver, let request = nextRequest(&answer, &isOver) {
            isOver = respond(to: request, &answer)
        }
        if unread.readableBytes == 0 { unread.clear() } else { unread.discardReadBytes() }
        if !answer.isEmpty {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: answer)), promise: nil)
        }
        let unsent = try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)
        if isOver || unsent ?? 0 > Self.unreadBytesMax { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// What is no request is answered, and is the last.
    private func nextRequest(_ answer: inout [UInt8], _ isOver: inout Bool) -> [[UInt8]]? {
        let bytes = Array(unread.readableBytesView)
        do throws(RESPError) {
            switch try scanner.scan(bytes.span.bytes) {
            case .needsMore(let consumed):
                unread.moveReaderIndex(forwardBy: consumed)
                return nil
            case .value(let request, let consumed):
                unread.moveReaderIndex(forwardBy: consumed)
                return request
            }
        } catch {
            RESPEncoder(version: .resp2).append(
                .error(Array("ERR ".utf8) + error.message), to: &answer)
            isOver = true
            return nil
        }
    }

    /// Whether that was the last one.
    private func respond(to request: [[UInt8]], _ answer: inout [UInt8]) -> Bool {
        let encoder = RESPEncoder(version: .resp2)
        let words = request.map { String(decoding: $0, as: UTF8.self).lowercased() }
        switch words {
        case ["ping"]: encoder.append(.simple("PONG"), to: &answer)
        case ["baton", "status"]: encoder.append(.bulk(status()), to: &answer)
        case ["quit"]:
            encoder.append(.simple("OK"), to: &answer)
            return true
        default:
            encoder.append(
                .failure("ERR this is a balancer's port: it answers PING and BATON STATUS"),
                to: &answer)
        }
        return false
    }
}
