internal import NIOCore
internal import NIOPosix
internal import RESP
internal import SentinelPort

/// One client's connection to a Sentinel's port.
final class PortConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What a client may send: the longest honest request is an `ACL SETUSER` with hundreds of
    /// rules, of a few kilobytes.
    static let limits = RESPLimits(
        elementCountMax: 64 * 1024, bulkBytesMax: 1024 * 1024, depthMax: 1,
        valueBytesMax: 2 * 1024 * 1024)

    /// Bytes that may wait to be read while a request is carried out.
    private static let waitingBytesMax = 4 * 1024 * 1024

    /// Bytes that a subscriber may leave unread before it is dropped (Redis: 8 MiB for a minute).
    static let subscriberBytesMax = 8 * 1024 * 1024
    /// The same of others. The reply about a thousand groups has 2 MiB.
    static let unreadBytesMax = 64 * 1024 * 1024

    private unowned let server: PortServer
    let id: PortClient.ID
    private var scanner: RequestScanner
    private var unread = ByteBuffer()
    private var context: ChannelHandlerContext?
    /// What is to be given to the socket.
    private var outgoing: [UInt8] = []
    private var isClosing = false
    private var isReading = false

    init(server: PortServer, id: PortClient.ID) {
        self.server = server
        self.id = id
        scanner = RequestScanner(limits: Self.limits)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        server.left(id)
    }

    func channelActive(context: ChannelHandlerContext) {
        // What turned the connection away may have been said before it was open.
        flush()
        context.fireChannelActive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        guard !isClosing else { return }
        server.countInput(bytes.readableBytes)
        unread.writeBuffer(&bytes)
        if unread.readableBytes > Self.waitingBytesMax {
            server.log(.notice, "A client sent more than it waits for, and was closed")
            return context.close(promise: nil)
        }
        proceed()
    }

    /// Gives the port as many requests as it takes now.
    func proceed() {
        guard !isReading else { return }
        isReading = true
        defer { isReading = false }
        while !isClosing, server.mayRead(id), let request = nextRequest() {
            server.handle(request, from: id)
        }
        if unread.readableBytes == 0 { unread.clear() } else { unread.discardReadBytes() }
        flush()
    }

    private func nextRequest() -> [[UInt8]]? {
        scanner.isAuthenticated = server.isAuthenticated(id)
        do throws(RESPError) {
            switch try scanner.scan(unread.readableBytesSpan) {
            case .needsMore(let consumed):
                unread.moveReaderIndex(forwardBy: consumed)
                return nil
            case .value(let request, let consumed):
                unread.moveReaderIndex(forwardBy: consumed)
                return request
            }
        } catch {
            server.refuse(error, from: id)
            return nil
        }
    }

    // MARK: What the port sends

    func send(_ value: RESPValue, version: RESPVersion) {
        guard !isClosing else { return }
        RESPEncoder(version: version).append(value, to: &outgoing)
    }

    /// Once what was sent has left.
    func close() {
        isClosing = true
    }

    func flush() {
        guard let context, context.channel.isActive else { return }
        if !outgoing.isEmpty {
            server.countOutput(outgoing.count)
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: outgoing)), promise: nil)
            outgoing = []
            let unsent = try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)
            if let unsent, unsent > server.unreadBytesMax(of: id) {
                server.log(.notice, "A client reads too slowly and was closed")
                return context.close(promise: nil)
            }
        }
        if isClosing { context.close(promise: nil) }
    }
}
