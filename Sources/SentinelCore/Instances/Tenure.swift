package import Addressing
package import MonotonicTime

/// What the failover of a group with a write address must know of the address's lease. The node's
/// core keeps it up; a group without a write address never uses it.
package struct Tenure: Sendable {
    /// The newest lease that this voter granted, to be kept on the disk.
    package var grant: LeaseGrant?
    /// When this voter last granted the lease to the present primary's host: after a restart the
    /// latest that its former life can have done so.
    package var renewedAt: Instant?
    /// Since when nobody holds the address by this voter's leave: released, or not renewed.
    package var freeSince: Instant?
    /// This host is heard on the network of the address.
    package var reachesClients = true
    /// This host's own address there.
    package var clientAddress: IPAddress?
    /// The holder of the configuration in force, another host than this, was heard to answer for
    /// the address there: so long after this node knew of it.
    package internal(set) var addressSeenAfter: Interval?
    /// Some host has held the address, in this life or before.
    package var hasBeenHeld = false
    /// D: how long the holder may use a grant.
    package var leaseUse = Interval.zero
    /// The epoch whose lease this host holds.
    package var heldEpoch: Epoch?
    /// The host answers for the write address.
    package var holdsAddress = false
    /// A leader chose the server of this host; it is promoted once the host has the lease.
    package var appointment: Office?
    /// This host, which holds the address, is handing it over in an orderly way.
    var handover: Surrender?
    /// A leader named another host in this epoch: this one holds the address no more, unless
    /// nothing has come of it by then.
    var yielded: (epoch: Epoch, until: Instant)?

    /// A configuration of this epoch is in force: what was meant for it or an older one is over.
    mutating func overtake(_ epoch: Epoch) {
        addressSeenAfter = nil
        if let office = appointment, office.epoch <= epoch { appointment = nil }
        if let yielded, yielded.epoch <= epoch { self.yielded = nil }
    }

    /// Another host was named, and may still succeed.
    package func isYielding(at now: Instant) -> Bool {
        yielded.map { now < $0.until } ?? false
    }

    /// Writes stand still here: the address falls silent, and clients that wait are reset only
    /// once another host answers.
    package var isHandingOver: Bool { handover?.isGiven ?? false }

    /// Where the stream of this host's server was said to end, while that still counts.
    package var saidEnd: UInt64? {
        guard case .draining(let offset)? = handover?.stage else { return nil }
        return offset
    }

    /// What a host does when a leader named it.
    package struct Office: Equatable, Sendable {
        package let epoch: Epoch
        package let server: Endpoint
        /// It is given up then, unless the server is a primary.
        package let deadline: Instant
        /// The holder pauses writes and says how far the server must come.
        package let isCoordinated: Bool
        /// How far that is, once the holder has said so.
        var offsetNeeded: UInt64?
        /// The holder was told that the server has come so far.
        var hasCaughtUp = false
        /// When the server was last told to be a primary.
        var orderedAt: Instant?
    }
}
