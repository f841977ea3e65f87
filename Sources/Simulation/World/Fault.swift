import MonotonicTime

/// What can go wrong in a world.
public enum FaultKind: String, CaseIterable, Sendable {
    /// A server's process is killed; it is started again when the fault ends.
    case killServer = "kill-server"
    /// A server's process stops answering, its connections stay.
    case hangServer = "hang-server"
    /// A node's process is killed; the host, its server and its addresses stay.
    case killNode = "kill-node"
    /// A node's process is asked to end, as for an upgrade.
    case stopNode = "stop-node"
    /// A node's process is stopped by a signal, then goes on.
    case pauseNode = "pause-node"
    /// A host is suspended, then goes on: its kernel's timers stood, its clock did not.
    case suspendHost = "suspend-host"
    /// A virtual machine stands still with all its clocks, then goes on.
    case stopMachine = "stop-machine"
    /// A host loses power.
    case crashHost = "crash-host"
    /// A host is cut off from all others.
    case isolateHost = "isolate-host"
    /// One host no longer reaches one other, but hears it.
    case cutOneWay = "cut-one-way"
    /// The hosts fall into two parts.
    case partition
    /// A host's paths become slow.
    case slowPaths = "slow-paths"
    /// A host's disk becomes slow.
    case slowDisk = "slow-disk"
    /// A node's state can't be written.
    case failDisk = "fail-disk"
    /// Somebody removes a write address from its host.
    case loseAddress = "lose-address"
    /// A host outside of the cluster has a write address, and answers for it.
    case strangeHost = "strange-host"
    /// An operator orders a failover, the primary being healthy or not.
    case orderFailover = "order-failover"
    /// An operator orders a coordinated failover, which loses nothing.
    case orderSwitchover = "order-switchover"
    /// The file changes, on one host after another: a voter more or less, or another lease.
    case changeVoters = "change-voters"
    /// An operator pauses a group; when the fault ends somebody resumes it.
    case pauseGroup = "pause-group"

    /// How often it is chosen, against the others.
    var weight: Int {
        switch self {
        case .killServer: 8
        case .crashHost, .pauseNode, .killNode, .hangServer, .isolateHost: 4
        case .pauseGroup: 2
        case .partition, .orderFailover, .orderSwitchover: 3
        case .cutOneWay, .slowPaths, .slowDisk, .failDisk, .stopNode, .changeVoters, .suspendHost,
            .stopMachine:
            2
        case .loseAddress, .strangeHost: 1
        }
    }
}

/// A fault as the scenario plans it. What it hits is settled when it begins, since most faults aim
/// at whatever is the primary's host by then.
struct Fault: Sendable {
    var kind: FaultKind
    var begins: Moment
    /// `nil`: until everything is healed, or for ever.
    var duration: Interval?
    var group: Int
    var aimsAtPrimary: Bool
    /// The host that it hits, unless it aims at the primary's.
    var host: Int
    /// The other end of a one-way cut.
    var other: Int
    /// One part of a partition, a bit a host.
    var part: UInt32

    /// What it did, so that its end undoes that and nothing else.
    var isActive = false
    var life: UInt32 = 0
}
