public import MonotonicTime
public import SentinelCore

/// What a client wants changed, its form already checked: whatever can be refused without knowing
/// the state, the port has refused.
public enum Order: Equatable, Sendable {
    /// `SENTINEL MONITOR`. The place is resolved.
    case monitor(name: String, Place, quorum: Int)
    /// `SENTINEL REMOVE`.
    case remove(String)
    /// `SENTINEL SET`: all pairs up to the first that is wrong, which the port answers then.
    case set(String, [MasterOption])
    /// `SENTINEL RESET` of every name that the pattern matches.
    case reset(pattern: String)
    /// `SENTINEL FAILOVER`; coordinated: Valkey 9's, which pauses writes and loses none.
    case failover(String, isCoordinated: Bool)
    /// `SENTINEL CONFIG SET`.
    case configure([GlobalOption])
    /// `SENTINEL DEBUG` with pairs.
    case setPeriods([PeriodChange])
    /// `SENTINEL SIMULATE-FAILURE`.
    case simulateFailure(FailureSimulation)
    /// `SENTINEL FLUSHCONFIG`.
    case flush

    /// One pair of `SENTINEL DEBUG`.
    public struct PeriodChange: Equatable, Sendable {
        public var period: Period
        public var interval: Interval

        public init(period: Period, interval: Interval) {
            self.period = period
            self.interval = interval
        }
    }
}

/// One option of `SENTINEL SET`. `nil` in place of a path or a password takes it away.
public enum MasterOption: Equatable, Sendable {
    case downAfter(Interval)
    case failoverTimeout(Interval)
    case parallelSyncs(Int)
    case quorum(Int)
    case notificationScript(String?)
    case clientReconfigScript(String?)
    case authPassword(String?)
    case authUser(String?)
    /// The same name twice undoes it.
    case renamedCommand(MasterSettings.RenamedCommand)
    case rebootDownAfter(Interval)
}

/// One option of `SENTINEL CONFIG SET` that the core knows; `loglevel` is the driver's.
public enum GlobalOption: Equatable, Sendable {
    case resolvesHostnames(Bool)
    case announcesHostnames(Bool)
    case announceHost(String?)
    case announcePort(UInt16?)
    case sentinelUser(String?)
    case sentinelPassword(String?)
}

/// Where a process ends itself on purpose (exit code 99), for tests.
public struct FailureSimulation: OptionSet, Equatable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// `crash-after-election`.
    public static let crashAfterElection = FailureSimulation(rawValue: 1)
    /// `crash-after-promotion`.
    public static let crashAfterPromotion = FailureSimulation(rawValue: 2)
}

/// What comes of an ``Order``.
public enum OrderOutcome: Equatable, Sendable {
    /// Done, and saved where it must be.
    case done
    /// So many groups were reset.
    case reset(count: Int)
    case refused(OrderRefusal)
}

/// Why an ``Order`` was not carried out; the port has the words.
public enum OrderRefusal: Equatable, Sendable {
    case unknownMaster
    case duplicateName
    /// `INPROG`.
    case failoverInProgress
    /// `NOGOODSLAVE`.
    case noGoodReplica
    /// `NOGOODPRIMARY`: no coordinated failover with this server.
    case primaryLacksFailover
    /// It is in force, but the file could not be written.
    case notSaved
}

/// `SENTINEL IS-MASTER-DOWN-BY-ADDR`: a question, and a request for a vote where `candidate` is
/// set.
public struct DownQuestion: Equatable, Sendable {
    /// Its host may be a name, where Sentinels announce names.
    public var primary: Place
    public var currentEpoch: Epoch
    public var candidate: RunID?

    public init(primary: Place, currentEpoch: Epoch, candidate: RunID?) {
        self.primary = primary
        self.currentEpoch = currentEpoch
        self.candidate = candidate
    }
}

/// The three values of the answer to a ``DownQuestion``.
public struct DownAnswer: Equatable, Sendable {
    public var isDown: Bool
    /// `nil` is written `*`.
    public var leader: RunID?
    public var leaderEpoch: Epoch

    public init(isDown: Bool, leader: RunID?, leaderEpoch: Epoch) {
        self.isDown = isDown
        self.leader = leader
        self.leaderEpoch = leaderEpoch
    }
}
