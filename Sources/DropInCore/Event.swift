public import Addressing
public import SentinelCore

/// One group for as long as it is monitored. Never used twice.
public struct GroupKey: Hashable, Comparable, Sendable {
    public var number: UInt32

    public init(number: UInt32) {
        self.number = number
    }

    public static func < (left: GroupKey, right: GroupKey) -> Bool { left.number < right.number }
}

/// Everything that can happen to a ``DropIn``.
public enum DropInEvent: Equatable, Sendable {
    /// The first event of a life.
    case started
    /// Time passed: at the latest ``DropIn/tickPeriod(at:)`` after the last one.
    case tick
    /// The connection stands; `local` is this host's end of it.
    case linkOpened(LinkID, local: IPAddress?)
    /// The connection could not be made, or ended. The link is gone.
    case linkClosed(LinkID, LinkFailure)
    /// The answer to a ``DropInEffect/request(_:_:names:)`` on this link.
    indirect case replied(LinkID, DropInReply)
    /// A message on the hello channel of a subscription. Anything may stand in the text.
    case heard(LinkID, String)
    /// A hello that was published to our own port. Anything may stand in the text.
    case published(String)
    /// Another Sentinel asks.
    indirect case asked(QueryID, DownQuestion)
    /// A client orders.
    indirect case ordered(QueryID, Order)
    /// What a name came to; `nil`: nothing.
    case resolved(String, IPAddress?)
    /// The state of this sequence number is durable.
    case persisted(sequence: UInt64)
    case persistFailed(sequence: UInt64, reason: String)
    case scriptStarted(ScriptID, processID: Int32)
    case scriptEnded(ScriptID, ScriptEnding)
}

/// What came back for a ``DropInRequest``.
public enum DropInReply: Equatable, Sendable {
    /// `+PONG`.
    case pong
    /// `-LOADING` or `-MASTERDOWN`: the process is alive.
    case alive
    /// Any other answer to `PING`.
    case pongRefused(isBusy: Bool)
    case report(InstanceReport)
    /// `INFO` was answered with something else.
    case reportRefused
    /// `nil`: the answer to ``DropInRequest/askDown(_:group:)`` was none.
    case down(DownAnswer?, group: GroupKey)
    /// Anything else, on which nothing depends: so many replies.
    case noted(count: Int)
}
