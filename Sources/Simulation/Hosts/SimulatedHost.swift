import MonotonicTime
import NodeCore
import SentinelCore

/// One machine: its clock, its disk, its write addresses, and the life of its node.
struct SimulatedHost: Sendable {
    /// The process that the node runs in.
    enum Daemon: Equatable, Sendable {
        case stopped
        case running
        /// Stopped by a signal: the kernel keeps what comes in.
        case paused
    }

    let number: Int
    var clock: HostClock
    var isUp = true
    /// Counts the starts of the machine.
    var boot: UInt32 = 0
    var daemon = Daemon.stopped
    /// Counts the starts of the daemon.
    var life: UInt32 = 0
    /// What the operator last brought here; a daemon reads it when it starts.
    var file: ClusterFile
    /// Void while the daemon is stopped. Not an optional, because asking one copies the node.
    var node: Node
    var disk: SimulatedDisk
    var addresses: [SimulatedAddress]

    /// When the daemon last went on after a pause.
    var resumedAt = Moment.zero
    var tickGeneration: UInt32 = 0
    var tickDue = Moment.zero
    /// The node's links, each with its connection's slot.
    var links: [(number: UInt32, slot: Int)] = []
    /// Nothing runs on it.
    var standstill: Standstill?
    /// Its clocks show that it stood still, and its node has not looked at them since.
    var owesStandstill = false
    /// Until then it may answer for an address beside another host, since it stood still.
    var excusedUntil = Moment.zero
    /// The same, should its node not run any more.
    var excusableUntil = Moment.zero
    /// What came in for a paused daemon, in order.
    var deferred: [Occurrence] = []
    /// By group, the process that the node watches here; 0 when it watches none.
    var watched: [Int32]

    /// A host that its file doesn't list runs no node.
    var isListed: Bool { file.hosts.contains(number) }

    /// Gives the node an event, and returns when it wants its next tick at the latest. Both in one
    /// place, where the node is not copied to be asked.
    mutating func handle(
        _ event: NodeEvent, at now: Instant, effects: inout [NodeEffect]
    ) -> Interval {
        node.handle(event, at: now, effects: &effects)
        return node.tickPeriod(at: now)
    }

    /// The slot of a link that the world still has.
    func slot(of link: LinkID) -> Int? {
        for entry in links where entry.number == link.number { return entry.slot }
        return nil
    }
}
