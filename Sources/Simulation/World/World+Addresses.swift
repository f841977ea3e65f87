import LeaseCore
import MonotonicTime
import NodeCore
import SentinelCore

/// What the hosts' kernels do with the write addresses, and who answers for them.
extension World {
    mutating func addressOrdered(_ effect: AddressEffect, on host: Int) {
        guard let group = groupIndex(effect.parts.group) else { return }
        hosts[host].addresses[group].steps.append(effect)
        if hosts[host].addresses[group].steps.count == 1 { beginStep(on: host, group: group) }
    }

    private mutating func beginStep(on host: Int, group: Int) {
        let step = hosts[host].addresses[group].steps[0].parts.step
        schedule(
            .addressStep(host: Int32(host), group: Int32(group), life: hosts[host].life),
            after: SimulatedAddress.duration(of: step, random: &random))
    }

    mutating func addressStep(_ host: Int, group: Int, life: UInt32) {
        guard isDaemon(host, life: life) else { return }
        let occurrence = Occurrence.addressStep(
            host: Int32(host), group: Int32(group), life: life)
        guard !waits(occurrence, forDaemonOf: host) else { return }
        let effect = hosts[host].addresses[group].steps.removeFirst()
        if !hosts[host].addresses[group].steps.isEmpty { beginStep(on: host, group: group) }
        if random.happens(1, in: 200) {
            excuseLonger(host)
            deliver(
                .address(
                    .failed(
                        group: Scenario.groupNames[group], effect.parts.step,
                        reason: "The kernel refused the step.")),
                to: host)
            return
        }
        deliver(.address(carriedOut(effect, on: host, group: group)), to: host)
        if effect.parts.step == .probe { strangerAsked(by: host, group: group) }
    }

    /// Does the step in the kernel and says what became of it.
    private mutating func carriedOut(
        _ effect: AddressEffect, on host: Int, group: Int
    ) -> AddressEvent {
        let (step, name) = effect.parts
        switch effect {
        case .inspect:
            return .found(group: name, until: inspected(host, group: group))
        case .take(_, _, let until):
            guard let end = leaseEnd(until, on: host) else {
                return .failed(group: name, step, reason: "The lease's deadline has passed.")
            }
            checkStranger(on: host, group: group)
            hosts[host].addresses[group].apply(.take)
            lease(until: end.late, nominally: end.nominal, on: host, group: group)
        case .renew(_, _, let until):
            let isAlive =
                hosts[host].addresses[group].leasedUntil.map { now < $0 } ?? false
            guard isAlive else { return .lapsed(group: name) }
            guard let end = leaseEnd(until, on: host) else {
                // Less than a second can't be given as a lifetime: the former one stays.
                let isInTime = until > hosts[host].clock.instant(at: now)
                let stays = scenario.enforcements[host] == .addressLifetime && isInTime
                return stays ? .done(group: name, step) : .lapsed(group: name)
            }
            if scenario.enforcements[host] == .packetFilter
                || end.nominal > hosts[host].addresses[group].nominalEnd ?? now
            {
                lease(until: end.late, nominally: end.nominal, on: host, group: group)
            }
        case .clear, .announce, .hush, .bar, .reset, .remove, .fence, .unfence, .watch, .probe,
            .verify:
            let isKept =
                mutation == .keepsAddress || mutation == .keepsEverything
                || mutation == .releasesAndStays && (step == .bar || step == .hush)
            if !isKept { hosts[host].addresses[group].apply(step) }
        }
        isServiceStale = true
        return .done(group: name, step)
    }

    /// When the kernel's timer ends, in true time: the host's own clock runs it, and it may be
    /// late. `nil` when the moment has passed, as good as: what was frozen on its way is undone.
    private mutating func leaseEnd(
        _ until: Instant, on host: Int
    ) -> (nominal: Moment, late: Moment)? {
        var rest = until - hosts[host].clock.instant(at: now)
        var latenessMax = Self.latenessMax
        if case .addressLifetime = scenario.enforcements[host] {
            rest = .seconds(Int(rest.nanoseconds / 1_000_000_000))
            latenessMax = Self.lifetimeLatenessMax
        }
        guard rest > .zero else { return nil }
        var lateness = random.between(.zero, latenessMax)
        // As late as it may be, which whoever counts with it must bear.
        if mutation == .forgetsLateness { lateness = latenessMax }
        if mutation == .lateKernel { lateness = .seconds(2) }
        if mutation == .deadKernel { lateness = .seconds(3600) }
        let nominal = now + hosts[host].clock.trueLength(of: rest)
        return (nominal, nominal + lateness)
    }

    /// nf_tables' timers count jiffies.
    static let latenessMax = Interval.milliseconds(10)
    /// Addresses' lifetimes are looked at once a second, by work that others hold up.
    static let lifetimeLatenessMax = Interval.milliseconds(1_450)

    private func inspected(_ host: Int, group: Int) -> Instant? {
        guard let end = hosts[host].addresses[group].leasedUntil, now < end,
            let nominal = hosts[host].addresses[group].nominalEnd,
            hosts[host].addresses[group].isOnInterface
        else { return nil }
        let until = hosts[host].clock.instant(at: nominal)
        switch scenario.enforcements[host] {
        case .packetFilter:
            return hosts[host].clock.instant(at: end)
        case .addressLifetime:
            // The kernel tells whole seconds, the one that has begun included.
            let present = hosts[host].clock.instant(at: now)
            let whole = (until - present).nanoseconds / 1_000_000_000
            return whole > 0 ? present + .seconds(Int(whole)) : nil
        }
    }

    mutating func lease(
        until end: Moment, nominally nominal: Moment, on host: Int, group: Int
    ) {
        hosts[host].addresses[group].leasedUntil = end
        hosts[host].addresses[group].nominalEnd = nominal
        isServiceStale = true
        if !hosts[host].addresses[group].isEndPlanned {
            hosts[host].addresses[group].isEndPlanned = true
            queue.schedule(.leaseEnds(host: Int32(host), group: Int32(group)), at: end)
        }
        checkSoleAnswer(group)
    }

    /// The kernel's timer ran, unless it was put off meanwhile.
    mutating func leaseEnds(_ host: Int, group: Int) {
        hosts[host].addresses[group].isEndPlanned = false
        guard let end = hosts[host].addresses[group].leasedUntil else { return }
        if now < end {
            hosts[host].addresses[group].isEndPlanned = true
            queue.schedule(.leaseEnds(host: Int32(host), group: Int32(group)), at: end)
        } else {
            hosts[host].addresses[group].leasedUntil = nil
            isServiceStale = true
        }
    }

    /// In true time, at every moment: no two hosts answer for one address, but for a machine that
    /// stood still and can't know yet.
    mutating func checkSoleAnswer(_ group: Int) {
        let answering = hosts.indices.filter {
            hosts[$0].addresses[group].isAnswered(at: now)
        }
        guard answering.count > 1, answering.count(where: { !isExcused($0) }) > 1 else { return }
        let names = answering.map { Scenario.name(ofHost: $0) }
        verdicts.add(
            .soleHolder, group: group,
            "\(names.joined(separator: " and ")) answered for the address at one time")
    }
}
