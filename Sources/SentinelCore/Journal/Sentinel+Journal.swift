import Addressing
package import MonotonicTime

/// Writing the journal: what is known of a failover is gathered as it happens, and handed out when
/// it is over and whenever something more becomes known.
extension Sentinel {
    /// A failover may be about to begin.
    mutating func beginRecord(_ group: Int, _ cause: FailoverRecord.Cause) {
        if let record = groups[group].record, !record.isOver { return }
        var record = FailoverRecord(
            group: groups[group].name, cause: cause, from: groups[group].primaryEndpoint)
        record.fromOffset = groups[group].servers[groups[group].primary].report?.offset
        record.reach(.begun, at: now)
        groups[group].record = record
        if groups[group].tenure.freeSince == nil { groups[group].unheldSince = nil }
    }

    /// Nothing came of it, and nobody was elected: nothing to tell.
    mutating func forgetRecord(_ group: Int) {
        guard let record = groups[group].record, !record.isOver, record.epoch == 0 else { return }
        groups[group].record = nil
    }

    mutating func reach(_ phase: FailoverRecord.Phase, _ group: Int) {
        groups[group].record?.reach(phase, at: now)
    }

    /// This node leads it from here on.
    mutating func recordElection(_ group: Int, epoch: Epoch, votes: PeerSet) {
        guard groups[group].record?.isOver == false else { return }
        groups[group].record?.epoch = epoch
        groups[group].record?.leader = settings.name
        groups[group].record?.votes =
            [settings.name] + peers.indices.filter { votes.contains($0) }.map { peers[$0].name }
        reach(.elected, group)
    }

    mutating func recordChoice(_ group: Int, _ server: Int) {
        guard groups[group].record?.isOver == false else { return }
        let chosen = groups[group].servers[server]
        groups[group].record?.to = chosen.endpoint
        groups[group].record?.toOffset = chosen.report?.offset
        reach(.chosen, group)
    }

    mutating func recordFailure(_ group: Int, _ name: Announcement.Name, _ effects: inout [Effect])
    {
        guard groups[group].record?.isOver == false, groups[group].record?.epoch ?? 0 > 0 else {
            return
        }
        groups[group].record?.failure = name.rawValue
        handOut(group, &effects)
    }

    /// The configuration changes: from here on every node has something to tell.
    mutating func recordSwitch(
        _ group: Int, to endpoint: Endpoint, learntFrom peer: Int?, _ effects: inout [Effect]
    ) {
        if groups[group].record?.isOver ?? true {
            groups[group].record = FailoverRecord(
                group: groups[group].name, cause: .hearsay, from: groups[group].primaryEndpoint)
            let former = groups[group].servers[groups[group].primary].report
            groups[group].record?.fromOffset = former?.offset
        }
        let epoch = groups[group].configEpoch
        groups[group].record?.epoch = epoch
        groups[group].record?.to = endpoint
        reach(.inForce, group)
        if let peer, groups[group].record?.leader == nil {
            groups[group].record?.leader = peers[peer].name
        }
        if !groups[group].settings.isLeased { handOut(group, &effects) }
    }

    /// Nobody answers for the address any more, since then at the latest.
    package mutating func recordUnheld(_ group: Int, since: Instant) {
        if groups[group].unheldSince == nil { groups[group].unheldSince = since }
    }

    /// A host answers for the address.
    mutating func recordHeld(_ group: Int, _ effects: inout [Effect]) {
        guard let record = groups[group].record, record.moment(of: .held) == nil,
            record.moment(of: .inForce) != nil
        else { return }
        reach(.held, group)
        if let since = groups[group].unheldSince {
            groups[group].record?.unheld = max(now - since, .zero)
        }
        handOut(group, &effects)
    }

    /// A host other than the holder's heard the holder answer for the address.
    mutating func recordSeen(
        _ group: Int, by name: String, after: Interval, _ effects: inout [Effect]
    ) {
        guard let record = groups[group].record, record.seen == nil,
            record.epoch == groups[group].configEpoch, record.moment(of: .held) != nil
        else { return }
        groups[group].record?.seen = FailoverRecord.Sighting(by: name, after: after)
        handOut(group, &effects)
    }

    mutating func recordEnd(_ group: Int, _ effects: inout [Effect]) {
        guard groups[group].record?.moment(of: .inForce) != nil else { return }
        reach(.followed, group)
        handOut(group, &effects)
    }

    /// The former primary has returned with the history that was in force before: what it has
    /// beyond the point at which the new primary left that history was acknowledged by it alone.
    mutating func recordLoss(
        _ group: Int, _ server: Int, _ report: ServerReport, _ effects: inout [Effect]
    ) {
        guard let record = groups[group].record, record.lostBytes == nil,
            record.moment(of: .inForce) != nil,
            groups[group].servers[server].endpoint == record.from, report.isPrimary,
            server != groups[group].primary,
            let now = groups[group].servers[groups[group].primary].report,
            let common = now.formerReplicationID, common == report.replicationID,
            let end = now.formerOffset
        else { return }
        groups[group].record?.lostBytes = report.offset > end ? report.offset - end : 0
        handOut(group, &effects)
    }

    private mutating func handOut(_ group: Int, _ effects: inout [Effect]) {
        if let record = groups[group].record { effects.append(.record(record)) }
    }
}

extension FailoverRecord {
    /// A later failover gets a record of its own.
    var isOver: Bool { failure != nil || moment(of: .inForce) != nil }
}
