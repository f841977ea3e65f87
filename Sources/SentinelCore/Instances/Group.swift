package import Addressing
import MonotonicTime

/// One primary and its replicas as this node sees them.
///
/// Invariants: the primary is one of `servers`; `views` has one entry a peer; `configEpoch` and
/// `votedEpoch` never shrink.
package struct Group: Sendable {
    package let settings: Settings.Group
    /// Index of the primary in `servers`.
    package var primary: Int
    package var configEpoch: Epoch
    var votedEpoch: Epoch
    var votedFor: RunID?
    /// When it voted; after a restart, when it started.
    var votedAt: Instant
    /// It voted for a failover that an operator ordered: the present primary is well.
    var votedByOrder = false
    /// What an operator wants of the failover under way; `nil` when none ordered it.
    var order: FailoverOrder?
    /// What the journal is to say of the failover under way, or of the last one.
    var record: FailoverRecord?
    /// Since when nobody answers for the write address, for the record.
    var unheldSince: Instant?
    /// The failover under way is to confirm the present primary in a newer epoch.
    var isIncumbency = false
    /// Of the write address; unused where the group has none.
    package var tenure = Tenure()
    /// In the order in which they became known; none is ever removed while the node runs.
    package var servers: [Server]
    /// Parallel to the node's peers.
    package var views: [PeerView]
    package var isObjectivelyDown = false
    package var failover: Failover = .none
    /// Failed attempts in a row.
    var attempts = 0
    /// No failover starts before this.
    var notBefore: Instant
    /// The history that the primary last reported: a replica of another one is a stranger.
    var replicationID: RunID?
    /// The history before the last promotion: replicas that were not yet re-pointed still have it.
    var formerReplicationID: RunID?
    /// Whether operators want it left alone; `nil` before the first word.
    package var pause: Pause?
    /// Who waits for this to be stored.
    var pauseQuery: PauseQuery?
    /// How far the replicas were known to be.
    var reached = ReachWatch()
    /// The same by the voters that elected this node.
    var votedReaches: [Reach] = []
    /// One of them may have missed what the primary took.
    var hasBlindVote = false

    init(settings: Settings.Group, state: PersistentState.Group, peers: Int, now: Instant) {
        self.settings = settings
        primary = 0
        configEpoch = state.configEpoch
        votedEpoch = state.votedEpoch
        votedFor = state.votedFor
        votedAt = now
        tenure.grant = state.grant
        if let grant = state.grant, grant.epoch >= state.configEpoch { tenure.renewedAt = now }
        tenure.hasBeenHeld = state.hasBeenHeld
        if let word = state.pause {
            pause = Pause(word: word, until: word.isPaused ? word.length.map { now + $0 } : nil)
        }
        servers = []
        views = Array(repeating: PeerView(), count: peers)
        notBefore = now
    }

    package var primaryEndpoint: Endpoint { servers[primary].endpoint }

    package func index(of endpoint: Endpoint) -> Int? {
        servers.firstIndex { $0.endpoint == endpoint }
    }

    var name: String { settings.name }

    /// The primary works, as far as this node sees, but no host may answer for the write address
    /// any more: its node has released the lease, or does not renew it.
    var isUnserved: Bool { settings.isLeased && tenure.freeSince != nil }

    /// Baton leaves it alone.
    package var isPaused: Bool { pause?.word.isPaused ?? false }

    /// The primary is this host's and not down: what a holder's host must be able to say. In a
    /// pause it may be down, for it is somebody's doing.
    package var isPrimaryHere: Bool {
        servers[primary].isLocal && (!servers[primary].isDown || isPaused)
    }

    /// Whether the primary says that it is one; `nil` before it has spoken.
    package var saysPrimary: Bool? { servers[primary].report?.isPrimary }

    /// The group needs another primary, in this node's eyes.
    package var isPrimaryLost: Bool { servers[primary].isDown || isUnserved }

    func subject(_ server: Int) -> Announcement.Subject {
        server == primary
            ? .primary(group: name, primaryEndpoint)
            : .replica(servers[server].endpoint, group: name, primary: primaryEndpoint)
    }

    /// At most this many servers a group: a report that lists more is nonsense, and each costs two
    /// connections.
    static let serversMax = 128
}
