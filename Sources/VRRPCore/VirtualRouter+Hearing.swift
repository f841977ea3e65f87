internal import Addressing
internal import MonotonicTime

/// What an advertisement means in each state (RFC 9568 section 6.4; RFC 3768 section 6.4).
extension VirtualRouter {
    mutating func hear(
        _ advertisement: Advertisement, from source: IPAddress, at now: Instant,
        _ effects: inout [VirtualRouterEffect]
    ) {
        switch state {
        case .initialise:
            break  // Takes no part.
        case .backup(var backup):
            hear(advertisement, from: source, &backup, at: now)
            remain(.backup(backup))
        case .active(let active):
            hear(advertisement, from: source, active, at: now, &effects)
        case .leaving(let leaving):
            hear(advertisement, from: source, leaving, at: now)
        }
    }

    private func hear(
        _ advertisement: Advertisement, from source: IPAddress, _ backup: inout Backup,
        at now: Instant
    ) {
        backup.heard = Heard(source: source, priority: advertisement.priority)
        if advertisement.priority == Advertisement.resignation {
            backup.downAt =
                now
                + VRRPTimers.skew(
                    settings.version, priority: priority, interval: backup.activeInterval)
            return
        }
        if advertisement.priority >= priority {
            backup.lowerSince = nil
        } else {
            backup.lowerSince = backup.lowerSince ?? now
            // Discarded: the timer runs on.
            if mayPreempt(backup, at: now) { return }
        }
        follow(advertisement, &backup, at: now)
    }

    /// Version 3 takes over the active host's interval, so that hosts may be set to different ones;
    /// in version 2 ``Reception`` has refused another.
    private func follow(_ advertisement: Advertisement, _ backup: inout Backup, at now: Instant) {
        backup.activeInterval = advertisement.interval
        backup.downAt = now + downInterval(advertisement.interval)
    }

    /// One of lower priority is active, and has been for long enough.
    func mayPreempt(_ backup: Backup, at now: Instant) -> Bool {
        guard let since = backup.lowerSince, !backup.isHandedOver else { return false }
        return (settings.preempts || priority == Advertisement.ownerPriority)
            && now - since >= settings.preemptDelay
    }

    private mutating func hear(
        _ advertisement: Advertisement, from source: IPAddress, _ active: Active, at now: Instant,
        _ effects: inout [VirtualRouterEffect]
    ) {
        if isOutranked(by: advertisement, from: source) {
            // A last word: the winner may have been active for long where this host's was not
            // heard. It makes him announce the addresses anew to whoever had ours.
            effects.append(.send(settings.advertisement(priority: priority)))
            var next = backup(at: now)
            next.heard = Heard(source: source, priority: advertisement.priority)
            follow(advertisement, &next, at: now)
            let leaving = Leaving(
                until: now + Self.takingTime, next: next, isSucceeded: true)
            enter(
                .leaving(leaving),
                .outranked(by: source, priority: advertisement.priority), &effects)
            return
        }
        // RFC 9568 section 6.4.3: at once, so that the other gives way at once. (RFC 3768 and
        // RFC 5798 let him wait for the next.)
        effects.append(.send(settings.advertisement(priority: priority)))
        var active = active
        active.advertiseAt = now + settings.interval
        if advertisement.priority != Advertisement.resignation,
            now - active.announcedAt >= Self.announcementPause
        {
            // He may have announced the addresses as his.
            effects.append(.announceAddresses(times: Self.announcementTimes))
            active.announcedAt = now
            active.announceAt = now + Self.announcementDelay
        }
        remain(.active(active))
    }

    private func isOutranked(by advertisement: Advertisement, from other: IPAddress) -> Bool {
        if advertisement.priority != priority { return advertisement.priority > priority }
        return source.map { other > $0 } ?? true
    }

    /// As in the state that comes next. A successor that is active needs a moment to take the
    /// addresses and to announce them; one that resigns is none.
    private mutating func hear(
        _ advertisement: Advertisement, from source: IPAddress, _ leaving: Leaving, at now: Instant
    ) {
        var leaving = leaving
        if var next = leaving.next {
            hear(advertisement, from: source, &next, at: now)
            leaving.next = next
        }
        if !leaving.isSucceeded, advertisement.priority != Advertisement.resignation {
            leaving.isSucceeded = true
            leaving.until = min(leaving.until, now + Self.takingTime)
        }
        remain(.leaving(leaving))
    }
}
