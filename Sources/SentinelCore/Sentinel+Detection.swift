import Addressing
import MonotonicTime

/// Who is down, in this node's eyes (subjectively) and in a quorum's (objectively).
extension Sentinel {
    /// Subjectively down: silent for longer than `down-after`, or a primary that has reported
    /// itself a replica for long (Sentinel behaviour), or ended by evidence, or reborn.
    mutating func judge(_ group: Int, _ server: Int, _ effects: inout [Effect]) {
        let isDown = seemsDown(group, server)
        guard isDown != groups[group].servers[server].isDown else { return }
        groups[group].servers[server].downSince = isDown ? now : nil
        if server == groups[group].primary {
            if isDown { beginRecord(group, cause(group, server)) } else { forgetRecord(group) }
        }
        if !isDown { groups[group].servers[server].roleSince = now }
        announce(
            isDown ? .subjectivelyDown : .subjectivelyUp, groups[group].subject(server), "",
            &effects)
    }

    private func cause(_ group: Int, _ server: Int) -> FailoverRecord.Cause {
        if isReborn(group, server) { return .reborn }
        return groups[group].servers[server].isEnded(at: now) ? .evidence : .silence
    }

    /// It is to be replaced by a replica that has what it lost, and one is there.
    func isReborn(_ group: Int, _ server: Int) -> Bool {
        guard server == groups[group].primary, !isPaused(group),
            let end = groups[group].servers[server].rebornUntil, now < end,
            // Since then its history may have become the group's, and replicas follow it.
            groups[group].servers[server].report?.replicationID != groups[group].replicationID
        else { return false }
        return candidates(group).contains { hasPresentHistory(group, $0) }
    }

    /// Asked of every server after every event: inlined and `mutating`, since a call, or a borrow,
    /// would copy the sentinel.
    @inline(__always)
    private mutating func seemsDown(_ group: Int, _ index: Int) -> Bool {
        let limit = groups[group].settings.downAfter
        if groups[group].settings.trustsEvidence, groups[group].servers[index].isEnded(at: now) {
            return true
        }
        if groups[group].servers[index].rebornUntil != nil, isReborn(group, index) { return true }
        if groups[group].servers[index].silence(at: now) > limit { return true }
        return index == groups[group].primary
            && groups[group].servers[index].hasBeenReplica(
                for: limit + Rhythm.infoPeriod * 2, at: now)
    }

    mutating func judgePeers(_ group: Int, _ effects: inout [Effect]) {
        for peer in peers.indices {
            guard let contact = peers[peer].contact else { continue }
            let isDown = now - contact > groups[group].settings.downAfter
            guard isDown != groups[group].views[peer].isDown else { continue }
            groups[group].views[peer].isDown = isDown
            announce(
                isDown ? .subjectivelyDown : .subjectivelyUp, subject(peer: peer, group), "",
                &effects)
        }
    }

    func subject(peer: Int, _ group: Int) -> Announcement.Subject {
        .peer(
            name: peers[peer].id?.description ?? peers[peer].name, peers[peer].endpoint,
            group: groups[group].name, primary: groups[group].primaryEndpoint)
    }

    /// Objectively down: this node and enough others see the primary down, or without a holder of
    /// its write address, at about the same time.
    mutating func judgeObjectively(_ group: Int, _ effects: inout [Effect]) {
        let primary = groups[group].primary
        var seeing = PeerSet()
        for peer in peers.indices
        where groups[group].views[peer].seesDownUntil.map({ $0 > now }) ?? false {
            seeing.insert(peer)
        }
        let count = electorate.voices(seeing)
        let isDown =
            groups[group].isPrimaryLost && count >= groups[group].settings.quorum
        guard isDown != groups[group].isObjectivelyDown else { return }
        groups[group].isObjectivelyDown = isDown
        if isDown {
            beginRecord(group, .unheld)
            reach(.agreed, group)
        } else if !groups[group].isPrimaryLost {
            forgetRecord(group)
        }
        announce(
            isDown ? .objectivelyDown : .objectivelyUp, groups[group].subject(primary),
            isDown ? "#quorum \(count)/\(groups[group].settings.quorum)" : "", &effects)
    }

    /// Asks the others while the primary seems lost.
    mutating func askPeers(_ group: Int, _ effects: inout [Effect]) {
        guard groups[group].isPrimaryLost,
            let since = groups[group].servers[groups[group].primary].downSince
                ?? groups[group].tenure.freeSince
        else { return }
        let period =
            now - since > Rhythm.haste ? Rhythm.askPeriodPatient : Rhythm.askPeriod
        for peer in peers.indices {
            guard let link = peers[peer].link.usable else { continue }
            if let last = groups[group].views[peer].lastQuestion, now - last < period { continue }
            groups[group].views[peer].lastQuestion = now
            let question = Question(
                kind: .opinion, group: groups[group].name,
                primary: groups[group].primaryEndpoint, epoch: currentEpoch, candidate: id,
                voters: voterNumber)
            sendWhenDurable(.request(link, .tell(.question(question), sentAt: now)))
        }
    }

    // MARK: Evidence

    /// The driver saw a local server's process end.
    mutating func processEnded(
        _ endpoint: Endpoint, processID: Int32, _ effects: inout [Effect]
    ) {
        for group in groups.indices {
            guard groups[group].settings.trustsEvidence,
                let server = groups[group].index(of: endpoint),
                groups[group].servers[server].isLocal,
                let report = groups[group].servers[server].report, report.processID == processID,
                let runID = report.runID
            else { continue }
            let evidence = Evidence(group: groups[group].name, server: endpoint, runID: runID)
            take(evidence, &effects)
            for peer in peers.indices {
                guard let link = peers[peer].link.usable else { continue }
                effects.append(.request(link, .tell(.evidence(evidence), sentAt: now)))
            }
        }
    }

    /// Notes the end of a server's process and asks the server for a sign of life.
    mutating func take(_ evidence: Evidence, _ effects: inout [Effect]) {
        guard let group = groups.firstIndex(where: { $0.name == evidence.group }),
            groups[group].settings.trustsEvidence,
            let server = groups[group].index(of: evidence.server),
            groups[group].servers[server].ended?.runID != evidence.runID
        else { return }
        // Evidence about another life than the one that answers now says nothing.
        let known = groups[group].servers[server].report?.runID
        guard known == nil || known == evidence.runID else { return }
        groups[group].servers[server].ended = (evidence.runID, now)
        announce(.evidence, groups[group].subject(server), "process ended", &effects)
        ping(group, server, &effects)
        review(group, &effects)
    }
}
