import MonotonicTime
import SentinelCore

/// What travels over a connection.
enum Payload: Sendable {
    case request(Request)
    case reply(Reply)
    /// A message on the hello channel.
    case heard(String)
    /// The target took the connection and accepted our name and secret.
    case accepted
    /// Nobody listens.
    case refused
    /// The other end is gone; unlike data it is not sent again when it is lost.
    case reset
    /// The opener closed the connection after everything before this.
    case finished
}

/// What is under way in one direction, in order.
struct Stream: Sendable {
    struct Segment: Sendable {
        var arrival: Moment
        var payload: Payload
    }

    private var segments: [Segment] = []
    private var first = 0
    /// The path is cut, and the sender has tried in vain since then.
    private var stalledSince: Moment?
    /// The wait before the next retransmission.
    private var backoff = Network.retransmission

    var isEmpty: Bool { first == segments.count }
    var nextArrival: Moment { segments[first].arrival }
    var lastArrival: Moment {
        segments.isEmpty ? .zero : segments[segments.count - 1].arrival
    }

    mutating func append(_ segment: consuming Segment) {
        segments.append(segment)
    }

    mutating func takeFirst() -> Payload {
        if segments.count == 1 {
            // As it mostly is; so it is moved out, not copied.
            forgetStall()
            return segments.removeLast().payload
        }
        let payload = segments[first].payload
        first += 1
        if first == segments.count { clear() }
        forgetStall()
        return payload
    }

    /// The path is cut: how long the sender waits before it tries again, each time twice as long;
    /// `nil` when it gives up.
    mutating func stall(at now: Moment) -> Interval? {
        let since = stalledSince ?? now
        stalledSince = since
        guard now - since <= Network.patience else { return nil }
        defer { backoff = min(backoff * 2, .seconds(5)) }
        return backoff
    }

    mutating func clear() {
        segments.removeAll(keepingCapacity: true)
        first = 0
        forgetStall()
    }

    private mutating func forgetStall() {
        stalledSince = nil
        backoff = Network.retransmission
    }
}

/// One connection from a node to a server or to another node.
struct Connection: Sendable {
    enum Target: Equatable, Sendable {
        case server(Int)
        case subscription(Int)
        case peer(Int)
        /// An address at which there never was anything.
        case nowhere
    }

    enum Stage: Sendable {
        case free, connecting, open
        /// The opener has closed it, or died; what it sent before may still be under way.
        case closing
    }

    /// An answer that a peer owes, in the order of the questions.
    struct Owed: Sendable {
        var query: UInt64
        var sentAt: Instant
        var reply: Reply?
    }

    var generation: UInt32 = 0
    var stage = Stage.free
    var link = LinkID(number: 0)
    var client = 0
    var target = Target.nowhere
    var targetHost = 0
    /// The target's process is listening to this connection.
    var isAccepted = false
    /// The target's process, or its host, has died since.
    var isTargetGone = false
    /// An arrival is scheduled, or waits for a stopped process.
    var isOutwardDue = false
    var isInwardDue = false
    var outward = Stream()
    var inward = Stream()
    var owed: [Owed] = []

    /// Begins a new use of the slot.
    mutating func begin(
        _ link: LinkID, from client: Int, to target: Target, at targetHost: Int
    ) {
        stage = .connecting
        self.link = link
        self.client = client
        self.target = target
        self.targetHost = targetHost
        isAccepted = false
        isTargetGone = false
        isOutwardDue = false
        isInwardDue = false
        outward.clear()
        inward.clear()
        owed.removeAll(keepingCapacity: true)
    }
}
