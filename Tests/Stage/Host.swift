import Addressing
package import MonotonicTime
package import NodeCore
package import SentinelCore

/// One host: its server, its node, its disk, its network interface.
package struct Host {
    package var server: ServerModel?
    /// `nil` while the daemon does not run.
    package internal(set) var node: Node?
    /// What the disk holds.
    package var state: PersistentState
    package var disk = Disk.works
    package var persistDelay = Interval.milliseconds(1)
    package var address = AddressModel()
    /// False: the end of a process is not noticed here.
    package var seesProcesses = true
    /// Grows with each start of the daemon; whatever was meant for a former life is lost.
    var life = 0
    var tickAt: Instant?
    var watched: [Endpoint: Int32] = [:]
    /// Since when the whole machine stands still.
    var stoppedAt: Instant?
    /// For how long it has: its clocks and its kernel's timers know nothing of that.
    var stoodFor = Interval.zero
    /// What came for it meanwhile.
    var waiting: [(event: NodeEvent, life: Int)] = []

    /// What its clock shows.
    func time(at now: Instant) -> Instant { (stoppedAt ?? now) - stoodFor }

    /// What becomes of a save.
    package enum Disk: Equatable {
        case works
        /// Neither done nor failed.
        case hangs
        case fails(String)
    }

    init(state: PersistentState) {
        self.state = state
    }
}

/// The write address on one host's interface.
package struct AddressModel {
    package internal(set) var isPresent = false
    package internal(set) var isBarred = false
    /// How long a step takes.
    package var stepDelay = Interval.milliseconds(1)
    /// Steps that fail, with the reason.
    package var failures: [AddressEvent.Step: String] = [:]
    /// Steps of which nothing is heard until ``Stage/finishSteps(on:)``.
    package var holdsSteps = false
    var held: [AddressEffect] = []

    /// The kernel lets its packets pass until then.
    package internal(set) var leasedUntil: Instant?

    /// Somebody else on its network has it, and answers whoever asks.
    package var stranger: String?

    /// Only the cluster's hosts reach it, unless the lease runs.
    package internal(set) var fencedPort: UInt16?

    /// A client can reach the server through it.
    package func isOpen(at now: Instant) -> Bool {
        isPresent && !isBarred && leasedUntil.map { now < $0 } ?? false
    }

    /// Does a step in the kernel, and says what became of it.
    mutating func apply(_ effect: AddressEffect, at now: Instant) -> AddressEvent {
        let isLeased = leasedUntil.map { now < $0 } ?? false
        switch effect {
        case .inspect(let group):
            return .found(group: group, until: isPresent && isLeased ? leasedUntil : nil)
        case .clear, .remove:
            isPresent = false
            isBarred = false
            leasedUntil = nil
        case .take(let group, _, let until):
            guard now < until else {
                return .failed(group: group, .take, reason: "the lease's deadline has passed")
            }
            isPresent = true
            isBarred = false
            leasedUntil = until
        case .renew(let group, _, let until):
            guard isLeased else { return .lapsed(group: group) }
            leasedUntil = until
        case .hush:
            leasedUntil = nil
        case .bar:
            isBarred = true
            leasedUntil = nil
        case .fence(_, let port):
            fencedPort = port
        case .unfence:
            fencedPort = nil
        case .announce, .reset, .watch, .probe, .verify:
            break
        }
        return .done(group: Stage.group, effect.step)
    }
}

extension AddressEffect {
    /// The step without its group.
    package var step: AddressEvent.Step {
        switch self {
        case .inspect: .inspect
        case .renew: .renew
        case .clear: .clear
        case .take: .take
        case .announce: .announce
        case .hush: .hush
        case .bar: .bar
        case .reset: .reset
        case .remove: .remove
        case .fence: .fence
        case .unfence: .unfence
        case .watch: .watch
        case .probe: .probe
        case .verify: .verify
        }
    }
}
