import LeaseCore
import MonotonicTime
import NodeCore

/// Machines that stand still, and what may go wrong when they go on: by their own clocks their
/// leases run, by the voters' they are over.
extension World {
    /// Whether a fault can't befall a machine that stands still, nor end there.
    func standsStill(_ fault: Fault) -> Bool {
        switch fault.kind {
        case .suspendHost, .stopMachine, .isolateHost, .cutOneWay, .partition, .slowPaths,
            .slowDisk,
            .failDisk, .strangeHost, .changeVoters:
            false
        case .killServer, .hangServer, .killNode, .stopNode, .pauseNode, .crashHost, .loseAddress,
            .orderFailover, .orderSwitchover, .pauseGroup:
            hosts[fault.host].standstill != nil
        }
    }

    /// A machine that stands still already goes on when the first fault ends.
    func isDoubled(_ fault: Fault) -> Bool {
        switch fault.kind {
        case .suspendHost, .stopMachine: hosts[fault.host].standstill != nil
        case .killServer, .hangServer, .killNode, .stopNode, .pauseNode, .crashHost, .isolateHost,
            .cutOneWay, .partition, .slowPaths, .slowDisk, .failDisk, .loseAddress, .strangeHost,
            .orderFailover, .orderSwitchover, .changeVoters, .pauseGroup:
            false
        }
    }

    mutating func standStill(_ host: Int, _ kind: Standstill.Kind) {
        guard hosts[host].isUp, hosts[host].standstill == nil else { return }
        record(.daemon(.standsStill), host: host)
        var standstill = Standstill(kind: kind, since: now)
        standstill.resumesDaemon = hosts[host].daemon == .running
        pauseDaemon(host)
        for index in servers.indices where servers[index].host == host && servers[index].answers {
            standstill.servers.append(index)
            hangServer(index)
        }
        for group in hosts[host].addresses.indices {
            let address = hosts[host].addresses[group]
            guard let end = address.leasedUntil, now < end else {
                standstill.leases.append(nil)
                continue
            }
            standstill.leases.append(((address.nominalEnd ?? end) - now, end - now))
            hosts[host].addresses[group].leasedUntil = nil
        }
        hosts[host].standstill = standstill
        changePaths(of: host, by: 1)
        isServiceStale = true
    }

    mutating func goOn(_ host: Int) {
        guard let standstill = hosts[host].standstill else { return }
        hosts[host].standstill = nil
        changePaths(of: host, by: -1)
        record(.daemon(.goesOn), host: host)
        disturbedAt = now
        let length = now - standstill.since
        let isKnown: Bool
        switch standstill.kind {
        case .suspended:
            isKnown = true
        case .stopped:
            hosts[host].clock.stood(for: length)
            isKnown = random.happens(1, in: 3)
            if !isKnown, random.happens(1, in: 2) {
                let life = hosts[host].life
                schedule(
                    .clockSet(host: Int32(host), life: life),
                    after: random.between(.milliseconds(1), .seconds(5)))
            }
            for index in standstill.servers {
                servers[index].writesPausedUntil = servers[index].writesPausedUntil.map {
                    $0 + length
                }
            }
        }
        excuse(host, isKnown: isKnown && standstill.resumesDaemon)
        hosts[host].owesStandstill = hosts[host].owesStandstill || isKnown
        for (group, lease) in standstill.leases.enumerated() {
            guard let lease else { continue }
            self.lease(
                until: now + lease.late, nominally: now + lease.nominal, on: host, group: group)
        }
        for index in standstill.servers { wakeServer(index, life: servers[index].life) }
        if standstill.resumesDaemon { resumeDaemon(host, life: hosts[host].life) }
    }

    /// Somebody set the wall clock of a machine that had stood: its node sees that when it wakes.
    mutating func clockSet(_ host: Int, life: UInt32) {
        guard isDaemon(host, life: life) else { return }
        hosts[host].owesStandstill = true
        if hosts[host].standstill == nil, hosts[host].daemon == .running {
            let end = now + Self.knownOverlapMax
            if isExcused(host) { excuse(host, until: min(hosts[host].excusedUntil, end)) }
        }
    }

    private mutating func changePaths(of host: Int, by change: Int32) {
        for other in hosts.indices where other != host {
            network.cut(from: host, to: other, by: change)
            network.cut(from: other, to: host, by: change)
        }
    }

    // MARK: Two hosts

    /// A node that knows gives the address up unless a majority confirms it: the voters are
    /// waited for, and a wake-up, and the steps in the kernel.
    static let knownOverlapMax = Interval.milliseconds(460)

    /// For so long the host may answer for an address beside another: no voter renews what it asked
    /// for before it stood still, so never for longer than it may use a lease.
    private mutating func excuse(_ host: Int, isKnown: Bool) {
        let use = leases(hosts[host].file, host: host).map(\.terms.use).max() ?? .zero
        let longest = max(use, LeaseTerms(promise: scenario.promiseMax).use)
        let latest =
            now + hosts[host].clock.trueLength(of: longest)
            + (scenario.enforcements[host] == .packetFilter
                ? Self.latenessMax : Self.lifetimeLatenessMax)
        hosts[host].excusableUntil = latest
        excuse(host, until: isKnown ? min(latest, now + Self.knownOverlapMax) : latest)
    }

    /// Its node can give nothing up in time: the kernel's timer does.
    mutating func excuseLonger(_ host: Int) {
        guard isExcused(host) else { return }
        excuse(host, until: hosts[host].excusableUntil)
    }

    private mutating func excuse(_ host: Int, until end: Moment) {
        hosts[host].excusedUntil = end
        for group in 0..<scenario.groupCount {
            queue.schedule(.soleAnswerDue(group: Int32(group)), at: end)
        }
    }

    /// A machine that stood still may have answered for an address beside another until now.
    func isExcused(_ host: Int) -> Bool { now < hosts[host].excusedUntil }
}
