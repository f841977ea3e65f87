#if TLS
internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// The end of a stream's pipeline that the wire is at: keeps what is to be sent.
final class TLSWireEnd: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private(set) var context: ChannelHandlerContext?
    var outgoing = ByteBuffer()
    /// Whether the library has given the connection up.
    private(set) var isClosed = false

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    /// Copied: the library writes the next record into the same memory once nobody else has it.
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var bytes = unwrapOutboundIn(data)
        outgoing.writeBuffer(&bytes)
        promise?.succeed(())
    }

    func flush(context: ChannelHandlerContext) {}

    func close(
        context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?
    ) {
        isClosed = true
        context.close(mode: mode, promise: promise)
    }
}

/// The end of a stream's pipeline that the program is at: hands out what was decrypted.
final class TLSPlainEnd: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private(set) var context: ChannelHandlerContext?
    private(set) var isOpen = false
    private(set) var hasEnded = false
    private(set) var failure: TLSFailure?
    /// Where the call that is under way wants its bytes.
    var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    var filledByteCount = 0

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        bytes.withUnsafeReadableBytes { bytes in
            guard bytes.count <= memory.count - filledByteCount else {
                return fail(TLSFailure.library("it decrypts to more than it is"))
            }
            UnsafeMutableRawBufferPointer(rebasing: memory[filledByteCount...])
                .copyMemory(from: bytes)
            filledByteCount += bytes.count
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted: isOpen = true
        case ChannelEvent.inputClosed: hasEnded = true
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error)
    }

    /// The first reason is the one.
    func fail(_ error: any Error) {
        guard failure == nil else { return }
        failure = (error as? TLSFailure) ?? .library(TLSErrorText.text(error))
    }
}
#endif
