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

    init(settings: Settings.Group, state: PersistentState.Group, peers: Int, now: Instant) {
        self.settings = settings
        primary = 0
        configEpoch = state.configEpoch
        votedEpoch = state.votedEpoch
        votedFor = state.votedFor
        votedAt = now
        servers = []
        views = Array(repeating: PeerView(), count: peers)
        notBefore = now
    }

    package var primaryEndpoint: Endpoint { servers[primary].endpoint }

    package func index(of endpoint: Endpoint) -> Int? {
        servers.firstIndex { $0.endpoint == endpoint }
    }

    var name: String { settings.name }

    func subject(_ server: Int) -> Announcement.Subject {
        server == primary
            ? .primary(group: name, primaryEndpoint)
            : .replica(servers[server].endpoint, group: name, primary: primaryEndpoint)
    }

    /// At most this many servers a group: a report that lists more is nonsense, and each costs two
    /// connections.
    static let serversMax = 128
}
