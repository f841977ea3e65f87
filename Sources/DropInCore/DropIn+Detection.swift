import MonotonicTime
import SentinelCore

/// Who is down, in this node's eyes (subjectively) and in a quorum's (objectively).
extension DropIn {
    mutating func judgeServer(
        _ server: Int, of group: Int, _ effects: inout [DropInEffect]
    ) {
        let connection = groups[group].servers[server].connection
        replaceStuckLinks(connection, group, &effects)
        let isDown = seemsDown(server, of: group)
        guard isDown != groups[group].servers[server].condition.isDown else { return }
        if isDown {
            groups[group].servers[server].condition.goDown(at: now)
            if server == 0 { isBusy = true }
            announce(.subjectivelyDown, server: server, of: group, "", &effects)
            if server == 0 { askFreshReports(group, &effects) }
        } else {
            groups[group].servers[server].condition.comeUp()
            groups[group].servers[server].isScriptKillSent = false
            announce(.subjectivelyUp, server: server, of: group, "", &effects)
        }
    }

    private mutating func seemsDown(_ server: Int, of group: Int) -> Bool {
        let limit = groups[group].settings.downAfter
        let silence = connections[groups[group].servers[server].connection].silence(at: now)
        if silence > limit { return true }
        if server == 0, silence > .zero { noteDeadline(now + (limit - silence)) }
        if server == 0, !groups[group].servers[0].reportsPrimary,
            now - groups[group].servers[0].roleSince > limit + periods[.info] * 2
        {
            return true
        }
        guard let rebooted = groups[group].servers[server].rebootedAt else { return false }
        return now - rebooted > groups[group].settings.rebootDownAfter
    }

    /// A primary's end is noticed to the moment, so that all who saw its connection close agree.
    private mutating func noteDeadline(_ deadline: Instant) {
        let due = deadline + .milliseconds(1)
        guard due - now < Rhythm.tickIdle else { return }
        nextDeadline = nextDeadline.map { min($0, due) } ?? due
    }

    mutating func judgePeer(_ peer: Int, of group: Int, _ effects: inout [DropInEffect]) {
        let connection = groups[group].peers[peer].connection
        replaceStuckLinks(connection, group, &effects)
        let isDown = connections[connection].silence(at: now) > groups[group].settings.downAfter
        guard isDown != groups[group].peers[peer].condition.isDown else { return }
        if isDown {
            groups[group].peers[peer].condition.goDown(at: now)
        } else {
            groups[group].peers[peer].condition.comeUp()
        }
        announce(
            isDown ? .subjectivelyDown : .subjectivelyUp, peer: peer, of: group, "", &effects)
    }

    /// Links on which nothing comes back are replaced, not too often.
    private mutating func replaceStuckLinks(
        _ connection: Int, _ group: Int, _ effects: inout [DropInEffect]
    ) {
        let patience = groups[group].settings.downAfter / 2
        if connections[connection].commands != nil,
            now - connections[connection].commandsSince > periods[.reconnection],
            let unanswered = connections[connection].unansweredSince,
            now - unanswered > patience, now - connections[connection].lastPong > patience
        {
            closeCommands(connection, &effects)
        }
        if connections[connection].subscription != nil,
            now - connections[connection].subscriptionSince > periods[.reconnection],
            now - connections[connection].subscriptionActivity > periods[.publish] * 3
        {
            closeSubscription(connection, &effects)
        }
    }

    /// The choice of a replica will rest on them.
    private mutating func askFreshReports(_ group: Int, _ effects: inout [DropInEffect]) {
        for server in groups[group].servers.indices.dropFirst() {
            askReport(server, of: group, &effects)
        }
    }

    /// Looks at one group after anything happened to it. Judges nothing in TILT.
    mutating func review(_ group: Int, _ effects: inout [DropInEffect]) {
        guard !isTilted else { return }
        forgetOldOpinions(group)
        judgeObjectively(group, &effects)
        if mayStart(group, &effects) { startFailover(group, isForced: false, &effects) }
        advanceFailover(group, &effects)
        askPeers(group, &effects)
    }

    private mutating func forgetOldOpinions(_ group: Int) {
        let limit = periods[.ask] * 5
        for peer in groups[group].peers.indices {
            let last = groups[group].peers[peer].lastAnswer
            guard last.map({ now - $0 > limit }) ?? true else { continue }
            groups[group].peers[peer].seesDown = false
            groups[group].peers[peer].leader = nil
        }
    }

    /// Objectively down: enough see the primary down at about the same time.
    private mutating func judgeObjectively(_ group: Int, _ effects: inout [DropInEffect]) {
        var count = 0
        let isSubjectivelyDown = groups[group].servers[0].condition.isDown
        if isSubjectivelyDown { count = 1 + groups[group].peers.count { $0.seesDown } }
        let isDown = isSubjectivelyDown && count >= groups[group].settings.quorum
        guard isDown != (groups[group].objectivelyDownSince != nil) else { return }
        groups[group].objectivelyDownSince = isDown ? now : nil
        if !isDown {
            groups[group].failedTries = 0
            groups[group].retryAt = nil
        }
        announce(
            isDown ? .objectivelyDown : .objectivelyUp, server: 0, of: group,
            isDown ? " #quorum \(count)/\(groups[group].settings.quorum)" : "", &effects)
    }

    /// Asks the others while the primary is down: hastily at first, since the answer decides how
    /// long writes wait.
    private mutating func askPeers(_ group: Int, _ effects: inout [DropInEffect]) {
        let isElecting = groups[group].isCoordinated && groups[group].failover == .waitStart
        guard
            let since = groups[group].servers[0].condition.downSince
                ?? (isElecting ? groups[group].failoverStart : nil)
        else { return }
        let period =
            now - since < Rhythm.haste && hotCount <= Rhythm.hastyCountMax
            ? min(periods[.ask], Rhythm.askPeriodHasty) : periods[.ask]
        for peer in groups[group].peers.indices
        where isDue(groups[group].peers[peer].lastQuestion, period) {
            ask(peer, of: group, &effects)
        }
    }

    /// Asks one peer what it sees and, in a failover, for its vote.
    mutating func ask(_ peer: Int, of group: Int, _ effects: inout [DropInEffect]) {
        let connection = groups[group].peers[peer].connection
        guard let link = connections[connection].commands,
            !connections[connection].isDisconnected, !connections[connection].isCongested
        else { return }
        let place = groups[group].servers[0].place
        let isCandidate = groups[group].failover != .none
        // The epoch of the failover, though others may have gone on: a vote of theirs counts for
        // that epoch alone.
        let question = DropInRequest.askDown(
            host: announced(place), port: place.port,
            isCandidate ? groups[group].failoverEpoch : currentEpoch,
            candidate: isCandidate ? id : nil, group: groups[group].key)
        groups[group].peers[peer].lastQuestion = now
        let names = groups[group].settings.renamedCommands
        // A request for a vote rests on the epoch, an opinion on nothing.
        connections[connection].pendingCount += 1
        if isCandidate {
            sendWhenDurable(.request(link, question, names: names))
        } else {
            effects.append(.request(link, question, names: names))
        }
    }
}
