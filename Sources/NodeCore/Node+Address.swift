import LeaseCore
import MonotonicTime
import SentinelCore

/// Taking the write address and giving it up.
extension Node {
    /// The address may stay open here: the kernel was told how long by a majority's leave, and
    /// nothing speaks against this host's server. Before it has spoken nothing does.
    @inline(__always)
    private func mayHold(_ index: Int, at now: Instant) -> Bool {
        guard let until = addresses[index].usableUntil, now < until else { return false }
        let group = addresses[index].group
        return sentinel.isPrimaryHere(group) && sentinel.saysPrimary(group) ?? true
            && !sentinel.isYielding(group)
    }

    /// Until when the address may be taken: the lease is that of the configuration in force, this
    /// host's server says that it is the primary, and nobody else answers for the address. `nil`
    /// when it may not.
    func mayTake(_ index: Int, at now: Instant) -> Instant? {
        guard let deadline = addresses[index].holder.deadline, hasLease(index, at: now) else {
            return nil
        }
        // Given up because somebody claims it: a majority must have confirmed it since.
        if let claimedAt = addresses[index].claimedAt,
            !addresses[index].holder.isConfirmed(since: claimedAt)
        {
            return nil
        }
        let group = addresses[index].group
        guard addresses[index].holder.epoch == sentinel.groups[group].configEpoch,
            sentinel.isPrimaryHere(group), sentinel.saysPrimary(group) == true,
            !sentinel.isYielding(group),
            addresses[index].takeAfter.map({ now >= $0 }) ?? true,
            addresses[index].inquiry.isSilent(at: now)
        else { return nil }
        return deadline
    }

    /// A quick refusal from this host helps nobody any more: another host answers for the address.
    func isElsewhere(_ index: Int) -> Bool {
        sentinel.isHeldElsewhere(addresses[index].group)
    }

    /// Moves the custody of one address as far as it can go now.
    mutating func decide(_ index: Int, at now: Instant, _ effects: inout [NodeEffect]) {
        switch addresses[index].custody {
        case .released:
            if let until = mayTake(index, at: now) { take(index, until: until, &effects) }
        case .held(let since, let next):
            if !mayHold(index, at: now) || !answerClaim(index, at: now, &effects)
                || !outlastsDoubt(index, at: now, &effects)
            {
                if sentinel.groups[addresses[index].group].tenure.isHandingOver {
                    hush(index, &effects)
                } else {
                    bar(index, &effects)
                }
            } else if addresses[index].doubtedAt == nil {
                renew(index, &effects)
                if now - since >= Self.announcement(next) {
                    effects.append(.address(.announce(group: addresses[index].name)))
                    addresses[index].custody = .held(since: since, nextAnnouncement: next + 1)
                }
            }
        case .hushed(let since):
            waitForNextHolder(index, since: since, at: now, &effects)
        case .barred(let since):
            if let until = mayTake(index, at: now) {
                take(index, until: until, &effects)
            } else if isElsewhere(index) || now - since > Custody.barredMax {
                addresses[index].custody = .removing
                effects.append(.address(.remove(group: addresses[index].name)))
            }
        case .inspecting, .clearing, .taking, .hushing, .barring, .resetting, .removing:
            retry(index, at: now, &effects)
        }
        tellOthers(index, &effects)
    }

    private mutating func tellOthers(_ index: Int, _ effects: inout [NodeEffect]) {
        let group = addresses[index].group
        guard sentinel.groups[group].tenure.holdsAddress != addresses[index].custody.isHeld else {
            return
        }
        var inner: [Effect] = []
        sentinel.addressMoved(
            addresses[index].group, isHeld: addresses[index].custody.isHeld, &inner)
        effects.append(contentsOf: inner.map { .sentinel($0) })
    }

    /// When the n-th repetition is due, counted from the taking.
    private static func announcement(_ number: Int) -> Interval {
        number < Custody.announcements.count
            ? Custody.announcements[number]
            : Custody.announcements[Custody.announcements.count - 1]
                + Custody.slowAnnouncement * (number - Custody.announcements.count + 1)
    }

    mutating func take(
        _ index: Int, until deadline: Instant, _ effects: inout [NodeEffect]
    ) {
        addresses[index].custody = .taking
        addresses[index].retryAt = nil
        addresses[index].usableUntil = deadline
        effects.append(
            .address(
                .take(group: addresses[index].name, port: port(index), until: deadline)))
    }

    /// Each time that a majority has renewed the lease the kernel's deadline follows it.
    private mutating func renew(_ index: Int, _ effects: inout [NodeEffect]) {
        guard let deadline = addresses[index].holder.deadline,
            let known = addresses[index].usableUntil, deadline > known
        else { return }
        addresses[index].usableUntil = deadline
        effects.append(
            .address(
                .renew(group: addresses[index].name, port: port(index), until: deadline)))
    }

    mutating func bar(_ index: Int, _ effects: inout [NodeEffect]) {
        addresses[index].custody = .barring
        addresses[index].retryAt = nil
        effects.append(.address(.bar(group: addresses[index].name, port: port(index))))
    }

    /// Gives a step that failed another try when it is time.
    private mutating func retry(_ index: Int, at now: Instant, _ effects: inout [NodeEffect]) {
        guard let due = addresses[index].retryAt, now >= due else { return }
        addresses[index].retryAt = nil
        let group = addresses[index].name
        switch addresses[index].custody {
        case .inspecting: effects.append(.address(.inspect(group: group)))
        case .clearing: effects.append(.address(.clear(group: group)))
        case .barring: effects.append(.address(.bar(group: group, port: port(index))))
        case .resetting: effects.append(.address(.reset(group: group)))
        case .removing: effects.append(.address(.remove(group: group)))
        case .taking, .released, .held, .hushing, .hushed, .barred:
            break  // Decided anew, not repeated.
        }
    }

    // MARK: What became of the steps

    mutating func handle(
        _ event: AddressEvent, at now: Instant, _ effects: inout [NodeEffect]
    ) {
        switch event {
        case .done(let group, let step):
            guard let index = addresses.firstIndex(where: { $0.name == group }) else { return }
            if addresses[index].lastTrouble?.step == step { addresses[index].lastTrouble = nil }
            done(step, index, at: now, &effects)
        case .failed(let group, let step, let reason):
            guard let index = addresses.firstIndex(where: { $0.name == group }) else { return }
            failed(step, index, reason, at: now, &effects)
        case .found(let group, let until):
            guard let index = addresses.firstIndex(where: { $0.name == group }) else { return }
            found(index, until: until, at: now, &effects)
        case .lapsed(let group):
            guard let index = addresses.firstIndex(where: { $0.name == group }) else { return }
            lapsed(index, &effects)
        case .network(let group, let own, let isReached):
            guard let index = addresses.firstIndex(where: { $0.name == group }) else { return }
            networkChanged(index, own: own, isReached: isReached, at: now, &effects)
        case .claimed(let group, let hardware, let isPeer):
            guard let index = addresses.firstIndex(where: { $0.name == group }) else { return }
            claimed(index, by: hardware, isPeer: isPeer, at: now, &effects)
        case .sighted(let group, let epoch, let sighting):
            guard let index = addresses.firstIndex(where: { $0.name == group }) else { return }
            sighted(index, epoch: epoch, sighting, at: now, &effects)
        case .tampered(let group, let program):
            guard let index = addresses.firstIndex(where: { $0.name == group }) else { return }
            tell(
                .addressTrouble, index,
                "was without guard for a moment: \(program ?? "somebody") changed Baton's tables "
                    + "in the packet filter. They were put right; keep that program from them",
                &effects)
        case .vanished(let group):
            guard let index = addresses.firstIndex(where: { $0.name == group }) else { return }
            vanished(index, &effects)
        }
    }

    /// A former life's lease that still runs is carried on: a restart of Baton is no outage. Who
    /// stands behind it decides whether it will be renewed.
    private mutating func found(
        _ index: Int, until: Instant?, at now: Instant, _ effects: inout [NodeEffect]
    ) {
        guard addresses[index].custody == .inspecting else { return }
        addresses[index].retryAt = nil
        guard let until, now < until else {
            addresses[index].custody = .clearing
            effects.append(.address(.clear(group: addresses[index].name)))
            return
        }
        addresses[index].usableUntil = until
        addresses[index].custody = .held(
            since: now, nextAnnouncement: Custody.announcements.count)
        addresses[index].isSaidHeld = true
        tell(.addressTaken, index, "still held by this host", &effects)
    }

    /// The kernel has stopped the address by itself: this host was late. It must be taken anew.
    private mutating func lapsed(_ index: Int, _ effects: inout [NodeEffect]) {
        guard case .held = addresses[index].custody else { return }
        tell(.addressTrouble, index, "the lease lapsed before it was renewed", &effects)
        addresses[index].usableUntil = nil
        bar(index, &effects)
    }

    private mutating func done(
        _ step: AddressEvent.Step, _ index: Int, at now: Instant, _ effects: inout [NodeEffect]
    ) {
        switch (step, addresses[index].custody) {
        case (.clear, .clearing), (.remove, .removing):
            addresses[index].custody = .released
            addresses[index].retryAt = nil
        case (.take, .taking):
            addresses[index].custody = .held(since: now, nextAnnouncement: 0)
            addresses[index].takeAfter = nil
            addresses[index].isSaidHeld = true
            tell(.addressTaken, index, "held by this host", &effects)
        case (.probe, _):
            asked(index, at: now)
        case (.hush, .hushing):
            addresses[index].custody = .hushed(since: now)
            addresses[index].usableUntil = nil
        case (.bar, .barring):
            addresses[index].custody = .resetting
            addresses[index].usableUntil = nil
            effects.append(.address(.reset(group: addresses[index].name)))
        case (.reset, .resetting):
            addresses[index].custody = .barred(since: now)
            if addresses[index].isSaidHeld {
                addresses[index].isSaidHeld = false
                tell(.addressGivenUp, index, "given up by this host", &effects)
            }
        case (.inspect, _), (.renew, _), (.announce, _), (.clear, _), (.take, _), (.hush, _),
            (.bar, _), (.reset, _), (.remove, _), (.fence, _), (.unfence, _), (.watch, _),
            (.verify, _):
            break  // The end of a step that is no longer waited for.
        }
    }

    private mutating func failed(
        _ step: AddressEvent.Step, _ index: Int, _ reason: String, at now: Instant,
        _ effects: inout [NodeEffect]
    ) {
        if addresses[index].lastTrouble ?? (.announce, "") != (step, reason) {
            addresses[index].lastTrouble = (step, reason)
            tell(.addressTrouble, index, reason, &effects)
        }
        if step == .fence || step == .unfence { fenceFailed(index, at: now) }
        if step == .probe { notAsked(index, at: now) }
        switch (step, addresses[index].custody) {
        case (.take, .taking):
            // Half of it may be done: undo all of it before the next try.
            addresses[index].takeAfter = now + Custody.takeRetry
            bar(index, &effects)
        case (.hush, .hushing):
            bar(index, &effects)
        case (.inspect, .inspecting), (.clear, .clearing), (.bar, .barring),
            (.reset, .resetting), (.remove, .removing):
            addresses[index].retryAt = now + Custody.stepRetry
        case (.inspect, _), (.renew, _), (.announce, _), (.clear, _), (.take, _), (.hush, _),
            (.bar, _), (.reset, _), (.remove, _), (.fence, _), (.unfence, _), (.watch, _),
            (.probe, _), (.verify, _):
            break  // A renewal that failed is followed by the next; without one the kernel acts.
        }
    }

    /// Somebody else removed the address: it is taken again while the lease runs, and given up
    /// behind that if it is no longer this host's.
    private mutating func vanished(_ index: Int, _ effects: inout [NodeEffect]) {
        guard case .held = addresses[index].custody, let until = addresses[index].usableUntil
        else { return }
        guard addresses[index].doubtedAt == nil else { return bar(index, &effects) }
        tell(
            .addressTrouble, index,
            "was removed from the interface by somebody else; taking it again", &effects)
        take(index, until: until, &effects)
    }

    func tell(
        _ name: Announcement.Name, _ index: Int, _ detail: String, _ effects: inout [NodeEffect]
    ) {
        let group = sentinel.groups[addresses[index].group]
        let announcement = Announcement(
            name, .primary(group: addresses[index].name, group.primaryEndpoint), detail: detail)
        effects.append(.sentinel(.announce(announcement)))
    }
}
