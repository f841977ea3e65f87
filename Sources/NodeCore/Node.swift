public import MonotonicTime
public import SentinelCore

/// One node's whole decision: who leads, who is the primary, and whether this host answers for
/// the write address. It is what `baton run` runs and what is simulated.
///
/// The order is fixed here, in one place:
/// - **Taking**: a majority agrees on the primary, it is a server of this host, it says that it is
///   a primary, and no failover is under way → open, add, announce.
/// - **Giving up**: bar new connections → reset established ones → (now harmless) → remove.
/// - **A vote leaves this node only when the address is harmless here**: whoever is elected may
///   promote at once, and no write can be acknowledged through this host any more.
public struct Node: Sendable {
    package var sentinel: Sentinel
    /// One entry a group that has a write address, by the group's index.
    var addresses: [Address]
    /// Reused, so that an event costs no allocation.
    private var inner: [Effect] = []

    /// What is kept of one write address.
    struct Address: Sendable {
        let group: Int
        let name: String
        var custody: Custody = .clearing
        /// Votes that wait until the address is harmless.
        var withheld: [Effect] = []
        /// It is not taken before this: the last attempt failed.
        var takeAfter: Instant?
        /// The step that runs, so that one that failed is tried again.
        var retryAt: Instant?
        /// The step that last failed and why: said once until that step succeeds.
        var lastTrouble: (step: AddressEvent.Step, reason: String)?
        /// Whether it was announced that this host holds the address.
        var isSaidHeld = false
    }

    /// - Parameters:
    ///   - writeAddressGroups: the groups that have a write address; each is monitored.
    ///   - mayVote: see ``Sentinel/init(settings:state:mayVote:at:)``.
    public init(
        settings: Settings, writeAddressGroups: [String], state: PersistentState,
        mayVote: Bool = true, at now: Instant
    ) {
        sentinel = Sentinel(settings: settings, state: state, mayVote: mayVote, at: now)
        addresses = settings.groups.indices.compactMap { index in
            let name = settings.groups[index].name
            return writeAddressGroups.contains(name) ? Address(group: index, name: name) : nil
        }
        hasStarted = false
    }

    private var hasStarted: Bool
    /// Set for good by ``NodeEvent/stopRequested``.
    var isStopping = false

    /// No write address stands on this host any more.
    public var holdsNothing: Bool {
        addresses.allSatisfy { $0.custody == .released }
    }

    /// Applies one event and appends what must now be done, in order, to `effects`.
    public mutating func handle(
        _ event: NodeEvent, at now: Instant, effects: inout [NodeEffect]
    ) {
        defer { checkInvariants() }
        sentinel.now = now
        if !hasStarted {
            hasStarted = true
            // Before anything else: a former life may have left the address on this host.
            for address in addresses {
                effects.append(.address(.clear(group: address.name)))
            }
        }
        switch event {
        case .sentinel(let event):
            sentinel.handle(event, at: now, effects: &inner)
            for effect in inner { pass(effect, &effects) }
            inner.removeAll(keepingCapacity: true)
        case .address(let event):
            handle(event, at: now, &effects)
        case .stopRequested:
            isStopping = true
        }
        for index in addresses.indices { decide(index, at: now, &effects) }
    }

    /// At the latest after this the next tick is due.
    public func tickPeriod(at now: Instant) -> Interval {
        let sentinelPeriod = sentinel.tickPeriod(at: now)
        let isMoving = addresses.contains { address in
            switch address.custody {
            case .held, .released: false
            case .clearing, .taking, .barring, .resetting, .barred, .removing: true
            }
        }
        return isMoving ? min(sentinelPeriod, .milliseconds(10)) : sentinelPeriod
    }

    /// Lets an effect of the sentinel's out, or keeps a vote back until the address is harmless.
    private mutating func pass(_ effect: Effect, _ effects: inout [NodeEffect]) {
        guard let name = Self.groupVotedFor(effect, by: sentinel.id),
            let index = addresses.firstIndex(where: { $0.name == name }),
            !addresses[index].custody.isHarmless
        else { return effects.append(.sentinel(effect)) }
        addresses[index].withheld.append(effect)
    }

    /// The group for which this effect gives a vote away: to another, or to this node itself,
    /// which then stands for election.
    private static func groupVotedFor(_ effect: Effect, by id: RunID) -> String? {
        switch effect {
        case .reply(_, .answer(let answer)) where answer.kind == .vote && answer.isGranted:
            answer.group
        case .request(_, .tell(.question(let question), _)) where question.kind == .vote:
            question.group
        case .open, .close, .request, .reply, .respond, .persist, .announce, .clientsMoved,
            .watchProcess:
            nil
        }
    }

    func checkInvariants() {
        for address in addresses where address.custody.isHarmless {
            precondition(address.withheld.isEmpty, "a vote is kept back for nothing")
        }
    }
}
