public import Addressing
internal import Glibc
public import MonotonicTime

/// Opening, renewing and closing.
///
/// Deadlines are moments, not intervals: this process may stand still between any two instructions,
/// and an interval computed before would begin when it thaws. So the rest is computed right before
/// the commit, and the clock is read again after it.
extension LeaseFilter {
    /// A rest that short is no lease: the kernel counts in milliseconds, and 0 means for ever.
    private static let restMillisecondsMin = 1
    /// Commits that come late again and again are given up; each further one allows for the delay
    /// of those before.
    private static let commitsMax = 4

    private struct Lease {
        var address: IPAddress
        var port: UInt16?
    }

    private enum Kind {
        case opening
        case renewal
    }

    private enum Step {
        case done
        case refused(LeaseOutcome)
    }

    /// Lets the address be used until the deadline, unless it is already: then nothing changes.
    ///
    /// In the same transaction the tables are put right and the address is no longer barred or
    /// hushed.
    ///
    /// - Parameters:
    ///   - port: a fenced port that strangers may use as long.
    ///   - deadline: on CLOCK_BOOTTIME.
    public mutating func open(
        _ address: IPAddress, port: UInt16? = nil, until deadline: Instant
    ) throws(NetlinkError) -> LeaseOutcome {
        try grant(Lease(address: address, port: port), .opening, until: deadline)
    }

    /// Lets the address be used until another deadline, if it still may: what has expired stays
    /// so. No packet passes between the old and the new.
    ///
    /// Kernels before 6.12 ignore a new timeout for an element that is there. So it is deleted and
    /// added, and the deletion of one that has expired fails, which makes the condition.
    public mutating func renew(
        _ address: IPAddress, port: UInt16? = nil, until deadline: Instant
    ) throws(NetlinkError) -> LeaseOutcome {
        try grant(Lease(address: address, port: port), .renewal, until: deadline)
    }

    /// What becomes of an address that is closed.
    public enum Closing: Equatable, Sendable {
        /// New connections hear nothing, established ones are reset when they say something.
        case plain
        /// New connections are refused with a reset, until ``unbar(_:)``.
        case barring
        /// Nothing comes in and only resets leave, until ``unhush(_:)``: who waits for an answer
        /// waits on, and is reset when its connection is destroyed. For a switchover.
        case hushing
    }

    /// Ends the lease of an address, and the admission to a port, whether or not they live.
    ///
    /// The tables are put right in the same transaction: when this returns the address is guarded.
    public mutating func close(
        _ address: IPAddress, port: UInt16? = nil, _ closing: Closing = .plain
    ) throws(NetlinkError) {
        let element = SetElement(address)
        let family = address.ipFamily
        var changes = structure() + clearance(Lease(address: address, port: port))
        switch closing {
        case .plain: break
        case .barring:
            changes += reference(.inet, SetName.hushed(family)).clearance(of: element)
            changes.append(reference(.inet, SetName.barred(family)).addition(of: [element]))
        case .hushing:
            changes.append(reference(.inet, SetName.hushed(family)).addition(of: [element]))
        }
        try require(changes, "close \(address)")
    }

    /// How long the kernel lets the address be used, read back from it; `nil` for not at all.
    public mutating func remaining(_ address: IPAddress) throws(NetlinkError) -> Interval? {
        let set = SetName.leased(address.ipFamily)
        let element = try elements(of: set, "read the lease of \(address)")
            .first { $0.address == address }
        guard let element else { return nil }
        // Somebody else's element without an end: as long as can be said.
        guard let lifetime = element.lifetime, lifetime <= UInt64(Int64.max / 1_000_000) else {
            return Interval(nanoseconds: .max)
        }
        return Interval(nanoseconds: Int64(lifetime) * 1_000_000)
    }

    private mutating func grant(
        _ lease: Lease, _ kind: Kind, until deadline: Instant
    ) throws(NetlinkError) -> LeaseOutcome {
        var kind = kind
        var delay = Interval.zero
        for attempt in 0..<Self.commitsMax {
            let before = clock()
            let rest = (deadline - before - delay).milliseconds
            guard rest >= Self.restMillisecondsMin else {
                if attempt == 0 { return .overdue }
                break
            }
            switch try commit(lease, kind, lifetime: UInt64(rest), since: before) {
            case .refused(let outcome): return outcome
            case .done: break
            }
            let after = clock()
            delay = max(delay, after - before)
            // The kernel's count began somewhere between the two readings.
            if after + .milliseconds(rest) <= deadline + tolerance {
                return .held(for: .milliseconds(rest), delay: delay)
            }
            kind = .renewal
        }
        try withdraw(lease)
        return .withdrawn(delay: delay)
    }

    private mutating func commit(
        _ lease: Lease, _ kind: Kind, lifetime: UInt64, since before: Instant
    ) throws(NetlinkError) -> Step {
        do throws(NetlinkError) {
            switch kind {
            case .opening: return try commitOpening(lease, lifetime)
            case .renewal: return try commitRenewal(lease, lifetime)
            }
        } catch {
            switch error {
            case .refused, .unsupported: break
            case .systemCall, .malformed, .timedOut, .unstable:
                // The kernel may have done it all the same; if that was too late, it must not stay.
                if clock() - before > tolerance { try? withdraw(lease) }
            }
            throw error
        }
    }

    private mutating func commitOpening(
        _ lease: Lease, _ lifetime: UInt64
    ) throws(NetlinkError) -> Step {
        let operation = "open \(lease.address)"
        let element = SetElement(lease.address)
        let family = lease.address.ipFamily
        let (first, others) = sets(of: lease, lifetime)
        let preparation =
            structure()
            + [SetName.barred(family), SetName.hushed(family)].flatMap {
                reference(.inet, $0).clearance(of: element)
            }
        let changes =
            preparation + [first.place.exclusiveAddition(of: first.element)]
            + others.flatMap { $0.place.clearance(of: $0.element) + [$0.addition] }
        guard let refusal = try commit(changes, operation) else { return .done }
        if refusal.index == preparation.count, refusal.verdict.errno == EEXIST {
            return .refused(.alreadyOpen)
        }
        throw Self.error(refusal, operation)
    }

    private mutating func commitRenewal(
        _ lease: Lease, _ lifetime: UInt64
    ) throws(NetlinkError) -> Step {
        let operation = "renew \(lease.address)"
        let (first, others) = sets(of: lease, lifetime)
        let changes = ([first] + others).flatMap {
            [$0.place.removal(of: $0.element), $0.addition]
        }
        guard let refusal = try commit(changes, operation) else { return .done }
        guard refusal.verdict.errno == ENOENT, let index = refusal.index else {
            throw Self.error(refusal, operation)
        }
        if index == 0 {
            let isThere = try elements(of: first.place, operation) != nil
            return .refused(isThere ? .lapsed : .dismantled)
        }
        // It lives, but what goes with it does not: expired a tick before, or removed by somebody.
        let preparation = structure()
        let repair =
            preparation + [first.place.removal(of: first.element), first.addition]
            + others.flatMap { $0.place.clearance(of: $0.element) + [$0.addition] }
        guard let refusal = try commit(repair, operation) else { return .done }
        if refusal.index == preparation.count, refusal.verdict.errno == ENOENT {
            return .refused(.lapsed)
        }
        throw Self.error(refusal, operation)
    }

    /// As little as can be: time matters.
    private mutating func withdraw(_ lease: Lease) throws(NetlinkError) {
        let operation = "withdraw \(lease.address)"
        guard let refusal = try commit(clearance(lease), operation) else { return }
        // Without the table there is no lease.
        if refusal.verdict.errno == ENOENT { return }
        throw Self.error(refusal, operation)
    }

    private func clearance(_ lease: Lease) -> [MessageWriter] {
        let (first, others) = sets(of: lease, 1)
        return ([first] + others).flatMap { $0.place.clearance(of: $0.element) }
    }

    private struct Entry {
        var place: SetReference
        var element: SetElement
        var addition: MessageWriter { place.addition(of: [element]) }
    }

    /// Where a lease is written down: the one that decides whether it lives, and those that follow
    /// it.
    private func sets(of lease: Lease, _ lifetime: UInt64) -> (first: Entry, others: [Entry]) {
        precondition(scope != nil, "install comes first: it says which tables there are")
        let element = SetElement(lease.address, lifetime: lifetime)
        let name = SetName.leased(lease.address.ipFamily)
        var others = tables.filter { table in
            table.family != .inet && table.sets.contains { $0.name == name }
        }.map { Entry(place: reference($0.family, name), element: element) }
        if let port = lease.port {
            others.append(
                Entry(
                    place: reference(.inet, SetName.admittedPorts),
                    element: SetElement(port: port, lifetime: lifetime)))
        }
        return (Entry(place: reference(.inet, name), element: element), others)
    }
}
