public import MonotonicTime

/// What `sentinel.conf`, `SENTINEL MONITOR` and `SENTINEL SET` say of one group.
public struct MasterSettings: Equatable, Sendable {
    /// A command that the servers know by another name (`rename-command`).
    public struct RenamedCommand: Equatable, Sendable {
        public var original: String
        public var renamed: String

        public init(original: String, renamed: String) {
            self.original = original
            self.renamed = renamed
        }
    }

    /// Sentinel's master name: `A-z 0-9 . - _`.
    public var name: String
    /// At least 1.
    public var quorum: Int
    /// Default 30 s; for the replicas and the other Sentinels as well.
    public var downAfter: Interval = .seconds(30)
    /// Default 180 s.
    public var failoverTimeout: Interval = .seconds(180)
    /// At least 1.
    public var parallelSyncs = 1
    public var authUser: String?
    public var authPassword: String?
    /// Paths; `nil`: none.
    public var notificationScript: String?
    public var clientReconfigScript: String?
    /// In the order in which they were given.
    public var renamedCommands: [RenamedCommand] = []
    /// `master-reboot-down-after-period`; zero: a restart alone is no reason.
    public var rebootDownAfter: Interval = .zero

    public init(name: String, quorum: Int) {
        self.name = name
        self.quorum = quorum
    }
}
