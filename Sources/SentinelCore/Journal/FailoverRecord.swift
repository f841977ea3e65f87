public import Addressing
public import MonotonicTime

/// What one failover was like, as one node saw it: for the operator, who wants to know what it cost
/// and why.
///
/// Every node that a failover passes writes one; the leader's says most.
public struct FailoverRecord: Equatable, Sendable {
    /// What it began with.
    public enum Cause: String, Equatable, Sendable, CaseIterable {
        /// The primary was silent for longer than `down-after`.
        case silence
        /// The primary's own host saw its process end.
        case evidence
        /// The primary works, but nobody renewed or held the lease of its address.
        case unheld
        /// The primary came back without the history that its replicas have.
        case reborn
        /// The holder's host was cut off from the clients' network.
        case clientNetwork = "client-network"
        /// An operator ordered it as it stands.
        case order
        /// An operator ordered it without loss.
        case switchover
        /// This node learnt of it when it was over.
        case hearsay
    }

    /// What is remembered of when it happened. In the order of a failover that goes well.
    public enum Phase: String, Equatable, Sendable, CaseIterable {
        /// This node saw the primary down, or got the order.
        case begun
        /// A quorum saw it.
        case agreed
        /// The leader was elected.
        case elected
        /// The replica was chosen.
        case chosen
        /// Writes stood still on the former primary.
        case paused
        /// The replica had all of them.
        case caughtUp = "caught-up"
        /// The new primary is in force.
        case inForce = "in-force"
        /// Its host answers for the write address.
        case held
        /// Every replica follows it.
        case followed
    }

    /// One phase and its moment.
    public struct Step: Equatable, Sendable {
        public var phase: Phase
        public var at: Instant

        public init(_ phase: Phase, at: Instant) {
            self.phase = phase
            self.at = at
        }
    }

    /// Another host saw that the write address is where it ought to be.
    public struct Sighting: Equatable, Sendable {
        /// That host, by its name.
        public var by: String
        public var after: Interval

        public init(by name: String, after: Interval) {
            by = name
            self.after = after
        }
    }

    public var group: String
    public var cause: Cause
    /// Of the configuration that came of it; of the election, when nothing came of it; 0 before.
    public var epoch: Epoch = 0
    /// The node that led it, by its name, as far as it is known.
    public var leader: String?
    /// Who voted for the leader, this node's knowledge: names.
    public var votes: [String] = []
    public var from: Endpoint
    public var to: Endpoint?
    /// Each phase once, in the order in which they came.
    public var steps: [Step] = []
    /// How far the former primary was when it last spoke; at most a second before.
    public var fromOffset: UInt64?
    /// How far the replica was when it was chosen.
    public var toOffset: UInt64?
    /// For how long no host could answer for the write address; at most, where the former holder's
    /// lease ran out.
    public var unheld: Interval?
    /// Bytes of the replication stream that the former primary had and the new one has not. Known
    /// once the former primary has returned with its history.
    public var lostBytes: UInt64?
    /// The first other host that heard the new holder answer for the write address, and how long
    /// after it knew of it.
    public var seen: Sighting?
    /// Why nothing came of it, in Sentinel's word; `nil` while it runs and when it succeeded.
    public var failure: String?

    public init(group: String, cause: Cause, from: Endpoint) {
        self.group = group
        self.cause = cause
        self.from = from
    }

    /// When the phase was reached.
    public func moment(of phase: Phase) -> Instant? {
        steps.first { $0.phase == phase }?.at
    }

    mutating func reach(_ phase: Phase, at now: Instant) {
        if moment(of: phase) == nil { steps.append(Step(phase, at: now)) }
    }
}
