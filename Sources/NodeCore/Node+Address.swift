import MonotonicTime
import SentinelCore

/// Taking the write address and giving it up.
extension Node {
    /// Whether this host must answer for the address now: its own server is the primary that a
    /// majority agrees on, says so itself, works, and nothing newer is under way.
    func isRightful(_ index: Int) -> Bool {
        let group = addresses[index].group
        let state = sentinel.groups[group]
        let primary = state.servers[state.primary]
        guard !isStopping, primary.isLocal, !primary.isDown, primary.report?.isPrimary == true,
            sentinel.isConfirmed(group)
        else { return false }
        switch state.failover.phase {
        case .none, .waitStart, .preVote, .reconfigureReplicas:
            return !sentinel.isFailoverUnderWay(group)
        case .election, .selectReplica, .sendReplicaOfNoOne, .waitPromotion:
            return false
        }
    }

    private func mayTake(_ index: Int, at now: Instant) -> Bool {
        guard isRightful(index) else { return false }
        return addresses[index].takeAfter.map { now >= $0 } ?? true
    }

    /// A quick refusal from this host helps nobody any more: another host answers for the address,
    /// or this program ends.
    private func isElsewhere(_ index: Int) -> Bool {
        isStopping || sentinel.isHeldElsewhere(addresses[index].group)
    }

    /// Moves the custody of one address as far as it can go now.
    mutating func decide(_ index: Int, at now: Instant, _ effects: inout [NodeEffect]) {
        switch addresses[index].custody {
        case .released:
            if mayTake(index, at: now) { take(index, &effects) }
        case .held(let since, let next):
            if !isRightful(index) {
                bar(index, &effects)
            } else if now - since >= Self.announcement(next) {
                effects.append(.address(.announce(group: addresses[index].name)))
                addresses[index].custody = .held(since: since, nextAnnouncement: next + 1)
            }
        case .barred(let since):
            if mayTake(index, at: now) {
                take(index, &effects)
            } else if isElsewhere(index) || now - since > Custody.barredMax {
                addresses[index].custody = .removing
                effects.append(.address(.remove(group: addresses[index].name)))
            }
        case .clearing, .taking, .barring, .resetting, .removing:
            retry(index, at: now, &effects)
        }
        tellOthers(index, &effects)
    }

    private mutating func tellOthers(_ index: Int, _ effects: inout [NodeEffect]) {
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

    private mutating func take(_ index: Int, _ effects: inout [NodeEffect]) {
        addresses[index].custody = .taking
        addresses[index].retryAt = nil
        effects.append(.address(.take(group: addresses[index].name)))
    }

    private mutating func bar(_ index: Int, _ effects: inout [NodeEffect]) {
        addresses[index].custody = .barring
        addresses[index].retryAt = nil
        effects.append(.address(.bar(group: addresses[index].name)))
    }

    /// Gives a step that failed another try when it is time.
    private mutating func retry(_ index: Int, at now: Instant, _ effects: inout [NodeEffect]) {
        guard let due = addresses[index].retryAt, now >= due else { return }
        addresses[index].retryAt = nil
        let group = addresses[index].name
        switch addresses[index].custody {
        case .clearing: effects.append(.address(.clear(group: group)))
        case .barring: effects.append(.address(.bar(group: group)))
        case .resetting: effects.append(.address(.reset(group: group)))
        case .removing: effects.append(.address(.remove(group: group)))
        case .taking, .released, .held, .barred: break  // Decided anew, not repeated.
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
        case .vanished(let group):
            guard let index = addresses.firstIndex(where: { $0.name == group }) else { return }
            vanished(index, at: now, &effects)
        }
    }

    private mutating func done(
        _ step: AddressEvent.Step, _ index: Int, at now: Instant, _ effects: inout [NodeEffect]
    ) {
        switch (step, addresses[index].custody) {
        case (.clear, .clearing), (.remove, .removing):
            addresses[index].custody = .released
            addresses[index].retryAt = nil
            letVotesGo(index, &effects)
        case (.take, .taking):
            addresses[index].custody = .held(since: now, nextAnnouncement: 0)
            addresses[index].takeAfter = nil
            addresses[index].isSaidHeld = true
            tell(.addressTaken, index, "held by this host", &effects)
        case (.bar, .barring):
            addresses[index].custody = .resetting
            effects.append(.address(.reset(group: addresses[index].name)))
        case (.reset, .resetting):
            addresses[index].custody = .barred(since: now)
            if addresses[index].isSaidHeld {
                addresses[index].isSaidHeld = false
                tell(.addressGivenUp, index, "given up by this host", &effects)
            }
            letVotesGo(index, &effects)
        case (.announce, _), (.clear, _), (.take, _), (.bar, _), (.reset, _), (.remove, _):
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
        switch (step, addresses[index].custody) {
        case (.take, .taking):
            // Half of it may be done: undo all of it before the next try.
            addresses[index].takeAfter = now + Custody.takeRetry
            bar(index, &effects)
        case (.clear, .clearing), (.bar, .barring), (.reset, .resetting), (.remove, .removing):
            addresses[index].retryAt = now + Custody.stepRetry
        case (.announce, _), (.clear, _), (.take, _), (.bar, _), (.reset, _), (.remove, _):
            break
        }
    }

    /// Somebody else removed the address: it is taken again, and given up behind that if it is no
    /// longer this host's.
    private mutating func vanished(
        _ index: Int, at now: Instant, _ effects: inout [NodeEffect]
    ) {
        guard case .held = addresses[index].custody else { return }
        tell(
            .addressTrouble, index,
            "was removed from the interface by somebody else; taking it again", &effects)
        take(index, &effects)
    }

    private mutating func letVotesGo(_ index: Int, _ effects: inout [NodeEffect]) {
        effects.append(contentsOf: addresses[index].withheld.map { .sentinel($0) })
        addresses[index].withheld.removeAll()
    }

    private func tell(
        _ name: Announcement.Name, _ index: Int, _ detail: String, _ effects: inout [NodeEffect]
    ) {
        let group = sentinel.groups[addresses[index].group]
        let announcement = Announcement(
            name, .primary(group: addresses[index].name, group.primaryEndpoint), detail: detail)
        effects.append(.sentinel(.announce(announcement)))
    }
}
