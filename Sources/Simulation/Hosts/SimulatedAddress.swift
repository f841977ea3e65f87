import MonotonicTime
import NodeCore

/// One group's write address as one host's kernel has it.
struct SimulatedAddress: Sendable {
    var isOnInterface = false
    var isBarred = false
    /// The kernel lets its packets pass until then, in true time; `nil` when it does not.
    var leasedUntil: Moment?
    /// The same of a kernel that is in time.
    var nominalEnd: Moment?
    /// Whether the end of the lease is planned already.
    var isEndPlanned = false
    /// The steps that the node has ordered, in order; the first is being done.
    var steps: [AddressEffect] = []

    /// The host answers for the address: ARP, and the SYN of a client.
    func isAnswered(at now: Moment) -> Bool {
        guard isOnInterface, let leasedUntil else { return false }
        return now < leasedUntil
    }

    /// Whether a client that reaches this host by the address gets through to its server.
    func isOpen(at now: Moment) -> Bool { isAnswered(at: now) && !isBarred }

    mutating func apply(_ step: AddressEvent.Step) {
        switch step {
        case .clear, .remove:
            isOnInterface = false
            isBarred = false
            leasedUntil = nil
        case .take:
            isOnInterface = true
            isBarred = false
        case .hush:
            leasedUntil = nil
        case .bar:
            isBarred = true
            leasedUntil = nil
        case .inspect, .renew, .announce, .reset, .fence, .unfence, .watch, .probe, .verify:
            break  // Nothing of it stays on the host, but for the lease.
        }
    }

    static func duration(of step: AddressEvent.Step, random: inout RandomSource) -> Interval {
        switch step {
        case .announce, .renew, .inspect, .fence, .unfence, .watch, .probe, .verify:
            random.between(.microseconds(20), .microseconds(200))
        case .clear, .take, .hush, .bar, .reset, .remove:
            random.between(.microseconds(200), .milliseconds(5))
        }
    }
}

extension AddressEffect {
    /// The step without its group, and the group.
    var parts: (step: AddressEvent.Step, group: String) {
        switch self {
        case .inspect(let group): (.inspect, group)
        case .clear(let group): (.clear, group)
        case .take(let group, _, _): (.take, group)
        case .renew(let group, _, _): (.renew, group)
        case .announce(let group): (.announce, group)
        case .hush(let group, _): (.hush, group)
        case .bar(let group, _): (.bar, group)
        case .reset(let group): (.reset, group)
        case .remove(let group): (.remove, group)
        case .fence(let group, _): (.fence, group)
        case .unfence(let group, _): (.unfence, group)
        case .watch(let group, _): (.watch, group)
        case .probe(let group): (.probe, group)
        case .verify(let group, _, _): (.verify, group)
        }
    }

    /// The kernel's deadline that it sets.
    var deadline: Instant? {
        switch self {
        case .take(_, _, let until), .renew(_, _, let until): until
        case .inspect, .clear, .announce, .hush, .bar, .reset, .remove, .fence, .unfence,
            .watch, .probe, .verify:
            nil
        }
    }
}
