import Addressing
import MonotonicTime
import SentinelCore

/// A primary or a replica.
struct Server: Sendable {
    var place: Place
    let connection: Int
    var runID: RunID?
    var condition = Condition()

    /// When the last report came; `nil`: never.
    var lastReport: Instant?
    /// When the request left that is not answered yet.
    var reportAskedAt: Instant?
    /// When the last request for one left.
    var lastReportAsked: Instant?
    /// When a hello was last published through it.
    var lastHello: Instant?

    var reportsPrimary: Bool
    /// Since when it reports that role.
    var roleSince: Instant
    /// Since when it reports the primary that it follows.
    var followsSince: Instant
    var followedHost: String?
    var followedPort: UInt16 = 0
    var isLinkUp = false
    /// By its last report; `zero` while the link is up.
    var linkDownFor = Interval.zero
    var priority = 100
    var offset: UInt64 = 0
    var isAnnounced = true
    /// `master_failover_state`; `nil` where it does not know `FAILOVER`.
    var failoverState: String?
    /// Its last report, whole.
    var reportText: String?

    /// Since when it is known to have begun a new life, until it answers as one that is ready.
    var rebootedAt: Instant?
    /// `SCRIPT KILL` was sent since it is down.
    var isScriptKillSent = false
    var reconfiguration = Reconfiguration.none

    /// How far the re-pointing to the new primary is, after a failover.
    enum Reconfiguration: Equatable, Sendable {
        /// Can transition to `sent`.
        case none
        /// Can transition to `inProgress`, or to `done` after a time-out.
        case sent(at: Instant)
        /// Follows the new primary but has not its data yet. Can transition to `done`.
        case inProgress
        case done

        var isUnderWay: Bool {
            switch self {
            case .sent, .inProgress: true
            case .none, .done: false
            }
        }
    }

    init(_ place: Place, connection: Int, isPrimary: Bool, at now: Instant) {
        self.place = place
        self.connection = connection
        reportsPrimary = isPrimary
        roleSince = now
        followsSince = now
    }
}

/// Whether an instance is subjectively down.
struct Condition: Equatable, Sendable {
    /// `nil` while it is not.
    var downSince: Instant?
    /// The last time when it went down, also once it is up again.
    var lastDown: Instant?

    var isDown: Bool { downSince != nil }

    mutating func goDown(at now: Instant) {
        downSince = now
        lastDown = now
    }

    mutating func comeUp() {
        downSince = nil
    }

    /// It did not go down within `period`, and is not.
    func isSound(for period: Interval, at now: Instant) -> Bool {
        guard let lastDown else { return true }
        return now - lastDown > period
    }
}
