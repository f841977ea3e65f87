import Addressing
import MonotonicTime

/// From an objectively down primary to a leader.
extension Sentinel {
    /// Moves the failover of one group as far as it can go now.
    mutating func advanceFailover(_ group: Int, _ effects: inout [Effect]) {
        // Each pass makes at most one move; no path through the table is longer.
        for _ in 0..<Failover.Phase.allCases.count {
            let before = groups[group].failover.phase
            step(group, &effects)
            if groups[group].failover.phase == before { return }
        }
    }

    private mutating func step(_ group: Int, _ effects: inout [Effect]) {
        switch groups[group].failover {
        case .none:
            guard groups[group].isObjectivelyDown, mayVote, !isPaused(group),
                now >= groups[group].notBefore,
                !hasRecentVote(group)
            else { return }
            move(group, to: .waitStart(at: now + Rhythm.rankStep * rank(group)))
        case .waitStart(let at):
            if !groups[group].isObjectivelyDown || hasRecentVote(group) || !mayVote
                || isPaused(group)
            {
                move(group, to: .none)
            } else if now >= at {
                askPreVotes(group, isForced: false, &effects)
                groups[group].isIncumbency = isIncumbent(group)
            }
        case .preVote(let ballot):
            if isWon(ballot, group) {
                beginElection(group, isForced: ballot.isForced, &effects)
            } else if isLost(ballot)
                || (!ballot.isForced
                    && (!groups[group].isObjectivelyDown || isPaused(group)))
            {
                giveUp(group)
            }
        case .election(let ballot):
            if !ballot.isForced, isPaused(group) {
                giveUp(group)
            } else if isWon(ballot, group) {
                elected(group, ballot, &effects)
            } else if isLost(ballot) {
                announce(
                    .abortNotElected, groups[group].subject(groups[group].primary), "", &effects)
                giveUp(group)
            }
        case .selectReplica(let epoch, let askedAt):
            selectReplica(group, epoch: epoch, askedAt: askedAt, &effects)
        case .promotion(let epoch, let replica, let sentAt, let deadline):
            promote(
                group, epoch: epoch, replica: replica, sentAt: sentAt, deadline: deadline, &effects)
        case .reconfigureReplicas(_, let deadline):
            reconfigure(group, deadline: deadline, &effects)
        }
    }

    /// The only place where a failover changes its state; every move is a row of the table.
    mutating func move(_ group: Int, to next: Failover) {
        let from = groups[group].failover.phase
        if next == .none {
            groups[group].isIncumbency = false
            groups[group].order = nil
        }
        precondition(
            from == next.phase || Transition.allows(from, next.phase),
            "no such transition: \(from) to \(next.phase)")
        groups[group].failover = next
        if from != next.phase { moves.append(Transition.Move(from: from, to: next.phase)) }
    }

    /// The attempt failed; the next one waits longer, and longest on the worst placed host. Each
    /// time the candidates are spread further, until a round trip fits between them.
    mutating func giveUp(_ group: Int, nobodyWasPromoted: Bool = false) {
        if groups[group].votedFor == id,
            nobodyWasPromoted || groups[group].failover.phase != .waitPromotion
        {
            // Nobody was told to be the primary and nobody will be: this node's voice is free,
            // and so are the others'.
            groups[group].votedAt = now - Rhythm.leaderPatience
            let withdrawal = Withdrawal(
                group: groups[group].name, epoch: groups[group].votedEpoch, candidate: id)
            for peer in peers.indices {
                guard let link = peers[peer].link.usable else { continue }
                sendWhenDurable(.request(link, .tell(.withdrawal(withdrawal), sentAt: now)))
            }
        }
        // An order that nobody followed leaves nothing to tell; a lost primary is tried for again.
        if !groups[group].isPrimaryLost { forgetRecord(group) }
        groups[group].attempts += 1
        groups[group].notBefore =
            now + Rhythm.backOff(attempt: groups[group].attempts)
            + Rhythm.rankStep * (rank(group) * min(groups[group].attempts, Rhythm.spreadMax))
        move(group, to: .none)
    }

    // MARK: Ballots

    private func isWon(_ ballot: Failover.Ballot, _ group: Int) -> Bool {
        // Our own voice counts. `quorum` is about seeing the primary down, yet Sentinel asks it
        // of a leader's votes too.
        electorate.voices(ballot.granted)
            >= max(electorate.majority, groups[group].settings.quorum)
    }

    private func isLost(_ ballot: Failover.Ballot) -> Bool {
        now >= ballot.deadline || !mayVote
            || electorate.isHopeless(ballot.refused)
    }

    mutating func askPreVotes(_ group: Int, isForced: Bool, _ effects: inout [Effect]) {
        let ballot = Failover.Ballot(
            epoch: currentEpoch + 1, deadline: now + Rhythm.electionRound, isForced: isForced)
        move(group, to: .preVote(ballot))
        ask(group, ballot, .preVote)
    }

    private mutating func beginElection(
        _ group: Int, isForced: Bool, _ effects: inout [Effect]
    ) {
        let ballot = Failover.Ballot(
            epoch: currentEpoch + 1, deadline: now + Rhythm.electionRound, isForced: isForced)
        groups[group].votedReaches = []
        groups[group].hasBlindVote = false
        raiseEpoch(to: ballot.epoch, &effects)
        announce(.tryFailover, groups[group].subject(groups[group].primary), "", &effects)
        move(group, to: .election(ballot))
        vote(for: id, in: ballot.epoch, isOrdered: isForced, group, &effects)
        ask(group, ballot, .vote)
    }

    private mutating func ask(_ group: Int, _ ballot: Failover.Ballot, _ kind: Question.Kind) {
        let question = Question(
            kind: kind, group: groups[group].name, primary: groups[group].primaryEndpoint,
            epoch: ballot.epoch, candidate: id, isForced: ballot.isForced, voters: voterNumber)
        for peer in peers.indices {
            guard let link = peers[peer].link.usable else { continue }
            sendWhenDurable(.request(link, .tell(.question(question), sentAt: now)))
        }
    }

    mutating func answered(_ answer: Answer, by peer: Int, _ effects: inout [Effect]) {
        guard let group = groups.firstIndex(where: { $0.name == answer.group }),
            isPlausible(answer.currentEpoch)
        else { return }
        raiseEpoch(to: answer.currentEpoch, &effects)
        groups[group].views[peer].seesDownUntil =
            answer.isDown ? now + Rhythm.opinionLifetime : nil
        switch groups[group].failover {
        case .preVote(var ballot) where answer.kind == .preVote:
            if answer.isGranted {
                ballot.granted.insert(peer)
            } else {
                ballot.refused.insert(peer)
            }
            groups[group].failover = .preVote(ballot)
        case .election(var ballot) where answer.kind == .vote:
            count(answer, by: peer, group, in: &ballot, &effects)
            groups[group].failover = .election(ballot)
        case .none, .waitStart, .preVote, .election, .selectReplica, .promotion,
            .reconfigureReplicas:
            break  // An opinion, or an answer to a round that is over.
        }
        review(group, &effects)
    }

    private mutating func count(
        _ answer: Answer, by peer: Int, _ group: Int, in ballot: inout Failover.Ballot,
        _ effects: inout [Effect]
    ) {
        if answer.votedEpoch == ballot.epoch, answer.votedFor == id, answer.isGranted {
            ballot.granted.insert(peer)
            switch answer.witness {
            case .nothing: break
            case .reach(let reach): groups[group].votedReaches.append(reach)
            case .blind: groups[group].hasBlindVote = true
            }
        } else {
            ballot.refused.insert(peer)
        }
        if let votedFor = answer.votedFor, answer.votedEpoch == ballot.epoch {
            let voter = peers[peer].id?.description ?? peers[peer].name
            announce(.remark, .none, "\(voter) voted for \(votedFor) \(ballot.epoch)", &effects)
        }
    }

    private mutating func elected(
        _ group: Int, _ ballot: Failover.Ballot, _ effects: inout [Effect]
    ) {
        let epoch = ballot.epoch
        recordElection(group, epoch: epoch, votes: ballot.granted)
        let subject = groups[group].subject(groups[group].primary)
        announce(.electedLeader, subject, "", &effects)
        announce(.selectReplica, subject, "", &effects)
        move(group, to: .selectReplica(epoch: epoch, askedAt: now))
        for server in groups[group].servers.indices where server != groups[group].primary {
            askReport(group, server, &effects)
        }
        for peer in peers.indices { greet(peer, group) }
    }
}
