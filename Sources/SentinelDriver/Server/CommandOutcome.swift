internal import RESP
internal import SentinelCore

/// What a client's request comes to.
enum CommandOutcome: Equatable {
    /// The replies; nearly always one.
    case replies([RESPValue])
    /// Answered by the node.
    case tell(PeerMessage)
    /// Answered by the node.
    case failover(group: String, FailoverOrder)
    /// Ask the core to pause or resume a group, and reply with its answer.
    case pause(group: String, PauseOrder)
    /// A node introduces itself with this nonce.
    case introduce([UInt8])
    /// A hello was published here; to be answered with 1.
    case hello(String)
    /// Closed after this reply, or without one.
    case close(RESPValue?)

    static func reply(_ value: RESPValue) -> CommandOutcome { .replies([value]) }

    static let ok = CommandOutcome.reply(.simple("OK"))

    static func refuse(_ text: String) -> CommandOutcome { .reply(.failure(text)) }

    static func wrongArgumentCount(_ command: String) -> CommandOutcome {
        .refuse("ERR wrong number of arguments for '\(command)' command")
    }
}
