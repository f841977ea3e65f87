internal import NIOCore
internal import NIOPosix
internal import SentinelCore
internal import TransportSecurity

/// Joins a ``Conversation`` to its socket and tells the loop what became of it.
///
/// Everything here happens on the one event loop.
final class LinkHandler<Session: Conversation>: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var session: Session
    private var unread = ByteBuffer()
    private var context: ChannelHandlerContext?
    private var deadline: Scheduled<Void>?
    /// Is told what the session says; a failure is the last, and comes once. `nil` once that was
    /// told or nobody listens any more.
    private var report: ((Session.Signal) -> Void)?

    init(session: Session, report: @escaping (Session.Signal) -> Void) {
        self.session = session
        self.report = report
    }

    /// Gives the link up unless it is open in time. Connection and handshake share the time: a
    /// stopped process still accepts connections.
    func mustOpen(within timeout: TimeAmount, on eventLoop: any EventLoop) {
        deadline = eventLoop.assumeIsolated().scheduleTask(in: timeout) { [weak self] in
            guard let self else { return }
            self.fail(.unreachable)
        }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        // Given up while the connection was being made.
        if report == nil { context.close(promise: nil) }
    }

    /// The end was told by `channelInactive`, or will be by ``connectFailed(_:)``.
    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        write(session.greeting())
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.closed)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        unread.writeBuffer(&bytes)
        var signals: [Session.Signal] = []
        let consumed = session.receive(unread.readableBytesSpan, signals: &signals)
        unread.moveReaderIndex(forwardBy: consumed)
        if unread.readableBytes == 0 { unread.clear() } else { unread.discardReadBytes() }
        for signal in signals { pass(signal) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(TLSClientContext.complaint(error).map(LinkFailure.insecure) ?? .closed)
    }

    /// Sends what the session makes of a question, unless it withholds it.
    func ask(_ question: (inout Session) -> [UInt8]?) {
        if let bytes = question(&session) { write(bytes) }
    }

    /// This host's end of the connection; `nil` while there is none.
    var localAddress: SocketAddress? { context?.channel.localAddress }

    /// Closes without another word to the loop.
    func abandon() {
        report = nil
        fail(.requested)
    }

    /// The connection could not be made, so that there is no channel to say so.
    func connectFailed(_ failure: LinkFailure) {
        end(failure)
    }

    private func pass(_ signal: Session.Signal) {
        if let failure = signal.failure { return fail(failure) }
        if signal.isOpening {
            deadline?.cancel()
            deadline = nil
        }
        report?(signal)
    }

    private func fail(_ failure: LinkFailure) {
        end(failure)
        context?.close(promise: nil)
    }

    private func end(_ failure: LinkFailure) {
        deadline?.cancel()
        deadline = nil
        let report = self.report
        self.report = nil
        report?(.broken(failure))
    }

    private func write(_ bytes: [UInt8]) {
        guard let context else { return }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }
}
