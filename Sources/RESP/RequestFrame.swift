/// Where one request lies in a connection's bytes; all offsets count from its first byte.
public struct RequestFrame: Equatable, Sendable {
    /// How the client wrote it.
    public enum Form: Sendable {
        /// An array of bulk strings, as every library writes.
        case array
        /// A line of words, as people type; its words may be quoted.
        case line
    }

    public var form: Form
    /// All bytes of the request, framing included.
    public var byteCount: Int
    /// The command's name counts as one: never 0.
    public var argumentCount: Int
    /// The command's name. In a line it may still hold quotes.
    public var name: Range<Int>
    /// The argument after the name, for commands with subcommands; empty when there is none.
    public var firstArgument: Range<Int>

    public init(
        form: Form, byteCount: Int, argumentCount: Int, name: Range<Int>,
        firstArgument: Range<Int>
    ) {
        self.form = form
        self.byteCount = byteCount
        self.argumentCount = argumentCount
        self.name = name
        self.firstArgument = firstArgument
    }
}

/// What a framer made of the bytes of a connection that follow the last whole request.
public enum FramedRequest: Equatable, Sendable {
    case whole(RequestFrame)
    /// A request that Redis passes over without a reply: an empty line, `*0`, `*-1`.
    case empty(byteCount: Int)
    /// The bytes end first. At least `missingByteCount` more, at least 1, must come before asking
    /// again can help. The first `passableByteCount` may be passed on before, if
    /// ``RequestFramer/discard(_:)`` is told: none until the command's name is known, which
    /// ``RequestFramer/head`` tells; what lies behind them is part of a line, and is fed again.
    case partial(missingByteCount: Int, passableByteCount: Int)
}
