#if TLS
internal import NIOCore
internal import NIOEmbedded
internal import NIOSSL
#endif

#if TLS
/// One connection's TLS, as a transform of bytes: what the wire brought goes in and what it means
/// comes out, what is to be said goes in and what the wire is to carry comes out. It has no socket,
/// no clock and no thread; whoever makes it uses it, on one thread.
///
///     handshaking ──▶ open ──▶ ended (the peer says no more) ──▶ …
///          └────────────┴─────────▶ broken
///
/// The library is swift-nio-ssl, which knows TLS only as a handler of a NIO channel; so each stream
/// has an `EmbeddedChannel`, a channel without a socket, in which everything happens within the
/// call. The other way, a pair of sockets to a NIO channel that speaks TLS, costs two more trips
/// through the kernel and a second thread for each request, and hides from the reactor what the
/// peer's kernel has taken.
public final class TLSStream {
    private let loop = EmbeddedEventLoop()
    private let channel: EmbeddedChannel
    private let wire = TLSWireEnd()
    private let plain = TLSPlainEnd()

    /// A stream with a client that has connected.
    public convenience init(accepting context: TLSServerContext) {
        self.init(NIOSSLServerHandler(context: context.context))
    }

    /// A stream with a server that was connected to; there is something to send at once.
    public convenience init(joining context: TLSClientContext) throws(TLSFailure) {
        do {
            self.init(try NIOSSLClientHandler(context: context.context, serverHostname: nil))
        } catch {
            throw .library(TLSErrorText.text(error))
        }
    }

    private init(_ handler: NIOSSLHandler) {
        channel = EmbeddedChannel(loop: loop)
        let pipeline = channel.pipeline.syncOperations
        do {
            // A peer that says no more may still be answered, as without TLS.
            try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
            try pipeline.addHandlers([wire, handler, plain])
        } catch {
            plain.fail(error)
        }
        pipeline.fireChannelActive()
    }

    /// Sends what TLS has to say at the end, unless nothing can be said, and lets go of everything.
    deinit {
        close()
        // The handler waits for the peer's farewell for so long, in the time of this loop.
        loop.advanceTime(by: .minutes(1))
        loop.run()
    }

    /// Whether both sides know each other, and bytes can be exchanged.
    public var isOpen: Bool { plain.isOpen && failure == nil && !isClosed }
    /// Whether the peer has said, within TLS, that it says no more.
    public var hasEnded: Bool { plain.hasEnded }
    /// Why it is of no use any more.
    public var failure: TLSFailure? {
        if let failure = plain.failure { return failure }
        // A record that could not be written is said to nobody.
        return wire.isClosed && !isClosed ? .library("the library gave it up") : nil
    }
    private var isClosed = false

    /// Bytes that a call of ``receive(_:into:)`` may bring beyond those that it was given: the
    /// record of which a part came before. 2^14 + 2048 is the most that a record may be (RFC 5246
    /// section 6.2.3), with its header of 5.
    public static let recordByteCountMax = 16_384 + 2048 + 5

    /// Takes what the wire brought, and puts what it means into `memory`, which must have room for
    /// ``recordByteCountMax`` more than `ciphertext` has. Returns how many bytes those are.
    ///
    /// There may be something to send then, whatever the result.
    public func receive(
        _ ciphertext: UnsafeRawBufferPointer, into memory: UnsafeMutableRawBufferPointer
    ) -> Int {
        guard failure == nil, !isClosed, !hasEnded, let context = wire.context else { return 0 }
        plain.memory = memory
        plain.filledByteCount = 0
        defer { plain.memory = UnsafeMutableRawBufferPointer(start: nil, count: 0) }
        // In pieces: the handler keeps memory for as much as it was ever given at once.
        for start in stride(from: 0, to: ciphertext.count, by: Self.pieceByteCount) {
            let piece = ciphertext[start..<min(start + Self.pieceByteCount, ciphertext.count)]
            // Its own size, since of an unfinished record it lives on.
            var buffer = channel.allocator.buffer(capacity: piece.count)
            buffer.writeBytes(piece)
            context.fireChannelRead(NIOAny(buffer))
            context.fireChannelReadComplete()
            guard failure == nil, !hasEnded else { break }
        }
        return plain.filledByteCount
    }

    /// Encrypts bytes, which then wait to be taken. Nothing before it is open.
    public func send(_ plaintext: UnsafeRawBufferPointer) {
        guard isOpen, !plaintext.isEmpty, let context = plain.context else { return }
        var buffer = channel.allocator.buffer(capacity: plaintext.count)
        buffer.writeBytes(plaintext)
        context.writeAndFlush(NIOAny(buffer), promise: nil)
    }

    /// Says that nothing more is said; what that takes on the wire waits to be taken.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        channel.close(mode: .all, promise: nil)
    }

    /// How many bytes wait to be taken.
    public var outgoingByteCount: Int { wire.outgoing.readableBytes }

    /// Shows what is to be sent, and drops as much from its front as the body returns.
    public func takeOutgoing(_ body: (UnsafeRawBufferPointer) -> Int) {
        guard outgoingByteCount > 0 else { return }
        let count = wire.outgoing.withUnsafeReadableBytes(body)
        wire.outgoing.moveReaderIndex(forwardBy: count)
        guard outgoingByteCount == 0 else { return }
        if wire.outgoing.capacity > Self.idleByteCountMax {
            wire.outgoing = ByteBuffer()
        } else {
            wire.outgoing.clear()
        }
    }

    /// Memory of a queue that is kept when it is empty.
    private static let idleByteCountMax = 4096
    private static let pieceByteCount = 16 * 1024
}
#else
/// There is none in a Baton that was built without TLS: no context can be made for it.
public final class TLSStream {
    /// As with TLS.
    public static let recordByteCountMax = 16_384 + 2048 + 5

    /// A stream with a client that has connected.
    public init(accepting context: TLSServerContext) { preconditionFailure("built without TLS") }
    /// A stream with a server that was connected to.
    public init(joining context: TLSClientContext) throws(TLSFailure) { throw .notBuilt }

    /// Whether bytes can be exchanged.
    public var isOpen: Bool { false }
    /// Whether the peer has said that it says no more.
    public var hasEnded: Bool { true }
    /// Why it is of no use.
    public var failure: TLSFailure? { .notBuilt }
    /// How many bytes wait to be taken.
    public var outgoingByteCount: Int { 0 }
    /// Takes nothing.
    public func receive(
        _ ciphertext: UnsafeRawBufferPointer, into memory: UnsafeMutableRawBufferPointer
    ) -> Int { 0 }
    /// Sends nothing.
    public func send(_ plaintext: UnsafeRawBufferPointer) {}
    /// Nothing is open.
    public func close() {}
    /// There is nothing to take.
    public func takeOutgoing(_ body: (UnsafeRawBufferPointer) -> Int) {}
}
#endif
