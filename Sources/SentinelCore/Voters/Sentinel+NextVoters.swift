import MonotonicTime

/// A changed file proposes the next voter set: Paxos, one decision a number.
extension Sentinel {
    mutating func propose(
        _ declared: VoterSet, after inForce: VoterSet, _ effects: inout [Effect]
    ) {
        guard !declared.isSame(as: inForce), talk.attempt == .none, electorate.countsSelf else {
            return
        }
        guard declared.isOneStep(from: inForce) else {
            if complaints.isNew("voters beyond \(inForce.number)") {
                announce(
                    .alarm, .none,
                    "The file's voters are more than one step from those in force: the file says "
                        + "\(declared.summary), in force is \(inForce.summary). Those in force "
                        + "count. Add or remove one host at a time, or change the lease alone.",
                    &effects)
            }
            return
        }
        guard now >= talk.due, isSettled, mayVote, inForce.number + 1 >= voters.acceptsFrom else {
            return
        }
        guard isCarried(declared, after: inForce) else { return }
        talk.round += 1
        let ballot = VoterBallot(
            round: max(talk.round, (voters.promised?.round ?? 0) + 1), proposer: settings.name)
        talk.round = ballot.round
        talk.due = now + Rhythm.electionRound
        let request = VoterRequest(
            phase: .prepare, ballot: ballot, set: declared.numbered(inForce.number + 1))
        let own = voters.answer(request)
        outbox.stateChanged()
        talk.attempt = .preparing(ballot, granted: PeerSet(), accepted: own.accepted)
        ask(request)
    }

    /// Whether enough hosts that are there now have such a file: a majority of the present set, or
    /// else one host's mistake would count; a majority of the next one, or else nobody could decide
    /// anything by it. A host that is added must have known the present set for long enough to
    /// grant.
    private mutating func isCarried(_ declared: VoterSet, after inForce: VoterSet) -> Bool {
        var alike = PeerSet()
        for (index, peer) in peers.enumerated()
        where peer.standing?.declared == settings.declaredDigest
            && groups.indices.contains(where: { isInContact(index, $0) })
        {
            alike.insert(index)
        }
        let isNewcomerReady = declared.names.allSatisfy { name in
            inForce.names.contains(name)
                || peers.indices.contains {
                    peers[$0].name == name && alike.contains($0)
                        && peers[$0].standing?.number == inForce.number
                }
        }
        guard isNewcomerReady else {
            talk.newcomerSince = nil
            return false
        }
        let since = talk.newcomerSince ?? now
        talk.newcomerSince = since
        let next = Electorate(declared.names, own: settings.name, peers: peers.map(\.name))
        let hasAdded = declared.names.count > inForce.names.count
        return electorate.voices(alike) >= electorate.majority
            && next.voices(alike) >= next.majority
            && (!hasAdded || now - since >= Rhythm.voterSettling)
    }

    /// A majority of the present set has granted, and what this node itself granted is on its disk:
    /// one step further. Or it took too long: later again, by its place among the voters.
    mutating func conclude(_ inForce: VoterSet, _ effects: inout [Effect]) {
        switch talk.attempt {
        case .none: return
        case .preparing(let ballot, let granted, let accepted):
            guard outbox.isSettled, electorate.voices(granted) >= electorate.majority,
                let declared = settings.declaredVoters
            else { break }
            let request = VoterRequest(
                phase: .accept, ballot: ballot,
                set: accepted?.set ?? declared.numbered(inForce.number + 1))
            guard voters.answer(request).isGranted else { break }
            outbox.stateChanged()
            talk.attempt = .accepting(ballot, request.set, granted: PeerSet())
            return ask(request)
        case .accepting(_, let set, let granted):
            guard outbox.isSettled, electorate.voices(granted) >= electorate.majority else { break }
            return putInForce(set, isFounder: false, &effects)
        }
        guard now >= talk.due else { return }
        talk.attempt = .none
        let rank = inForce.names.firstIndex(of: settings.name) ?? 0
        talk.due = now + Rhythm.electionRound * (1 + rank)
    }

    private mutating func ask(_ request: VoterRequest) {
        for peer in peers.indices where electorate.peers.contains(peer) {
            guard let link = peers[peer].link.usable else { continue }
            sendWhenDurable(.request(link, .tell(.voters(request), sentAt: now)))
        }
    }

    /// As a present voter. Nothing is said before it is durable.
    mutating func answer(_ request: VoterRequest) -> VoterReply {
        guard isSettled, mayVote,
            peers.contains(where: { $0.name == request.ballot.proposer })
        else {
            return VoterReply(
                phase: request.phase, number: request.set.number, ballot: request.ballot)
        }
        talk.round = max(talk.round, request.ballot.round)
        let reply = voters.answer(request)
        if reply.isGranted { outbox.stateChanged() }
        return reply
    }

    mutating func answered(_ reply: VoterReply, by peer: Int, _ effects: inout [Effect]) {
        if let promised = reply.promised { talk.round = max(talk.round, promised.round) }
        guard reply.isGranted, reply.number == voterNumber + 1 else { return }
        switch talk.attempt {
        case .none: return
        case .preparing(let ballot, var granted, var accepted):
            guard ballot == reply.ballot, reply.phase == .prepare else { return }
            granted.insert(peer)
            if let other = reply.accepted, accepted.map({ $0.ballot < other.ballot }) ?? true {
                accepted = other
            }
            talk.attempt = .preparing(ballot, granted: granted, accepted: accepted)
        case .accepting(let ballot, let set, var granted):
            guard ballot == reply.ballot, reply.phase == .accept else { return }
            granted.insert(peer)
            talk.attempt = .accepting(ballot, set, granted: granted)
        }
        maintainVoters(&effects)
    }
}
