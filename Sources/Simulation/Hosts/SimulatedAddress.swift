import MonotonicTime
import NodeCore

/// One group's write address as one host's kernel has it.
struct SimulatedAddress: Sendable {
    var isOnInterface = false
    var isBarred = false
    /// The steps that the node has ordered, in order; the first is being done.
    var steps: [AddressEvent.Step] = []

    /// Whether a client that reaches this host by the address gets through to its server.
    var isOpen: Bool { isOnInterface && !isBarred }

    mutating func apply(_ step: AddressEvent.Step) {
        switch step {
        case .clear, .remove:
            isOnInterface = false
            isBarred = false
        case .take:
            isOnInterface = true
            isBarred = false
        case .bar:
            isBarred = true
        case .announce, .reset:
            break  // Nothing of it stays on the host.
        }
    }

    static func duration(of step: AddressEvent.Step, random: inout RandomSource) -> Interval {
        switch step {
        case .announce: random.between(.microseconds(20), .microseconds(200))
        case .clear, .take, .bar, .reset, .remove:
            random.between(.microseconds(200), .milliseconds(5))
        }
    }
}

extension AddressEffect {
    /// The step without its group, and the group.
    var parts: (step: AddressEvent.Step, group: String) {
        switch self {
        case .clear(let group): (.clear, group)
        case .take(let group): (.take, group)
        case .announce(let group): (.announce, group)
        case .bar(let group): (.bar, group)
        case .reset(let group): (.reset, group)
        case .remove(let group): (.remove, group)
        }
    }
}
