import MonotonicTime
import SentinelCore

/// A primary, its replicas and the other Sentinels that watch them.
struct Group: Sendable {
    let key: GroupKey
    var settings: MasterSettings
    /// The primary first, then the replicas in the order in which they became known. Changed as a
    /// whole only, so that a place in it stays the same server's.
    var servers: [Server]
    /// In the order in which they became known.
    var peers: [Peer] = []

    var configEpoch: Epoch = 0
    /// The newest epoch in which this node voted, and for whom: one vote an epoch.
    var leaderEpoch: Epoch = 0
    var leader: RunID?
    /// With what number the vote is durable.
    var voteSequence: UInt64 = 0

    var objectivelyDownSince: Instant?
    var failover = Failover.none
    /// Meaningful while there is a failover.
    var failoverEpoch: Epoch = 0
    /// Ordered by a client: no election.
    var isForced = false
    /// Ordered by a client, with an election and without loss: the primary hands over itself.
    var isCoordinated = false
    /// When the state of the failover last changed.
    var failoverChangedAt: Instant
    /// When it began, or when another got this node's vote; `nil`: nothing holds one up.
    var failoverStart: Instant?
    /// What `failoverStart` was when the delay was last logged.
    var delayLoggedFor: Instant?
    /// Whom this node voted for at `failoverStart`; `nil`: it tried itself.
    var obstacle: RunID?
    /// How many tries in a row came to nothing.
    var failedTries = 0
    /// Not before this is it tried again; `nil`: as Sentinel waits.
    var retryAt: Instant?

    init(key: GroupKey, settings: MasterSettings, primary: Server, at now: Instant) {
        self.key = key
        self.settings = settings
        servers = [primary]
        failoverChangedAt = now
    }

    /// Looked after more often: seconds count.
    var isHot: Bool { servers[0].condition.isDown || failover != .none }

    /// The server that a failover promotes or promoted.
    var promoted: Int? { failover.promoted }

    /// The primary, or the promoted server as soon as it is one: what others are told.
    var currentPrimary: Int {
        switch failover {
        case .reconfigureReplicas(let server), .updateConfig(let server): server
        case .none, .waitStart, .selectReplica, .sendReplicaOfNoOne, .waitPromotion: 0
        }
    }

    /// All who ever were seen since the last reset have a voice, this node as well.
    var voterCount: Int { peers.count + 1 }
}
