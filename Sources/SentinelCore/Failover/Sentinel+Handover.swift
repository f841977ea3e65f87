import Addressing
import MonotonicTime

/// A coordinated failover: it is announced, writes are paused on the present primary, the appointed
/// server catches up, and only then does the holder give the address away. Until then everything
/// can be undone, since the appointed host has no lease.
extension Sentinel {
    // MARK: The holder's host

    /// A leader named another server while this host's works. First of all those are told who send
    /// writes for others: what they have sent is answered before writes stand still, and what they
    /// hold from now on is not cut off by the reset.
    mutating func beginHandover(_ group: Int, _ appointment: Appointment, _ effects: inout [Effect])
    {
        guard groups[group].tenure.holdsAddress, groups[group].isPrimaryHere,
            groups[group].tenure.handover == nil
        else { return }
        groups[group].tenure.handover = Surrender(epoch: appointment.epoch, announcedAt: now)
        announce(
            .switchoverBegin, groups[group].subject(groups[group].primary),
            "to \(appointment.server)", &effects)
    }

    /// Writes are paused for long enough that no paused one runs before its connection is reset,
    /// even if this node dies meanwhile: the kernel ends the lease within D.
    private mutating func pauseWrites(_ group: Int, _ effects: inout [Effect]) {
        let primary = groups[group].primary
        groups[group].tenure.handover?.pause(at: now)
        // Without a link it is given up when its time is over.
        guard let link = groups[group].servers[primary].commands.usable else { return }
        let pause = groups[group].tenure.leaseUse + Rhythm.pauseMargin
        effects.append(.request(link, .pauseWrites(pause, sentAt: now)))
        // In the same write: what it reports stands behind the last write that was acknowledged.
        askReport(group, primary, &effects)
    }

    mutating func pauseAnswered(
        _ group: Int, _ server: Int, sentAt: Instant, error: String?, _ effects: inout [Effect]
    ) {
        guard server == groups[group].primary, let handover = groups[group].tenure.handover,
            handover.startedAt == sentAt, case .pausing = handover.stage
        else { return }
        if let error {
            return abandonHandover(
                group,
                "its server refuses to pause writes (\(error)); its user needs "
                    + "+client|pause +client|unpause", &effects)
        }
        groups[group].tenure.handover?.stage = .pausing(isPaused: true)
        // Only a report that comes behind the pause tells where the stream ends.
        groups[group].servers[server].reportSentAt = nil
    }

    /// What the holder's host does next, or gives up.
    mutating func continueHandover(_ group: Int, _ effects: inout [Effect]) {
        guard let handover = groups[group].tenure.handover else { return }
        let server = groups[group].servers[groups[group].primary]
        switch handover.stage {
        case .announced:
            guard isStillHere(group), groups[group].tenure.holdsAddress else {
                return abandonHandover(
                    group, "its server is gone, or the address is", &effects)
            }
            if now - handover.startedAt >= Rhythm.switchoverNotice { pauseWrites(group, &effects) }
        case .pausing(let isPaused):
            if isPaused, server.isConnected, let asOf = server.reportSentAt,
                asOf >= handover.startedAt,
                let report = server.report, report.isPrimary
            {
                groups[group].tenure.handover?.stage = .draining(offset: report.offset)
                announce(
                    .writesPaused, groups[group].subject(groups[group].primary),
                    "offset \(report.offset)", &effects)
                tellEverybody(
                    .paused(
                        Handover(
                            group: groups[group].name, epoch: handover.epoch,
                            offset: report.offset)), &effects)
            } else {
                checkPatience(group, handover, "its server did not pause writes", &effects)
            }
        case .draining:
            checkPatience(group, handover, "the chosen replica did not catch up", &effects)
        case .given:
            endHandover(group, handover, &effects)
        }
    }

    private mutating func checkPatience(
        _ group: Int, _ handover: Surrender, _ reason: String, _ effects: inout [Effect]
    ) {
        guard isStillHere(group) else {
            return abandonHandover(group, "its server is gone", &effects)
        }
        guard now - handover.startedAt >= Rhythm.handoverRound else { return }
        abandonHandover(
            group, reason + " within \(Rhythm.handoverRound.milliseconds) ms", &effects)
    }

    /// A connection that broke may mean a server that began anew, without the pause.
    private func isStillHere(_ group: Int) -> Bool {
        groups[group].isPrimaryHere && groups[group].servers[groups[group].primary].isConnected
    }

    /// The other server has everything: the address may go.
    mutating func caughtUp(_ said: Handover, _ effects: inout [Effect]) {
        guard let group = groups.firstIndex(where: { $0.name == said.group }) else { return }
        if groups[group].record?.epoch == said.epoch { reach(.caughtUp, group) }
        guard let handover = groups[group].tenure.handover, handover.epoch == said.epoch,
            handover.stage == .draining(offset: said.offset),
            now - handover.startedAt < Rhythm.handoverRound, isStillHere(group)
        else { return }
        groups[group].tenure.handover?.stage = .given
        groups[group].tenure.yielded = (said.epoch, now + Rhythm.promotionRound)
    }

    /// The paused clients are gone once the server follows another (they were killed with the
    /// order), and a new configuration that names this host again needs its writes.
    private mutating func endHandover(
        _ group: Int, _ handover: Surrender, _ effects: inout [Effect]
    ) {
        let server = groups[group].servers.firstIndex { $0.isLocal } ?? groups[group].primary
        let isReplica = groups[group].servers[server].report?.isPrimary == false
        let isOver = !groups[group].tenure.isYielding(at: now) && groups[group].isPrimaryHere
        // Without a node that tells it anything a pause ends by itself.
        let pause = groups[group].tenure.leaseUse + Rhythm.pauseMargin
        let hasPauseEnded = now - handover.startedAt > pause
        guard isReplica || isOver || hasPauseEnded else { return }
        groups[group].tenure.handover = nil
        if isReplica || isOver { resumeWrites(group, server, &effects) }
        // Whoever holds writes must hear that they go where they went.
        guard !isReplica, groups[group].isPrimaryHere else { return }
        announce(
            .abortHandover, groups[group].subject(groups[group].primary),
            "no other host took the write address", &effects)
    }

    private mutating func abandonHandover(
        _ group: Int, _ reason: String, _ effects: inout [Effect]
    ) {
        guard let handover = groups[group].tenure.handover else { return }
        groups[group].tenure.handover = nil
        if handover.stage != .announced {
            let server = groups[group].servers.firstIndex { $0.isLocal } ?? groups[group].primary
            resumeWrites(group, server, &effects)
        }
        announce(
            .abortHandover, groups[group].subject(groups[group].primary), reason, &effects)
        tellEverybody(
            .resumed(Handover(group: groups[group].name, epoch: handover.epoch)), &effects)
    }

    private mutating func resumeWrites(_ group: Int, _ server: Int, _ effects: inout [Effect]) {
        guard let link = groups[group].servers[server].commands.usable else { return }
        effects.append(.request(link, .resumeWrites(sentAt: now)))
    }

    // MARK: The appointed host

    /// The holder's writes stand still: this host's server has to come as far as their stream.
    mutating func writesPaused(_ handover: Handover, _ effects: inout [Effect]) {
        guard let group = groups.firstIndex(where: { $0.name == handover.group }) else { return }
        if groups[group].record?.epoch == handover.epoch { reach(.paused, group) }
        guard let office = groups[group].tenure.appointment, office.epoch == handover.epoch,
            let server = groups[group].index(of: office.server)
        else { return }
        groups[group].tenure.appointment?.offsetNeeded = handover.offset
        askReport(group, server, &effects)
        review(group, &effects)
    }

    /// Says so once this host's server has come so far, and looks again otherwise.
    mutating func followStream(
        _ group: Int, _ server: Int, _ office: Tenure.Office, _ effects: inout [Effect]
    ) {
        guard office.isCoordinated, let needed = office.offsetNeeded, !office.hasCaughtUp else {
            return
        }
        let entry = groups[group].servers[server]
        if let report = entry.report, report.offset >= needed,
            entry.following == groups[group].primaryEndpoint,
            hasPresentHistory(group, server)
        {
            groups[group].tenure.appointment?.hasCaughtUp = true
            return tellEverybody(
                .caughtUp(
                    Handover(group: groups[group].name, epoch: office.epoch, offset: needed)),
                &effects)
        }
        if entry.lastInfo.map({ now - $0 >= Rhythm.tickBusy }) ?? true {
            askReport(group, server, &effects)
        }
    }

    // MARK: Everybody

    /// The holder keeps the address: the appointment is void, and so is the leader's attempt.
    mutating func resumed(_ handover: Handover, _ effects: inout [Effect]) {
        guard let group = groups.firstIndex(where: { $0.name == handover.group }) else { return }
        if let office = groups[group].tenure.appointment, office.epoch == handover.epoch,
            office.isCoordinated, office.orderedAt == nil
        {
            groups[group].tenure.appointment = nil
        }
        if case .promotion(handover.epoch, _, .some, _) = groups[group].failover {
            if !groups[group].tenure.holdsAddress {
                announce(
                    .abortHandover, groups[group].subject(groups[group].primary),
                    "the holder let writes go on; its log says why", &effects)
            }
            recordFailure(group, .abortHandover, &effects)
            giveUp(group, nobodyWasPromoted: true)
        }
    }

    private mutating func tellEverybody(_ message: PeerMessage, _ effects: inout [Effect]) {
        for peer in peers.indices {
            guard let link = peers[peer].link.usable else { continue }
            effects.append(.request(link, .tell(message, sentAt: now)))
        }
        switch message {
        case .paused(let handover): writesPaused(handover, &effects)
        case .caughtUp(let handover): caughtUp(handover, &effects)
        case .resumed(let handover): resumed(handover, &effects)
        case .greeting, .question, .evidence, .withdrawal, .appointment, .lease, .release,
            .voters, .votersInForce:
            break  // What concerns another host only.
        }
    }
}
