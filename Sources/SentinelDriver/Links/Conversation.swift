internal import SentinelCore

/// One connection's conversation with a server or a node, without a socket: bytes in, signals and
/// bytes out.
protocol Conversation: SendableMetatype {
    associatedtype Signal: ConversationSignal

    /// The bytes that open it, once it is connected.
    mutating func greeting() -> [UInt8]

    /// Takes the bytes that no call has consumed yet and appends what they mean; returns how many
    /// are consumed.
    mutating func receive(_ unread: RawSpan, signals: inout [Signal]) -> Int
}

/// What becomes of a connection's bytes.
protocol ConversationSignal {
    /// The handshake is over, and requests may be made.
    var isOpening: Bool { get }
    /// Why the connection is of no use any more and must be closed; `nil` in any other signal.
    var failure: LinkFailure? { get }

    static func broken(_ failure: LinkFailure) -> Self
}

/// The signals of a conversation with a server or a Sentinel.
enum LinkSignal<Reply: Equatable>: Equatable, ConversationSignal {
    case opened
    case replied(Reply)
    /// A message on the hello channel.
    case heard(String)
    /// The connection is of no use any more and must be closed.
    case broken(LinkFailure)

    var isOpening: Bool { self == .opened }

    var failure: LinkFailure? {
        switch self {
        case .broken(let failure): failure
        case .opened, .replied, .heard: nil
        }
    }
}

extension LinkSignal: Sendable where Reply: Sendable {}
