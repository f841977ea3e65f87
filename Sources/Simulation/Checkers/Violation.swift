/// A promise that was broken.
public struct Violation: Equatable, Sendable, CustomStringConvertible {
    /// The checkers, by what they promise.
    public enum Promise: String, CaseIterable, Sendable {
        case oneLeader = "one-leader"
        case oneVote = "one-vote"
        case oneVoterSet = "one-voter-set"
        case oneConfiguration = "one-configuration"
        case durableFirst = "durable-first"
        case served
        case soleHolder = "sole-holder"
        case returnedPrimary = "returned-primary"
        case convergence
        case losslessHandover = "lossless-handover"
        case pauseKept = "pause-kept"
        case boundedLoss = "bounded-loss"
    }

    public var promise: Promise
    public var moment: Moment
    /// What is wrong, in one sentence.
    public var sentence: String
    /// How many entries the trace had by then.
    public var tracePosition: Int

    public var description: String { "\(promise.rawValue): \(sentence)" }
}
