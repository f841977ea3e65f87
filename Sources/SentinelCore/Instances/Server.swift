package import Addressing
package import MonotonicTime

/// One Redis or Valkey server as this node sees it.
package struct Server: Sendable {
    package let endpoint: Endpoint
    /// It runs on this host.
    package let isLocal: Bool

    var commands: Link
    var subscription: Link

    /// When the last `PING` left.
    var lastPing: Instant?
    /// When the oldest `PING` left that has no answer yet. Survives reconnections: a server that
    /// accepts connections and answers nothing is down.
    var unansweredSince: Instant?
    /// When the last valid answer to a `PING` came; at first, when the server became known.
    package var lastAnswer: Instant
    /// Whether it ever answered.
    package var hasAnswered = false

    var lastInfo: Instant?
    package var report: ServerReport?
    /// When the request of `report` left: what it says is at least as young as this.
    package var reportSentAt: Instant?
    /// Since when it reports its present role and whom it follows, without having been down.
    var roleSince: Instant
    var lastHello: Instant?

    /// Since when it is subjectively down.
    package var downSince: Instant?
    /// Its process ended: which life, and when this node learnt of it.
    var ended: (runID: RunID, at: Instant)?

    /// It is the primary and came back without the history that its replicas have: until then it is
    /// to be replaced, before they follow it and lose theirs.
    var rebornUntil: Instant?

    var reconfiguration: Reconfiguration = .none
    /// When it was last told to follow another server.
    var lastFollow: Instant?
    /// Since when this node asks the others whether a server that takes itself for the primary
    /// must be made a replica.
    var returnCheckSince: Instant?
    /// The last error it gave, so that each is logged once until it is well.
    var lastTrouble: String?
    /// Why it refuses to change its role, until it does.
    var lastRefusal: String?
    /// When it was last told how many replicas must hear it; `nil`: it must be told.
    var lastLimit: Instant?
    /// The names by which it is told.
    var limitNames = WriteLimit.Names.replicas
    /// Why it refuses that, until it does not.
    var lastLimitRefusal: String?

    /// How far the re-pointing to the new primary is, after a failover.
    enum Reconfiguration: Equatable, Sendable {
        /// Can transition to `sent`.
        case none
        /// Can transition to `inProgress`, or to `done` after a time-out.
        case sent(at: Instant)
        /// Follows the new primary but has not its data yet. Can transition to `done`.
        case inProgress
        case done
    }

    init(endpoint: Endpoint, isLocal: Bool, now: Instant) {
        self.endpoint = endpoint
        self.isLocal = isLocal
        commands = .closed(retryAt: now)
        subscription = .closed(retryAt: now)
        lastAnswer = now
        roleSince = now
    }

    package var isDown: Bool { downSince != nil }
    package var isConnected: Bool { commands.isOpen }

    /// What it says it follows; `nil` for a primary and before the first report.
    var following: Endpoint? {
        switch report?.role {
        case .replica(let primary): primary
        case .primary, nil: nil
        }
    }
}

/// What detection asks of a server: in place, because it is asked after every event.
extension Server {
    /// The end of its process is known and nothing younger speaks against it. While our own
    /// connection still stands, a ping that was sent on the news gets a moment to be answered.
    func isEnded(at now: Instant) -> Bool {
        guard let ended else { return false }
        return !commands.isOpen || now - ended.at >= Rhythm.evidenceConfirmation
    }

    /// How long it owes an answer; without a connection, since it last gave one.
    func silence(at now: Instant) -> Interval {
        now - (unansweredSince ?? (commands.isOpen ? now : lastAnswer))
    }

    /// It reports itself a replica, and has for longer than `period`.
    func hasBeenReplica(for period: Interval, at now: Instant) -> Bool {
        guard let report, !report.isPrimary else { return false }
        return now - roleSince > period
    }
}
