/// Names one connection of the world: a slot that is used again, and which use of it is meant.
struct ConnectionKey: Equatable, Sendable {
    var slot: Int32
    var generation: UInt32
}

/// The two ways of a connection.
enum Way: UInt8, Sendable {
    /// From the node that opened it.
    case outward
    /// Back to that node.
    case inward
}

/// Something that is due at a moment of true time. Numbers of lives and generations make void what
/// was meant for a process, or a replication link, that is no more.
enum Occurrence: Sendable {
    case tick(host: Int32, generation: UInt32)
    /// A connection request reaches its target's host.
    case connect(ConnectionKey)
    case connectTimedOut(ConnectionKey)
    /// The first segment that is under way reaches the other end.
    case arrival(ConnectionKey, Way)
    /// The host's disk is done with the first state that waits.
    case diskDone(host: Int32, life: UInt32)
    /// A lying disk says that a state is durable (only under a ``Mutation``).
    case diskPretends(host: Int32, life: UInt32, sequence: UInt32)
    case addressStep(host: Int32, group: Int32, life: UInt32)
    /// A node notices that a process that it watched has ended.
    case processEnded(host: Int32, life: UInt32, server: Int32, processID: Int32)
    /// The kernel's timer of a write address's lease runs out.
    case leaseEnds(host: Int32, group: Int32)
    /// A stranger's frame reaches a node: the address is his.
    case strangerHeard(host: Int32, group: Int32, life: UInt32)
    /// The kernel tells a node that an address was removed.
    case addressVanished(host: Int32, group: Int32, life: UInt32)
    /// The wall clock of a machine that stood still is set.
    case clockSet(host: Int32, life: UInt32)
    /// No host has an excuse any more for answering beside another.
    case soleAnswerDue(group: Int32)
    case startDaemon(host: Int32, boot: UInt32)
    case startServer(server: Int32, boot: UInt32)
    case loaded(server: Int32, life: UInt32)
    case serverCron(server: Int32, life: UInt32)
    /// A part of the replication stream reaches a replica.
    case replicated(server: Int32, generation: UInt32)
    case synchronised(server: Int32, generation: UInt32)
    case write(group: Int32)
    case faultBegins(Int32)
    case faultEnds(Int32)
    /// A version of the operator's file reaches a host.
    case fileArrives(host: Int32, version: Int32)
    case healEverything
    case check
}
