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
            let asOf = groups[group].servers[server].reportSentAt,
            report.replicationID == history
        else { return }
        guard report.isPrimary else {
            return groups[group].reached.note(Reach(history: history, offset: report.offset))
        }
        guard server == groups[group].primary else { return }
        groups[group].reached.turn(at: now, asOf: asOf)
        // Which history counts is worth knowing before any replica has it.
        groups[group].reached.note(Reach(history: history, offset: 0))
        for replica in report.attached {
            groups[group].reached.note(Reach(history: history, offset: replica.offset))
        }
    }

    /// It lacks nothing that another replica had while that kept the primary writing, so what is
    /// beyond is younger than the bound. Either those who elected this node vouch for it, or
    /// nobody is missing and none has more.
    func isWithinBound(_ report: ServerReport, _ group: Int) -> Bool {
        guard groups[group].settings.isBounded else { return true }
        return isVouchedFor(report, group) || isFurthestOfAll(report, group)
    }

    /// Among any majority is a voter that renewed the primary's last lease. Where none of this one
    /// is blind it heard the primary to the end, and knows how far the replicas were.
    private func isVouchedFor(_ report: ServerReport, _ group: Int) -> Bool {
        guard !groups[group].hasBlindVote, !isBlind(group) else { return false }
        var known = groups[group].votedReaches
        if let own = groups[group].reached.demanded { known.append(own) }
        guard !known.isEmpty else { return false }
        return known.allSatisfy { reach in
            // A server that goes on from that history has what it had there.
            report.replicationID == reach.history && report.offset >= reach.offset
                || report.formerReplicationID == reach.history
                    && report.formerOffset ?? 0 >= reach.offset
        }
    }

    /// This voter renewed the lease of a primary that it had not heard lately: that may have taken
    /// writes, and another replica with it, of which this voter knows nothing.
    ///
    /// What is taken after the last renewal is taken within D, so that whoever heard the primary
    /// N − D before it knows all but N.
    func isBlind(_ group: Int) -> Bool {
        guard let seconds = groups[group].settings.writeSafety?.boundSeconds,
            // What a life whose disk was lost has granted nobody knows.
            let renewedAt = groups[group].tenure.renewedAt ?? (hasJoined ? startedAt : nil)
        else { return false }
        guard let heard = groups[group].reached.heardAsOf else { return true }
        let spare = Interval.seconds(seconds) - groups[group].tenure.leaseUse
        return renewedAt - heard > max(spare, Rhythm.hearingMin)
    }

    /// All replicas are here, in one history, and none is further than this one; each has followed
    /// since its process began. The primary took writes only while one of them heard it.
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
                    && other.hasFollowed && !other.isSyncing && !other.isLoading
                    && other.replicationID == report.replicationID
                    && other.offset <= report.offset
            }
    }

    /// The history of the primary: by its own word, or by that of the voters who heard it when this
    /// node did not.
    func presentHistory(_ group: Int) -> RunID? {
        groups[group].replicationID
            ?? groups[group].votedReaches.first.map { newest($0.history, group) }
    }

    /// What voters know may be older than the primary: one that was promoted and lost before any of
    /// them heard it. Its replicas tell which history went on from that one.
    private func newest(_ voted: RunID, _ group: Int) -> RunID {
        var history = voted
        // Each history is of another promotion, and every server knows one of them.
        for _ in groups[group].servers {
            let next = groups[group].servers.first {
                $0.report?.formerReplicationID == history
                    && $0.report?.role == .replica(of: groups[group].primaryEndpoint)
                    && $0.report?.hasFollowed == true
            }
            guard let next = next?.report?.replicationID else { break }
            history = next
        }
        return history
    }
}

extension Settings.Group {
    /// No failover may lose more than declared.
    var isBounded: Bool { writeSafety?.boundSeconds != nil }
}
