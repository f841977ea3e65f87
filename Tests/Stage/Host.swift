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

    /// A client can reach the server through it.
    package var isOpen: Bool { isPresent && !isBarred }

    mutating func apply(_ effect: AddressEffect) {
        switch effect {
        case .clear, .remove:
            isPresent = false
            isBarred = false
        case .take:
            isPresent = true
            isBarred = false
        case .bar:
            isBarred = true
        case .announce, .reset:
            break
        }
    }
}

extension AddressEffect {
    /// The step without its group.
    package var step: AddressEvent.Step {
        switch self {
        case .clear: .clear
        case .take: .take
        case .announce: .announce
        case .bar: .bar
        case .reset: .reset
        case .remove: .remove
        }
    }
}
