/// What a server's message is to a proxy.
public enum ReplyKind: Equatable, Sendable {
    /// The answer to a request.
    case value
    /// The answer to a request, and an error: a line that begins with `-`, or RESP3's `!`.
    case error
    /// RESP3's message without a request.
    case push
}

/// What a framer made of the bytes of a connection that follow the last whole reply.
public enum FramedReply: Equatable, Sendable {
    /// A whole reply, of as many bytes that were not discarded.
    case whole(byteCount: Int, ReplyKind)
    /// The bytes end first. The first `passableByteCount` of them may be passed on before the
    /// others come, if ``ReplyFramer/discard(_:)`` is told; what lies behind is part of a line,
    /// and is fed again. The kind is known once any are passable.
    case partial(passableByteCount: Int, ReplyKind)
}
