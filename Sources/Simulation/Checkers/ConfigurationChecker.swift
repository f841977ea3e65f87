import Addressing
import SentinelCore

/// A configuration epoch of a group stands for one primary.
///
/// A configuration counts from the moment at which it is durable or anybody is told of it.
struct ConfigurationChecker: Sendable {
    /// By group, what each epoch was seen to stand for, ascending.
    private(set) var seen: [[(epoch: Epoch, primary: Endpoint)]]

    init(groupCount: Int) {
        seen = Array(repeating: [], count: groupCount)
    }

    /// The newest configuration of a group.
    func newest(of group: Int) -> (epoch: Epoch, primary: Endpoint)? {
        seen[group].last
    }

    /// How many configurations came about through a failover.
    var failovers: Int {
        seen.reduce(0) { $0 + $1.count { $0.epoch > 0 } }
    }

    mutating func note(
        _ epoch: Epoch, primary: Endpoint, group: Int, verdicts: inout Verdicts
    ) {
        var place = seen[group].count
        while place > 0, seen[group][place - 1].epoch >= epoch {
            let known = seen[group][place - 1]
            if known.epoch == epoch {
                if known.primary != primary {
                    verdicts.add(
                        .oneConfiguration, group: group,
                        "epoch \(epoch) stands for \(known.primary) and for \(primary)")
                }
                return
            }
            place -= 1
        }
        seen[group].insert((epoch, primary), at: place)
    }
}
