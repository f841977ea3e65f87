public import Addressing
public import MonotonicTime

/// Everything that a node is told before it starts; nothing in it changes while it runs.
public struct Settings: Equatable, Sendable {
    /// Another host that runs Baton.
    public struct Peer: Equatable, Sendable {
        /// As in `baton host NAME ADDRESS node`.
        public var name: String
        public var endpoint: Endpoint

        public init(name: String, endpoint: Endpoint) {
            self.name = name
            self.endpoint = endpoint
        }
    }

    /// One primary and its replicas.
    public struct Group: Equatable, Sendable {
        /// Sentinel's master name.
        public var name: String
        /// The configured primary; the state file's knows better once there was a failover.
        public var primary: Endpoint
        /// How many voters must see the primary down. At least 1. A failover needs, beside, the
        /// votes of a majority.
        public var quorum: Int
        /// How long a server may be silent before this node takes it for down.
        public var downAfter: Interval = .seconds(30)
        /// Bounds a promotion and the re-pointing of the replicas.
        public var failoverTimeout: Interval = .seconds(180)
        /// How many replicas may synchronise with the new primary at the same time. At least 1.
        public var parallelSyncs: Int = 1
        /// Whether the end of the primary's process, seen by its own host, counts as down at once.
        public var trustsEvidence: Bool = true
        /// The group has a write address, which only a host with the voters' lease may hold. A
        /// replica is chosen only where a reachable node runs, and that node promotes it, once it
        /// has the lease.
        public var isLeased: Bool = false
        /// What the servers' `min-replicas-…` are kept at; `nil`: they are left alone.
        public var writeSafety: WriteSafety?

        public init(name: String, primary: Endpoint, quorum: Int) {
            self.name = name
            self.primary = primary
            self.quorum = quorum
        }
    }

    /// What peers and servers know this node by.
    public var name: String
    public var endpoint: Endpoint
    /// The other nodes. The membership is declared, never discovered: a host that is not listed
    /// has no vote.
    public var peers: [Peer]
    public var groups: [Group]
    /// This host's own addresses: a server at one of them is this node's to watch and to correct.
    public var localAddresses: [IPAddress]
    /// Write and read addresses. A replica that seems to connect from one of them is not a server.
    public var virtualAddresses: [IPAddress]
    /// Nodes agree on numbered voter sets, and this is what the file declares: every node of it,
    /// and L. `nil`: nothing is agreed on, the nodes listed here vote (Sentinel behaviour).
    public var declaredVoters: VoterSet? {
        didSet { declaredDigest = declaredVoters?.digest ?? 0 }
    }
    /// Of ``declaredVoters``, told with each greeting; 0 without.
    private(set) var declaredDigest: UInt64 = 0
    /// Tells files apart that say different things about the cluster; 0 where nobody compares.
    public var configurationDigest: UInt64 = 0
    /// Say hello through the servers, and believe what is heard there, as Sentinels do: needed
    /// with a real Sentinel among the peers. Whoever may publish on a server can forge such a
    /// hello, so nodes that all are Baton speak over their own authenticated links alone.
    public var gossipsThroughServers = false

    public init(
        name: String, endpoint: Endpoint, peers: [Peer], groups: [Group],
        localAddresses: [IPAddress], virtualAddresses: [IPAddress] = []
    ) {
        self.name = name
        self.endpoint = endpoint
        self.peers = peers
        self.groups = groups
        self.localAddresses = localAddresses
        self.virtualAddresses = virtualAddresses
    }
}
