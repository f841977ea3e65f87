import MonotonicTime
import NodeCore
import SentinelCore

/// What the liveness checkers remember of a group between two looks.
struct GroupWatch: Sendable {
    var service = Patience()
    var returned = Patience()
    var convergence = Patience()
    var voters = Patience()
    /// Since when the configured primary has not been at the majority's service.
    var primaryLostAt: Moment?
    /// Since when an operator has been told that it is paused.
    var pausedSince: Moment?
}

/// What must become true once the world has been left alone for long enough (``Bounds``).
extension World {
    mutating func check() {
        schedule(.check, after: Self.checkPeriod)
        let isCalm = self.isCalm
        for group in watch.indices { notePause(group) }
        for group in watch.indices {
            checkService(group)
            checkReturned(group, isCalm: isCalm)
            checkConvergence(group, isCalm: isCalm)
            checkVoters(group, isCalm: isCalm)
        }
    }

    /// Every host, node, path and disk is well, and no stranger has an address; servers may be
    /// dead.
    private var isCalm: Bool {
        guard strangers.allSatisfy({ $0.count == 0 }) else { return false }
        for host in hosts.indices {
            guard !hosts[host].isListed || isAble(host), hosts[host].isUp, !network.isSlow(host)
            else { return false }
            for other in hosts.indices where network.isCut(from: host, to: other) { return false }
        }
        return true
    }

    /// Whether a node can take part in decisions.
    private func isAble(_ host: Int) -> Bool {
        hosts[host].daemon == .running && hosts[host].disk.failures == 0
            && hosts[host].disk.slowdowns == 0
    }

    // MARK: Served

    /// A majority of able nodes that hear one another, as bits, if every other host is either out
    /// of their hearing or has no able node: a node that hears only some of them is a case in
    /// which nothing is promised.
    private var quorumPart: UInt32? {
        var able: UInt32 = 0
        for host in hosts.indices {
            if network.isSlow(host) { return nil }
            if isAble(host) { able |= 1 << UInt32(host) }
        }
        for first in hosts.indices where able >> UInt32(first) & 1 == 1 {
            var part: UInt32 = 0
            for host in hosts.indices
            where able >> UInt32(host) & 1 == 1 && network.isWhole(between: first, and: host) {
                part |= 1 << UInt32(host)
            }
            guard isMajority(part) else { continue }
            return isApart(part) ? part : nil
        }
        return nil
    }

    private func isApart(_ part: UInt32) -> Bool {
        for member in hosts.indices where part >> UInt32(member) & 1 == 1 {
            // What stands still hears nobody.
            for host in hosts.indices where host != member && hosts[host].standstill == nil {
                let isMember = part >> UInt32(host) & 1 == 1
                let isWhole = network.isWhole(between: member, and: host)
                if isMember {
                    if !isWhole { return false }
                } else if isAble(host) {
                    guard network.isCut(from: member, to: host),
                        network.isCut(from: host, to: member)
                    else { return false }
                } else if hosts[host].isUp, !isWhole {
                    return false
                }
            }
        }
        return true
    }

    private mutating func checkService(_ group: Int) {
        let verdict = serviceComplaint(group)
        let isSlow = hosts.contains { $0.disk.slowdowns > 0 }
        let bound = isSlow ? bounds.service + bounds.slowDisk : bounds.service
        let runsOut = watch[group].service.runsOut(
            isWrong: verdict != nil, at: now, disturbedAt: disturbedAt, bound: bound)
        if runsOut, let verdict {
            verdicts.add(.served, group: group, "\(verdict) for \(text(bound))")
        }
    }

    /// Why a group that ought to be served isn't; `nil` when it is or nothing is promised.
    private mutating func serviceComplaint(_ group: Int) -> String? {
        // Nobody takes what a stranger has.
        guard strangers[group].count == 0 else { return nil }
        guard let part = quorumPart, let primary = primaryServer(of: group) else {
            watch[group].primaryLostAt = nil
            return nil
        }
        let host = servers[primary].host
        let isInPart = part >> UInt32(host) & 1 == 1
        let isWell = servers[primary].answers && !servers[primary].isLoading
        if isInPart, isWell { watch[group].primaryLostAt = nil }
        for index in servers.indices
        where servers[index].group == group && part >> UInt32(servers[index].host) & 1 == 1
            && isReached(index)
        {
            return nil
        }
        if isInPart, isWell { return "a healthy primary was not served" }
        let first = UInt32(part.trailingZeroBitCount)
        let isHeard = hosts[host].isUp && network.isWhole(between: Int(first), and: host)
        // A holder whose node can't vote, its disk being full, may still renew what it has.
        if isHeard, isReached(primary) { return nil }
        if servers[primary].isLoading { return nil }
        let lostAt = watch[group].primaryLostAt ?? now
        watch[group].primaryLostAt = lostAt
        for index in servers.indices
        where servers[index].group == group && index != primary
            && part >> UInt32(servers[index].host) & 1 == 1
            && isEligible(index, insteadOf: primary, lostAt: lostAt, part)
        {
            return "a replica at \(servers[index].endpoint) was there, and no primary was served"
        }
        return nil
    }

    /// A replica that had its primary's data until that was lost.
    private func isEligible(
        _ index: Int, insteadOf primary: Int, lostAt: Moment, _ part: UInt32
    ) -> Bool {
        let server = servers[index]
        guard server.answers, !server.isLoading, server.upstream != .syncing,
            server.role == .replica(of: servers[primary].endpoint),
            server.history == servers[primary].history
        else { return false }
        // Where losses are bounded none is promoted that is behind another.
        // Nor, by voters that never heard the primary, while it is not known what another has.
        if scenario.writeSafety != nil,
            servers.indices.contains(where: { other in
                servers[other].group == server.group && other != primary
                    && (!servers[other].answers || !servers[other].hasFollowed
                        || servers[other].upstream == .syncing
                        // In another history it may have more: which one counts nobody knows.
                        || servers[other].history != server.history
                        || servers[other].role != server.role
                        || part >> UInt32(servers[other].host) & 1 == 0
                        || servers[other].offset > server.offset)
            })
        {
            return false
        }
        return server.upstream == .up || server.upstreamDownSince >= disturbedAt
            || server.upstreamDownSince + .seconds(1) >= lostAt
    }

    // MARK: One primary, one mind

    private mutating func checkReturned(_ group: Int, isCalm: Bool) {
        let primaries = servers.indices.count {
            servers[$0].group == group && servers[$0].isServingPrimary
        }
        // Where all servers lost their data, and so their roles, only an operator can help.
        let isServed = servers.indices.contains { servers[$0].group == group && isReached($0) }
        let runsOut = watch[group].returned.runsOut(
            isWrong: isCalm && isServed && primaries > 1, at: now, disturbedAt: disturbedAt,
            bound: bounds.returned)
        if runsOut {
            verdicts.add(
                .returnedPrimary, group: group,
                "\(primaries) servers were primaries in a healthy network "
                    + "for \(text(bounds.returned))")
        }
    }

    private mutating func checkConvergence(_ group: Int, isCalm: Bool) {
        let complaint = isCalm ? convergenceComplaint(group) : nil
        let runsOut = watch[group].convergence.runsOut(
            isWrong: complaint != nil, at: now, disturbedAt: disturbedAt, bound: bounds.convergence)
        if runsOut, let complaint {
            verdicts.add(
                .convergence, group: group, "\(complaint) for \(text(bounds.convergence))")
        }
    }

    private mutating func checkVoters(_ group: Int, isCalm: Bool) {
        let complaint = isCalm ? voterComplaint() : nil
        let runsOut = watch[group].voters.runsOut(
            isWrong: complaint != nil, at: now, disturbedAt: disturbedAt, bound: bounds.voters)
        if runsOut, let complaint {
            verdicts.add(.convergence, group: group, "\(complaint) for \(text(bounds.voters))")
        }
    }

    private func convergenceComplaint(_ group: Int) -> String? {
        guard let newest = configurations.newest(of: group),
            let primary = primaryServer(of: group)
        else { return "no node knows a configuration" }
        for index in servers.indices
        where servers[index].group == group
            && (!servers[index].answers || servers[index].isLoading)
        {
            return nil  // Not everything is healed, so nothing is promised.
        }
        for host in hosts.indices {
            let known = hosts[host].disk.durable.group(named: Scenario.groupNames[group])
            guard !hosts[host].isListed || known?.primary == newest.primary else {
                return "\(Scenario.name(ofHost: host)) did not know the primary \(newest.primary)"
            }
            let isHere = servers[primary].host == host
            if hosts[host].addresses[group].isOpen(at: now) != isHere {
                return "the address was \(isHere ? "not " : "")open on "
                    + Scenario.name(ofHost: host)
            }
        }
        guard servers[primary].role == .primary else { return "\(newest.primary) was no primary" }
        for index in servers.indices where servers[index].group == group && index != primary {
            guard servers[index].role == .replica(of: newest.primary),
                servers[index].upstream == .up
            else { return "\(servers[index].endpoint) did not follow \(newest.primary)" }
        }
        return nil
    }

    // MARK: Nothing lost

    /// A write was acknowledged: not behind what was said to be the last one.
    mutating func checkPause(of index: Int) {
        let (host, group) = (servers[index].host, servers[index].group)
        guard hosts[host].daemon == .running, !isExcused(host),
            let end = hosts[host].node.sentinel.groups[group].tenure.saidEnd,
            servers[index].writesPausedUntil != nil, servers[index].offset > end
        else { return }
        verdicts.add(
            .losslessHandover, group: group,
            "\(servers[index].endpoint) acknowledged a write at \(servers[index].offset), when its "
                + "stream was said to end at \(end)")
    }

    /// A server is promoted in a coordinated failover: it has every write that was acknowledged.
    mutating func checkHandover(to index: Int) {
        let (host, group) = (servers[index].host, servers[index].group)
        guard servers[index].role != .primary,
            hosts[host].node.sentinel.groups[group].tenure.appointment?.isCoordinated == true
        else { return }
        let origin = servers[index].history
        guard let last = histories[origin].acknowledged.last, last > servers[index].offset else {
            return
        }
        verdicts.add(
            .losslessHandover, group: group,
            "\(servers[index].endpoint) is promoted at \(servers[index].offset), behind a write "
                + "that was acknowledged at \(last)")
    }

    /// A server is promoted where losses are bounded: the writes that it lacks took no longer than
    /// the bound, unless an operator wanted it as it stands.
    mutating func checkLoss(by index: Int) {
        let (host, group) = (servers[index].host, servers[index].group)
        guard let seconds = scenario.writeSafety?.boundSeconds, servers[index].role != .primary,
            let present = written[group], !isForced(group),
            let lost = histories.lostTime(
                of: present,
                to: .init(history: servers[index].history, offset: servers[index].offset),
                period: Self.writePeriod),
            lost > .seconds(seconds) + Self.onTheWay
        else { return }
        verdicts.add(
            .boundedLoss, group: group,
            "\(servers[index].endpoint) on \(Scenario.name(ofHost: host)) is promoted without "
                + "\(lost.milliseconds) ms of writes, where \(seconds) s were declared")
    }

    /// A server is promoted: not long after an operator was told that the group is paused, unless
    /// one ordered it. What had begun before the pause may still succeed.
    mutating func checkPaused(_ index: Int) {
        let group = servers[index].group
        guard servers[index].role != .primary, let since = watch[group].pausedSince,
            now - since > Self.pauseGrace, !isOrdered(group)
        else { return }
        verdicts.add(
            .pauseKept, group: group,
            "\(servers[index].endpoint) is promoted \((now - since).milliseconds) ms after the "
                + "group was said to be paused")
    }

    /// All rounds of a leader together.
    private static let pauseGrace = Interval.seconds(5)

    private func isOrdered(_ group: Int) -> Bool {
        faults.contains {
            ($0.kind == .orderFailover || $0.kind == .orderSwitchover) && $0.group == group
                && $0.begins <= now && now - $0.begins < .seconds(15)
        }
    }

    /// While anybody follows a pause nothing is promised, and afterwards all of it anew.
    private mutating func notePause(_ group: Int) {
        let isFollowed = hosts.contains {
            $0.disk.durable.group(named: Scenario.groupNames[group])?.pause?.isPaused == true
        }
        if isFollowed { disturbedAt = now }
    }

    /// An operator is answered.
    mutating func noteAnswer(to query: QueryID, error: String?) {
        guard let order = pauseOrders.first(where: { $0.query == query.number }), error == nil
        else { return }
        watch[order.group].pausedSince = now
    }

    /// What a replica says is on its way for so long.
    private static let onTheWay = Interval.milliseconds(100)

    private func isForced(_ group: Int) -> Bool {
        faults.contains {
            $0.kind == .orderFailover && $0.group == group && $0.begins <= now
                && now - $0.begins < .seconds(10)
        }
    }

    private func text(_ interval: Interval) -> String {
        "\(interval.milliseconds) ms"
    }
}
