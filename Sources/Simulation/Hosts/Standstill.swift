import MonotonicTime

/// A machine that stands still: no process of it runs, and its kernel's timers stand too.
struct Standstill: Sendable {
    /// Whether its node can know afterwards.
    enum Kind: Sendable {
        /// CLOCK_BOOTTIME counts on: the node knows it at the first wake-up.
        case suspended
        /// A virtual machine: all its clocks stand, and only somebody who sets them can tell.
        case stopped
    }

    let kind: Kind
    let since: Moment
    /// The servers that go on when the machine does: others were hung before.
    var servers: [Int] = []
    /// The node's process goes on: otherwise something else had stopped it.
    var resumesDaemon = false
    /// By group, what is left of the kernel's leases.
    var leases: [(nominal: Interval, late: Interval)?] = []
}
