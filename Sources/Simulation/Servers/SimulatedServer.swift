import Addressing
import MonotonicTime
import SentinelCore

/// A model of one Redis server: what others can see of it, and how it gets and loses data.
struct SimulatedServer: Sendable {
    enum Role: Equatable, Sendable {
        case primary
        case replica(of: Endpoint)
    }

    /// A replica's link to its primary.
    enum Upstream: Equatable, Sendable {
        case down
        /// The data set is being replaced.
        case syncing
        case up
    }

    let host: Int
    let group: Int
    let endpoint: Endpoint

    var isRunning = false
    /// Stopped or stuck: the kernel accepts connections, the process answers nothing.
    var isHung = false
    /// It reads its data set from disk and says so.
    var isLoading = false
    /// Counts the starts of the process.
    var life: UInt32 = 0
    var processID: Int32 = 0
    var runID = RunID(high: 0, middle: 0, low: 0)

    /// What `CONFIG REWRITE` keeps, so a restarted server has the role that it had.
    var role: Role
    var upstream = Upstream.down
    var upstreamDownSince = Moment.zero
    /// It has had a link since its process began.
    var hasFollowed = false
    /// The life of the upstream process that the link was made with.
    var upstreamLife: UInt32 = 0
    /// When the primary was last heard over the link.
    var upstreamHeardAt = Moment.zero
    /// Makes void what was under way on a former link to the primary.
    var generation: UInt32 = 0
    var isReplicationDue = false
    /// A part of the stream was lost on the way and waits for its retransmission.
    var isStreamStuck = false
    /// What the part of the stream that is under way leads to.
    var offsetUnderWay: UInt64 = 0

    var history = 0
    var offset: UInt64 = 0
    /// The history before the promotion and how far it is shared (`master_replid2`).
    var formerHistory: History.Origin?
    /// What the disk holds after a power failure: the append-only file, fsynced every second.
    var durable = History.Origin(history: 0, offset: 0)
    /// `CLIENT PAUSE … WRITE` runs until then: clients that write wait.
    var writesPausedUntil: Moment?
    /// `min-replicas-to-write` and `min-replicas-max-lag`.
    var limit = WriteLimit(replicas: 0, lagSeconds: nil)
    /// Replicas heard lately enough, as of the last look.
    var goodReplicas = 0
    /// When its primary last heard it, in whole seconds of the primary's clock.
    var acknowledgedAt = 0
    /// What came in for a hung process, in order.
    var deferred: [Occurrence] = []

    init(host: Int, group: Int, endpoint: Endpoint, role: Role) {
        self.host = host
        self.group = group
        self.endpoint = endpoint
        self.role = role
    }

    var answers: Bool { isRunning && !isHung }
    var isServingPrimary: Bool { answers && !isLoading && role == .primary }

    /// Whether a replica that stands at `origin` needs only what it lacks of this server's data.
    func continues(_ origin: History.Origin) -> Bool {
        if origin.history == history { return origin.offset <= offset }
        guard let formerHistory else { return false }
        return origin.history == formerHistory.history && origin.offset <= formerHistory.offset
    }

    /// What `INFO` says, except the attached replicas.
    func report(histories: Histories, at now: Moment) -> ServerReport {
        var report: ServerReport
        switch role {
        case .primary:
            report = ServerReport(role: .primary)
        case .replica(let primary):
            report = ServerReport(role: .replica(of: primary))
            report.isLinkUp = upstream == .up
            report.isSyncing = upstream == .syncing
            report.hasFollowed = hasFollowed
            if upstream != .up {
                report.linkDownSeconds = Int((now - upstreamDownSince).nanoseconds / 1_000_000_000)
            }
        }
        report.runID = runID
        report.processID = processID
        report.replicationID = histories[history].id
        report.offset = offset
        if let formerHistory {
            report.formerReplicationID = histories[formerHistory.history].id
            report.formerOffset = formerHistory.offset
        }
        report.isLoading = isLoading
        report.version = "7.2.6"
        return report
    }
}
