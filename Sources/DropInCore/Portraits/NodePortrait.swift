public import MonotonicTime
public import SentinelCore

/// All that commands which only ask can show. Made anew for each of them.
public struct NodePortrait: Equatable, Sendable {
    public var id: RunID
    public var currentEpoch: Epoch
    /// How long it has been in TILT; `nil`: it is not.
    public var tiltedFor: Interval?
    public var simulation: FailureSimulation = []
    public var globals: GlobalSettings
    public var periods: Periods
    /// In the order of ``Ledger/entries``.
    public var groups: [GroupPortrait] = []

    public init(id: RunID, currentEpoch: Epoch, globals: GlobalSettings, periods: Periods) {
        self.id = id
        self.currentEpoch = currentEpoch
        self.globals = globals
        self.periods = periods
    }
}

/// One group.
public struct GroupPortrait: Equatable, Sendable {
    public var master: InstancePortrait
    public var replicas: [InstancePortrait] = []
    /// Without this one.
    public var sentinels: [InstancePortrait] = []
    /// For `GET-MASTER-ADDR-BY-NAME`: the promoted server's as soon as it is one.
    public var clientHost: String
    public var clientPort: UInt16
    /// Sentinels that can vote now, this one included (`CKQUORUM`).
    public var usableSentinelCount = 1
    /// For `INFO-CACHE`: the master's, then the replicas'; `nil`: none was received.
    public var reports: [CachedReport] = []

    public init(master: InstancePortrait, clientHost: String, clientPort: UInt16) {
        self.master = master
        self.clientHost = clientHost
        self.clientPort = clientPort
    }

    /// What a server last answered to `INFO`.
    public struct CachedReport: Equatable, Sendable {
        public var age: Interval
        public var text: String?

        public init(age: Interval, text: String?) {
            self.age = age
            self.text = text
        }
    }
}
