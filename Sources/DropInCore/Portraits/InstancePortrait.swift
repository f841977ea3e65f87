public import MonotonicTime
public import SentinelCore

/// One instance as `SENTINEL MASTER`, `REPLICAS` and `SENTINELS` show it. Ages are counted back
/// from now.
public struct InstancePortrait: Equatable, Sendable {
    /// What only this kind of instance shows.
    public enum Kind: Equatable, Sendable {
        case master(MasterFacts)
        case replica(ReplicaFacts)
        case sentinel(SentinelFacts)
    }

    public var kind: Kind
    public var name: String
    /// As clients are shown it: the address, or the name with `announce-hostnames`.
    public var host: String
    public var port: UInt16
    public var runID: RunID?
    /// Sentinel's words, in its order.
    public var flags: [String]
    public var pendingCommandCount = 0
    public var linkReferenceCount = 1
    /// Sentinel's word; `nil` without a failover.
    public var failoverState: String?
    public var lastPingSent: Interval = .zero
    public var lastOkPingReply: Interval = .zero
    public var lastPingReply: Interval = .zero
    /// `nil` while it is not down.
    public var subjectivelyDownFor: Interval?
    public var objectivelyDownFor: Interval?
    public var downAfter: Interval
    /// Masters and replicas; `nil` of a Sentinel.
    public var role: RoleFacts?

    public init(
        kind: Kind, name: String, host: String, port: UInt16, runID: RunID?, flags: [String],
        downAfter: Interval
    ) {
        self.kind = kind
        self.name = name
        self.host = host
        self.port = port
        self.runID = runID
        self.flags = flags
        self.downAfter = downAfter
    }
}

/// What masters and replicas report by `INFO`.
public struct RoleFacts: Equatable, Sendable {
    /// `nil`: never.
    public var infoAge: Interval?
    public var reportsMaster: Bool
    public var reportedFor: Interval

    public init(infoAge: Interval?, reportsMaster: Bool, reportedFor: Interval) {
        self.infoAge = infoAge
        self.reportsMaster = reportsMaster
        self.reportedFor = reportedFor
    }
}

/// What only a master shows.
public struct MasterFacts: Equatable, Sendable {
    public var configEpoch: Epoch
    public var replicaCount: Int
    /// Without this one.
    public var sentinelCount: Int
    public var settings: MasterSettings

    public init(
        configEpoch: Epoch, replicaCount: Int, sentinelCount: Int, settings: MasterSettings
    ) {
        self.configEpoch = configEpoch
        self.replicaCount = replicaCount
        self.sentinelCount = sentinelCount
        self.settings = settings
    }
}

/// What only a replica shows.
public struct ReplicaFacts: Equatable, Sendable {
    public var linkDownFor: Interval = .zero
    public var isLinkUp = false
    /// What it follows by its own word; `nil`: `?`.
    public var followedHost: String?
    public var followedPort: UInt16 = 0
    public var priority = 100
    public var offset: UInt64 = 0
    public var isAnnounced = true

    public init() {}
}

/// What only another Sentinel shows.
public struct SentinelFacts: Equatable, Sendable {
    public var lastHello: Interval
    /// `nil`: `?`.
    public var votedLeader: RunID?
    public var votedLeaderEpoch: Epoch

    public init(lastHello: Interval, votedLeader: RunID?, votedLeaderEpoch: Epoch) {
        self.lastHello = lastHello
        self.votedLeader = votedLeader
        self.votedLeaderEpoch = votedLeaderEpoch
    }
}
