internal import Addressing
public import LeaseCore
public import MonotonicTime
public import SentinelCore

/// One node's whole decision: who leads, who is the primary, who has the lease, and whether this
/// host answers for the write address. It is what `baton run` runs and what is simulated.
///
/// The order is fixed here, in one place:
/// - **Taking**: a leader names this host's server → a majority of the voters grant the lease of
///   that epoch → the server is promoted → nobody else has answered for the address → the kernel
///   lets the address pass until the lease's deadline → added, announced.
/// - **Keeping**: each renewal by a majority puts the kernel's deadline off. Nothing else does.
/// - **Giving up**: the kernel's lease ends and new connections are refused → the lease is
///   released, so that nobody need wait for it to lapse → established connections are reset →
///   removed.
public struct Node: Sendable {
    package var sentinel: Sentinel
    /// One entry a group that has a write address, by the group's index.
    var addresses: [Address]
    /// Reused, so that an event costs no allocation.
    private var inner: [Effect] = []
    private var hasStarted = false
    /// The number of this life is on the disk: nothing that it says as a holder can be taken for a
    /// former life's, or a later one's.
    var isLifeDurable = false
    /// Of what this host says as a holder.
    private var stamp: LeaseStamp
    /// The voter set that the holders count by.
    var voterNumber: UInt64

    /// What is kept of one write address.
    struct Address: Sendable {
        let group: Int
        let name: String
        var custody: Custody = .inspecting
        /// This host as one of the voters.
        var voter: LeaseVoter
        /// This host as the one that holds, or wants to.
        var holder: LeaseHolder
        /// The kernel was told to let the address pass until then.
        var usableUntil: Instant?
        /// As this host's file and kernel have them; L is the voters' to agree on.
        let declaredTerms: LeaseTerms
        /// The newest grant that is known to be on the disk.
        var durableGrant: LeaseGrant?
        /// This host's own voice waits for its disk: when it was asked.
        var ownRequest: Instant?
        /// It is not taken before this: the last attempt failed.
        var takeAfter: Instant?
        /// The step that runs, so that one that failed is tried again.
        var retryAt: Instant?
        /// The step that last failed and why: said once until that step succeeds.
        var lastTrouble: (step: AddressEvent.Step, reason: String)?
        /// Since when somebody else claims the address, while the voters have not spoken.
        var claimedAt: Instant?
        /// Who, so that each is named once.
        var claimant: String?
        /// Since when it is in doubt that the lease runs, because this machine stood still.
        var doubtedAt: Instant?
        /// Whether somebody else has it, asked before it is taken.
        var inquiry = Inquiry.none
        /// Who keeps this host from taking it: his hardware address.
        var stranger: String?
        /// When it was last announced against a claim.
        var defendedAt: Instant?
        /// The epoch of the other host that was last looked for as the holder.
        var soughtEpoch: Epoch?
        /// What came of it.
        var sighting: Sighting?
        /// When it is looked for again, since it was not seen.
        var seekAfter: Instant?
        /// The others' addresses on the clients' network, as the driver was last told.
        var neighbours: [IPAddress] = []
        /// Since when this host is not heard there.
        var clientsLostAt: Instant?
        /// When it last tried to hand over for that.
        var clientsTriedAt: Instant?
        /// What was last done about the port of this host's server.
        var fencing: Fencing?
        /// A step of it failed: not before this again.
        var fenceRetryAt: Instant?
        /// Whether it was announced that this host holds the address.
        var isSaidHeld = false
    }

    /// - Parameters:
    ///   - leases: the groups that have a write address, with the terms of its lease; each is
    ///     monitored.
    ///   - mayVote: see ``Sentinel/init(settings:state:mayVote:at:)``.
    public init(
        settings: Settings, leases: [(group: String, terms: LeaseTerms)], state: PersistentState,
        mayVote: Bool = true, at now: Instant
    ) {
        sentinel = Sentinel(settings: settings, state: state, mayVote: mayVote, at: now)
        stamp = LeaseStamp(life: sentinel.life, number: 0)
        voterNumber = sentinel.voterNumber
        addresses = []
        for (index, group) in settings.groups.enumerated() {
            guard let declared = leases.first(where: { $0.group == group.name })?.terms else {
                continue
            }
            let terms = sentinel.terms(declared)
            let grant = sentinel.groups[index].tenure.grant
            sentinel.groups[index].tenure.leaseUse = terms.use
            addresses.append(
                Address(
                    group: index, name: group.name,
                    voter: LeaseVoter(
                        grant: grant, terms: terms, patience: group.downAfter, at: now),
                    holder: LeaseHolder(
                        terms: terms, peerCount: settings.peers.count,
                        electorate: sentinel.electorate, at: now),
                    declaredTerms: declared, durableGrant: grant))
            if let end = sentinel.distrustEnd {
                addresses[addresses.count - 1].voter.distrustFormerLife(until: end)
            }
        }
    }

    /// Applies one event and appends what must now be done, in order, to `effects`.
    public mutating func handle(
        _ event: NodeEvent, at now: Instant, effects: inout [NodeEffect]
    ) {
        sentinel.now = now
        if !hasStarted {
            hasStarted = true
            // Before anything else: a former life may have left the address on this host.
            for address in addresses {
                effects.append(.address(.inspect(group: address.name)))
            }
        }
        var wanted: [Effect] = []
        swap(&wanted, &inner)
        isLifeDurable = isLifeDurable || sentinel.isLifeDurable
        for index in addresses.indices { judge(index, at: now) }
        switch event {
        case .sentinel(let event):
            if !takesUp(event, at: now, &wanted) {
                sentinel.handle(event, at: now, effects: &wanted)
            }
            Self.pass(&wanted, &effects)
        case .address(let event):
            handle(event, at: now, &effects)
        case .stoodStill:
            for index in addresses.indices { doubt(index, at: now) }
        }
        countByVoters(at: now)
        for index in addresses.indices {
            keepLease(index, at: now, &wanted)
            Self.pass(&wanted, &effects)
            keepInquiry(index, at: now, &effects)
            decide(index, at: now, &effects)
            keepFence(index, at: now, &effects)
            if case .sentinel(.tick) = event { watchNeighbours(index, &effects) }
            keepToClients(index, at: now, &effects)
            lookForHolder(index, at: now, &effects)
        }
        swap(&wanted, &inner)
    }

    /// At the latest after this the next tick is due.
    public func tickPeriod(at now: Instant) -> Interval {
        var period = sentinel.tickPeriod(at: now)
        for index in addresses.indices {
            switch addresses[index].custody {
            case .held, .released: break
            case .inspecting, .clearing, .taking, .hushing, .hushed, .barring, .resetting, .barred,
                .removing:
                period = min(period, .milliseconds(10))
            }
            if let due = addresses[index].holder.nextAsk {
                period = min(period, max(due - now, .milliseconds(1)))
            }
            if let due = addresses[index].inquiry.next(), due > now,
                addresses[index].holder.isHeld(at: now)
            {
                period = min(period, max(due - now, .milliseconds(1)))
            }
            if let end = addresses[index].usableUntil {
                period = min(period, max(end - now, .milliseconds(1)))
            }
            if let doubtedAt = addresses[index].doubtedAt {
                let end = doubtedAt + Self.claimPatience
                period = min(period, max(end - now, .milliseconds(1)))
            }
        }
        return period
    }

    /// The next thing that this host says as a holder is newer than all before.
    mutating func nextStamp() -> LeaseStamp {
        stamp.number += 1
        return stamp
    }

    /// What the sentinel wants goes out behind what was wanted before.
    private static func pass(_ wanted: inout [Effect], _ effects: inout [NodeEffect]) {
        guard !wanted.isEmpty else { return }
        for effect in wanted { effects.append(.sentinel(effect)) }
        wanted.removeAll(keepingCapacity: true)
    }
}
