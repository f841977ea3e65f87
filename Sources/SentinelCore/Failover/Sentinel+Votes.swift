import Addressing
import MonotonicTime

/// What this node answers when another asks for its opinion or its vote.
extension Sentinel {
    mutating func asked(_ query: QueryID, _ message: PeerMessage, _ effects: inout [Effect]) {
        switch message {
        case .greeting(let greeting):
            guard let peer = recognise(greeting.hello, &effects) else {
                return sendWhenDurable(.reply(query, .refused(.stranger)))
            }
            greeted(greeting, from: peer, asOf: nil, &effects)
            guard let group = groups.firstIndex(where: { $0.name == greeting.hello.group }) else {
                return sendWhenDurable(.reply(query, .refused(.unknownGroup)))
            }
            sendWhenDurable(.reply(query, .greeting(self.greeting(group))))
        case .question(let question):
            guard let group = groups.firstIndex(where: { $0.name == question.group }) else {
                return sendWhenDurable(.reply(query, .refused(.unknownGroup)))
            }
            guard peers.contains(where: { $0.id == question.candidate }) else {
                return sendWhenDurable(.reply(query, .refused(.stranger)))
            }
            noteVoters(
                question.voters, of: peers.firstIndex { $0.id == question.candidate }, &effects)
            let answer = answer(question, group, &effects)
            sendWhenDurable(.reply(query, .answer(answer)))
        case .evidence(let evidence):
            take(evidence, &effects)
            sendWhenDurable(.reply(query, .noted))
        case .withdrawal(let withdrawal):
            withdrawn(withdrawal)
            sendWhenDurable(.reply(query, .noted))
        case .appointment(let appointment):
            appointed(appointment, &effects)
            sendWhenDurable(.reply(query, .noted))
        case .paused(let handover):
            writesPaused(handover, &effects)
            sendWhenDurable(.reply(query, .noted))
        case .caughtUp(let handover):
            caughtUp(handover, &effects)
            sendWhenDurable(.reply(query, .noted))
        case .resumed(let handover):
            resumed(handover, &effects)
            sendWhenDurable(.reply(query, .noted))
        case .voters(let request):
            sendWhenDurable(.reply(query, .voters(answer(request))))
        case .votersInForce(let news):
            learn(news, &effects)
            sendWhenDurable(.reply(query, .noted))
        case .lease, .release:
            // The node's core answers these where the group has a write address.
            sendWhenDurable(.reply(query, .refused(.unknownGroup)))
        }
    }

    private mutating func answer(
        _ question: Question, _ group: Int, _ effects: inout [Effect]
    ) -> Answer {
        let isGranted: Bool
        switch question.kind {
        case .opinion:
            isGranted = false
        case .preVote:
            isGranted =
                question.voters >= voterNumber && question.epoch > currentEpoch
                && wouldVote(question, group)
        case .vote:
            let isNew =
                question.voters >= voterNumber && question.epoch >= currentEpoch
                && question.epoch > groups[group].votedEpoch
                && isPlausible(question.epoch)
            if isNew, wouldVote(question, group) {
                vote(
                    for: question.candidate, in: question.epoch, isOrdered: question.isForced,
                    group, &effects)
            }
            isGranted =
                question.voters >= voterNumber
                && groups[group].votedFor == question.candidate
                && groups[group].votedEpoch == question.epoch
        }
        return Answer(
            group: question.group, kind: question.kind, isDown: seesDown(question, group),
            isGranted: isGranted, votedFor: groups[group].votedFor,
            votedEpoch: groups[group].votedEpoch, currentEpoch: currentEpoch,
            witness: witness(group))
    }

    private func witness(_ group: Int) -> Witness {
        guard groups[group].settings.isBounded else {
            return groups[group].reached.settled.map(Witness.reach) ?? .nothing
        }
        if isBlind(group) { return .blind }
        return groups[group].reached.demanded.map(Witness.reach) ?? .nothing
    }

    private func seesDown(_ question: Question, _ group: Int) -> Bool {
        question.primary == groups[group].primaryEndpoint && groups[group].isPrimaryLost
    }

    /// A candidate that this node voted for gives up: another may be helped at once.
    private mutating func withdrawn(_ withdrawal: Withdrawal) {
        if let group = groups.firstIndex(where: { $0.name == withdrawal.group }),
            let office = groups[group].tenure.appointment, office.epoch == withdrawal.epoch,
            office.isCoordinated, office.orderedAt == nil
        {
            groups[group].tenure.appointment = nil
        }
        guard let group = groups.firstIndex(where: { $0.name == withdrawal.group }),
            groups[group].votedFor == withdrawal.candidate,
            groups[group].votedEpoch == withdrawal.epoch
        else { return }
        groups[group].votedAt = now - Rhythm.leaderPatience
    }

    /// Nobody listens at a candidate's port: its process has ended, and with it what it led. The
    /// next life of it begins with nothing, so whoever voted for it need not wait. A firewall can
    /// refuse as well, so only where the lease keeps two leaders' servers apart.
    mutating func candidateEnded(_ peer: Int) {
        for group in groups.indices
        where groups[group].settings.isLeased && groups[group].votedFor == peers[peer].id
            && hasRecentVote(group)
        {
            groups[group].votedAt = now - Rhythm.leaderPatience
        }
    }

    /// A vote goes only to a node that means the same primary, when this node itself sees it down,
    /// or its address released or not renewed, or when an operator ordered the failover, and while
    /// no other candidate has this node's vote and time to succeed. One confused node can't replace
    /// a healthy primary by raising epochs.
    private func wouldVote(_ question: Question, _ group: Int) -> Bool {
        guard mayVote, question.primary == groups[group].primaryEndpoint else { return false }
        // In a pause only what an operator orders, and what keeps the present primary, goes on.
        guard question.isForced || seesDown(question, group) && !isPaused(group) else {
            return false
        }
        if hasRecentVote(group), groups[group].votedFor != question.candidate { return false }
        switch groups[group].failover {
        case .election, .selectReplica, .promotion: return false
        case .none, .waitStart, .preVote, .reconfigureReplicas: return true
        }
    }

    /// Gives this node's one vote of the epoch. It leaves only once it is durable.
    mutating func vote(
        for candidate: RunID, in epoch: Epoch, isOrdered: Bool, _ group: Int,
        _ effects: inout [Effect]
    ) {
        precondition(epoch > groups[group].votedEpoch, "one vote an epoch")
        raiseEpoch(to: epoch, &effects)
        groups[group].votedEpoch = epoch
        groups[group].votedFor = candidate
        groups[group].votedAt = now
        groups[group].votedByOrder = isOrdered
        outbox.stateChanged()
        announce(.voteForLeader, .none, "\(candidate) \(epoch)", &effects)
        guard candidate != id else { return }
        switch groups[group].failover {
        case .waitStart, .preVote, .reconfigureReplicas: move(group, to: .none)
        case .none, .election, .selectReplica, .promotion: break  // Refused above, but for `none`.
        }
    }
}
