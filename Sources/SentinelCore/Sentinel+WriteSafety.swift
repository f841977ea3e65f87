import Addressing
import MonotonicTime

/// Keeping `min-replicas-to-write` and `-max-lag` of every server as the group's policy demands:
/// of the replicas too, so that one that is promoted refuses writes from its first moment.
extension Sentinel {
    /// Sets them when they are due: after each connection and change of role, when a report shows
    /// that somebody changed them, and every now and then.
    mutating func keepLimit(_ group: Int, _ server: Int, _ effects: inout [Effect]) {
        guard groups[group].settings.writeSafety != nil, isLimitedHere(group, server),
            !isPaused(group),
            groups[group].servers[server].lastLimit.map({ now - $0 >= Rhythm.limitPeriod }) ?? true
        else { return }
        limitWrites(group, server, &effects)
    }

    /// Sets them now, ahead of what is sent to the server next.
    mutating func limitWrites(_ group: Int, _ server: Int, _ effects: inout [Effect]) {
        guard let safety = groups[group].settings.writeSafety,
            let link = groups[group].servers[server].commands.usable
        else { return }
        groups[group].servers[server].lastLimit = now
        let names = groups[group].servers[server].limitNames
        effects.append(.request(link, .limitWrites(safety.limit, names, sentAt: now)))
    }

    /// A server's own host sees to it; where no node runs, everybody does.
    private func isLimitedHere(_ group: Int, _ server: Int) -> Bool {
        groups[group].servers[server].isLocal || node(of: groups[group].servers[server]) == nil
    }

    /// A report tells whether a limit is in force, not which.
    mutating func checkLimit(_ group: Int, _ server: Int, sentAt: Instant, hasNewRole: Bool) {
        guard let safety = groups[group].settings.writeSafety,
            let report = groups[group].servers[server].report,
            let lastLimit = groups[group].servers[server].lastLimit
        else { return }
        let isAsWanted = (report.goodReplicas != nil) == (safety.limit.replicas > 0)
        let isAnswered = sentAt - lastLimit >= Rhythm.infoPeriod
        if hasNewRole || !isAsWanted && isAnswered {
            groups[group].servers[server].lastLimit = nil
        }
    }

    mutating func limitAnswered(
        _ group: Int, _ server: Int, error: String?, _ effects: inout [Effect]
    ) {
        guard let error else {
            groups[group].servers[server].lastLimitRefusal = nil
            return
        }
        // The old names are asked for once, in case it knows no others.
        if groups[group].servers[server].limitNames == .replicas {
            groups[group].servers[server].limitNames = .slaves
            return limitWrites(group, server, &effects)
        }
        groups[group].servers[server].limitNames = .replicas
        let subject = groups[group].subject(server).text
        let text =
            "\(subject) refuses the settings of `baton write-safety`: \(error). "
            + "Its user needs +config|set; until then nothing bounds what a failover can lose."
        guard groups[group].servers[server].lastLimitRefusal != text else { return }
        groups[group].servers[server].lastLimitRefusal = text
        announce(.alarm, .none, text, &effects)
    }

    // MARK: What a successor must have

    /// A replica, or the primary of it, says how far it is.
    mutating func noteReach(_ group: Int, _ server: Int) {
        guard let history = groups[group].replicationID,
            let report = groups[group].servers[server].report,
            report.replicationID == history
        else { return }
        guard report.isPrimary else {
            return groups[group].reached.note(Reach(history: history, offset: report.offset))
        }
        guard server == groups[group].primary else { return }
        groups[group].reached.turn(at: now)
        // Which history counts is worth knowing before any replica has it.
        groups[group].reached.note(Reach(history: history, offset: 0))
        for replica in report.attached {
            groups[group].reached.note(Reach(history: history, offset: replica.offset))
        }
    }

    /// It lacks nothing that another replica was known to have: the primary took writes because
    /// that one heard it, so what is beyond is younger than the bound.
    func isWithinBound(_ report: ServerReport, _ group: Int) -> Bool {
        guard groups[group].settings.isBounded else { return true }
        var known = groups[group].votedReaches
        if let own = groups[group].reached.settled { known.append(own) }
        if hasHistoryBefore(report, group) {
            // The primary was promoted and lost before any replica followed it: it took no writes.
            if let former = groups[group].formerReach { known.append(former) }
            return known.allSatisfy { reach in
                reach.history == report.replicationID
                    ? report.offset >= reach.offset : reach.offset == 0
            }
        }
        guard let history = presentHistory(group) else {
            // Lost before anybody heard it. A server that goes on from the history before, and is
            // not what stood there, has followed it.
            let former = groups[group].formerReplicationID
            return former != nil && report.formerReplicationID == former
                || isFurthestOfAll(report, group)
        }
        guard report.replicationID == history else { return false }
        return known.allSatisfy { $0.history != history || report.offset >= $0.offset }
    }

    /// No voter has heard the primary: all were started after it was lost. But all its replicas are
    /// here, with one history, and none is further than this one; each has followed since its
    /// process began. The primary took writes only while one of them heard it.
    private func isFurthestOfAll(_ report: ServerReport, _ group: Int) -> Bool {
        let primary = groups[group].primary
        // Of a disk that was lost nothing tells which replicas there were.
        guard !hasJoined else { return false }
        return report.replicationID != nil
            && groups[group].servers.indices.allSatisfy { index in
                let server = groups[group].servers[index]
                guard index != primary else { return true }
                guard !server.isDown, server.isConnected, let other = server.report,
                    let asOf = server.reportSentAt, now - asOf <= Rhythm.presentReport
                else { return false }
                return other.role == .replica(of: groups[group].primaryEndpoint)
                    && other.hasFollowed && other.replicationID == report.replicationID
                    && other.offset <= report.offset
            }
    }

    /// It has the history that the primary, by its own word, had before it was promoted.
    private func hasHistoryBefore(_ report: ServerReport, _ group: Int) -> Bool {
        guard let primary = groups[group].servers[groups[group].primary].report,
            primary.isPrimary, let former = primary.formerReplicationID
        else { return false }
        return primary.replicationID == presentHistory(group) && report.replicationID == former
            && report.replicationID != presentHistory(group)
    }

    /// The history of the primary: by its own word, or by that of the voters who heard it when this
    /// node did not.
    func presentHistory(_ group: Int) -> RunID? {
        groups[group].replicationID ?? groups[group].votedReaches.first?.history
    }
}

extension Settings.Group {
    /// No failover may lose more than declared.
    var isBounded: Bool { writeSafety?.boundSeconds != nil }
}
