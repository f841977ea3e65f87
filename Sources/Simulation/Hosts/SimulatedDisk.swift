import MonotonicTime
import SentinelCore

/// Where a node's state becomes durable, one state after another.
struct SimulatedDisk: Sendable {
    struct Write: Sendable {
        var state: PersistentState
        var sequence: UInt64
    }

    /// What a node that is started now finds.
    var durable: PersistentState
    var waiting: [Write] = []
    /// How many faults make it slow.
    var slowdowns: Int32 = 0
    /// How many faults make every write fail.
    var failures: Int32 = 0

    init(durable: PersistentState) {
        self.durable = durable
    }

    func duration(random: inout RandomSource) -> Interval {
        if slowdowns > 0 { return random.between(.milliseconds(50), .seconds(3)) }
        if random.happens(1, in: 100) {
            return random.between(.milliseconds(20), .milliseconds(200))
        }
        return random.between(.microseconds(100), .milliseconds(20))
    }

    func fails(random: inout RandomSource) -> Bool {
        failures > 0 || random.happens(1, in: 500)
    }

    /// The daemon died while it was writing: the rename had happened, or it had not.
    mutating func interrupt(random: inout RandomSource) {
        if let first = waiting.first, failures == 0, random.happens(1, in: 2) {
            durable = first.state
        }
        waiting.removeAll(keepingCapacity: true)
    }
}
