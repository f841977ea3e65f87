public import MonotonicTime

/// What became of one world.
public struct Outcome: Sendable {
    public var seed: UInt64
    /// The promises that were broken, in the order of true time, each checker's once a group.
    public var violations: [Violation]
    /// How long the world existed, in whole seconds of true time.
    public var virtualSeconds: Int
    public var faults: [FaultKind]
    /// Configurations of an epoch above 0 that became durable somewhere.
    public var failovers: Int
    public var eventCount: Int
    /// FNV-1a over every occurrence and every effect: equal digests, equal runs.
    public var traceDigest: UInt64
    /// Time in which a client at a write address reached no primary, over all groups, counted
    /// from the first moment at which one did.
    public var unserved: Interval
    public var longestUnserved: Interval
    /// Time in which two hosts held one address open with a running primary behind each.
    public var dualHolder: Interval
    /// Writes that clients were told were done.
    public var acknowledgedWrites: Int
    /// Those of them that the last primary does not have.
    public var lostWrites: Int
    public var trace: Trace

    /// The violations and the trace, for people.
    public var text: String {
        var lines = trace.lines
        for violation in violations {
            lines.append("\(violation.moment)  VIOLATION  \(violation)")
        }
        return "seed \(seed)\n" + lines.joined(separator: "\n") + "\n"
    }
}
