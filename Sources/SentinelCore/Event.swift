public import Addressing
public import MonotonicTime

/// One connection that the core asked for. Never used twice, so that nothing said on a former
/// connection can be taken for the present one's.
public struct LinkID: Hashable, Sendable {
    public var number: UInt32

    @inlinable
    public init(number: UInt32) {
        self.number = number
    }
}

/// A question or an order that came in from outside and that one ``Effect/reply(_:_:)`` or
/// ``Effect/respond(_:_:)`` answers. The driver numbers them.
public struct QueryID: Hashable, Sendable {
    public var number: UInt64

    @inlinable
    public init(number: UInt64) {
        self.number = number
    }
}

/// Everything that can happen to ``Sentinel``. What is large lies apart, so that ticks and the
/// answers to pings, which are most of it, are small.
public enum Event: Equatable, Sendable {
    /// Time passed: at the latest ``Sentinel/tickPeriod(at:)`` after the last one.
    case tick
    /// The connection stands and is authenticated (and subscribed, for a subscription).
    case linkOpened(LinkID)
    /// The connection could not be made, or ended. The link is gone.
    case linkClosed(LinkID, LinkFailure)
    /// The answer to a ``Effect/request(_:_:)`` on this link.
    case replied(LinkID, Reply)
    /// A message on the hello channel of a subscription. Bytes that are not UTF-8 are repaired by
    /// the driver; the text may be anything.
    case heard(LinkID, String)
    /// A peer asked or told us something over a connection that it opened and authenticated.
    indirect case asked(QueryID, PeerMessage)
    /// A hello published to our own port, as Sentinels do; anything may stand in the text.
    case published(String)
    /// The driver saw the process of a local server end (``Effect/watchProcess(_:processID:)``).
    case processEnded(Endpoint, processID: Int32)
    /// The state of this sequence number, and all before it, is durable.
    case persisted(sequence: UInt64)
    /// The state could not be made durable. Nothing that depends on it will be sent.
    case persistFailed(sequence: UInt64, reason: String)
    /// An operator orders a failover of a group whose primary may be healthy
    /// (`SENTINEL FAILOVER`).
    indirect case failoverOrdered(QueryID, group: String, FailoverOrder)
    /// An operator orders a pause, or its end (`SENTINEL PAUSE`, `SENTINEL RESUME`).
    case pauseOrdered(QueryID, group: String, PauseOrder)
}

/// Why a link is gone, as far as it matters to a decision or to an operator.
public enum LinkFailure: Equatable, Sendable {
    /// Nobody listens there.
    case refused
    /// The other end closed or reset the connection.
    case closed
    /// No answer in time, or no way there.
    case unreachable
    /// The other end did not accept our password or secret. The text is its own.
    case denied(String)
    /// The other end does not speak the protocol, or spoke beyond its limits.
    case confused(String)
    /// No TLS came about: whose certificate or which rule is in the way, in words.
    case insecure(String)
    /// We closed it ourselves.
    case requested
}

/// What came back for a ``Request``. `sentAt` is the request's own, so that it is known which
/// answers are younger than an event.
public enum Reply: Equatable, Sendable {
    /// `+PONG`, `-LOADING` or `-MASTERDOWN`: the process is alive (Sentinel behaviour).
    case pong(sentAt: Instant)
    /// Any other answer to `PING`: alive, but not well (`-BUSY`, `-MISCONF`, `-NOAUTH` …).
    case pongRefused(sentAt: Instant, error: String)
    indirect case report(sentAt: Instant, ServerReport)
    /// `INFO` was answered with an error, or with text that is not a report.
    case reportRefused(sentAt: Instant, error: String)
    /// A hello was published; nothing depends on it.
    case published
    /// The answer to ``Request/promote(sentAt:)`` or ``Request/follow(_:sentAt:)``; `error` is the
    /// server's own text.
    case reconfigured(sentAt: Instant, error: String?)
    /// The answer to ``Request/pauseWrites(_:sentAt:)``; `error` is the server's own text.
    case paused(sentAt: Instant, error: String?)
    /// The answer to ``Request/resumeWrites(sentAt:)``.
    case resumed(sentAt: Instant)
    /// The answer to ``Request/limitWrites(_:_:sentAt:)``; `error` is the server's own text.
    case limited(sentAt: Instant, error: String?)
    indirect case peer(PeerReply, sentAt: Instant)
}
