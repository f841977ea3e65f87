public import Addressing

/// What a Redis or Valkey server said of itself in one `INFO` reply: the fields that decisions
/// are made of, and nothing else.
public struct ServerReport: Hashable, Sendable {
    /// What the server takes itself for.
    public enum Role: Hashable, Sendable {
        /// `role:master`.
        case primary
        /// `role:slave`.
        case replica(of: Endpoint)
    }

    /// One `slaveN:` line of a primary: where a replica connects from.
    public struct Attached: Hashable, Sendable {
        public var endpoint: Endpoint
        /// Bytes of the replication stream that it has acknowledged.
        public var offset: UInt64

        public init(endpoint: Endpoint, offset: UInt64) {
            self.endpoint = endpoint
            self.offset = offset
        }
    }

    /// `run_id`: this life of the process.
    public var runID: RunID?
    public var role: Role
    /// `process_id`, in the server's own process namespace; 0 when the server did not say.
    public var processID: Int32 = 0
    /// `master_replid`: the replication history that the server holds.
    public var replicationID: RunID?
    /// A replica's `slave_repl_offset`, a primary's `master_repl_offset`: bytes of that history.
    public var offset: UInt64 = 0
    /// `master_replid2` and `second_repl_offset` less one: the history that the server had before
    /// it was promoted, and how far it shares that.
    public var formerReplicationID: RunID?
    public var formerOffset: UInt64?
    /// `slave_priority`; 0 means never promote.
    public var priority: Int = 100
    /// `master_link_status:up`; always true on a primary.
    public var isLinkUp: Bool = true
    /// `master_link_down_since_seconds` while the link is down.
    public var linkDownSeconds: Int = 0
    /// False for a replica that has had no link since its process began
    /// (`master_link_down_since_seconds:-1`): its offset is its disk's, of whatever age.
    public var hasFollowed: Bool = true
    /// `master_sync_in_progress:1`: the data set is being replaced.
    public var isSyncing: Bool = false
    /// `loading:1`: the data set is being read from disk.
    public var isLoading: Bool = false
    /// `replica_announced`; false hides the replica from clients.
    public var isAnnounced: Bool = true
    /// `min_slaves_good_slaves`: replicas that were heard lately enough; `nil` where the server
    /// needs none to take writes.
    public var goodReplicas: Int?
    /// A primary's attached replicas, in the order of its report.
    public var attached: [Attached] = []
    /// `redis_version`, or `valkey_version` where the server gives one.
    public var version: String = ""

    public init(role: Role) {
        self.role = role
    }

    /// `repl_backlog_active:1`. A primary without one takes another `master_replid` when its first
    /// replica attaches.
    public var hasBacklog: Bool = true

    /// Whether the server says that it is a primary.
    public var isPrimary: Bool {
        switch role {
        case .primary: true
        case .replica: false
        }
    }
}
