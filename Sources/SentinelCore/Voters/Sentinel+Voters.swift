import MonotonicTime

/// Who has a voice: nodes agree on numbered voter sets, so that a file that was changed on some
/// hosts can't make two majorities.
///
/// - **First**: a node without any set takes what its file declares once every node of that file
///   says the same and has none either. A majority would not do: two hosts that are added at once
///   would find a set of their own beside the one that they were added to.
/// - **Next**: a changed file proposes. Once a majority of the present set declares the same, one
///   of them has it accepted by a majority (Paxos, one decision a number), and it is in force.
///   Whoever counts by an older set is refused from then on.
/// - **After that** nothing is agreed for ``Rhythm/voterSettling``: of sets two numbers apart the
///   majorities may share nobody, so no lease of the older one may be left.
extension Sentinel {
    /// The number of the set that this node counts by; 0 where sets aren't agreed on or none is
    /// known.
    package var voterNumber: UInt64 { voters.inForce?.number ?? 0 }

    /// This node's voter set as the others must know it to count as its equals.
    var standing: VoterStanding {
        VoterStanding(
            number: voterNumber, declared: settings.declaredVoters?.digest ?? 0,
            configuration: settings.configurationDigest)
    }

    /// Does what is due about the voter set.
    mutating func maintainVoters(_ effects: inout [Effect]) {
        guard let declared = settings.declaredVoters else { return }
        guard let inForce = voters.inForce else { return foundVoters(declared, &effects) }
        tellNews(inForce)
        conclude(inForce, &effects)
        propose(declared, after: inForce, &effects)
    }

    // MARK: The first set

    private mutating func foundVoters(_ declared: VoterSet, _ effects: inout [Effect]) {
        let digest = declared.digest
        let isAgreed = peers.allSatisfy { peer in
            !declared.names.contains(peer.name)
                || peer.standing.map { $0.number == 0 && $0.declared == digest } ?? false
        }
        if isAgreed, declared.names.contains(settings.name) {
            talk.founders = [id] + peers.compactMap(\.id)
            return putInForce(declared.numbered(1), isFounder: true, &effects)
        }
        guard now - talk.startedAt >= Rhythm.voterPatience, complaints.isNew("no voters") else {
            return
        }
        announce(
            .alarm, .none,
            "Nobody votes yet: the first time every host of the configuration must be heard, with "
                + "the same hosts in its file. \(missing(declared))", &effects)
    }

    /// Who is waited for, and why, in a sentence.
    package func missing(_ declared: VoterSet) -> String {
        let digest = declared.digest
        let reasons = peers.filter { declared.names.contains($0.name) }.compactMap { peer in
            guard let standing = peer.standing else { return "\(peer.name) was not heard" }
            return standing.declared == digest ? nil : "\(peer.name) lists other hosts"
        }
        return reasons.isEmpty ? "" : reasons.joined(separator: ", ") + "."
    }

    // MARK: The next set

    private mutating func propose(
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
        where peer.standing?.declared == declared.digest
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
    private mutating func conclude(_ inForce: VoterSet, _ effects: inout [Effect]) {
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

    // MARK: In force

    /// No claim by the set before the present one is left that rests on this voter.
    private var isSettled: Bool { now - talk.knownSince >= Rhythm.voterSettling }

    /// Another node says which set is in force. One of another cluster may know our secret.
    mutating func learn(_ news: VotersInForce, _ effects: inout [Effect]) {
        let set = news.set
        guard settings.declaredVoters != nil, set.number > voterNumber,
            peers.contains(where: { $0.id == news.sender })
        else { return }
        let isFounder = set.number == 1 && news.founders.contains(id)
        if isFounder { talk.founders = news.founders }
        putInForce(set, isFounder: isFounder, &effects)
    }

    private mutating func putInForce(
        _ set: VoterSet, isFounder: Bool, _ effects: inout [Effect]
    ) {
        let hasForgotten = voters.inForce == nil && !isFounder
        voters.adopt(set, hasForgotten: hasForgotten)
        talk.hasJoined = talk.hasJoined || hasForgotten
        talk.attempt = .none
        talk.knownSince = now
        electorate = Electorate(set.names, own: settings.name, peers: peers.map(\.name))
        outbox.stateChanged()
        announce(.votersChanged, .none, set.summary, &effects)
        tellNews(set)
    }

    /// Whoever counts by an older set, or none, is told of this one.
    private mutating func tellNews(_ set: VoterSet) {
        for peer in peers.indices {
            guard let known = peers[peer].standing?.number, known < set.number,
                let link = peers[peer].link.usable
            else { continue }
            if let last = talk.toldAt[peer], now - last < Rhythm.askPeriod { continue }
            talk.toldAt[peer] = now
            let news = VotersInForce(
                sender: id, set: set, founders: set.number == 1 ? talk.founders : [])
            sendWhenDurable(.request(link, .tell(.votersInForce(news), sentAt: now)))
        }
    }

    /// A peer greets: where it stands with its voters.
    mutating func hear(
        _ standing: VoterStanding, of peer: Int, _ effects: inout [Effect]
    ) {
        guard peers[peer].standing != standing else { return }
        peers[peer].standing = standing
        maintainVoters(&effects)
    }

    /// A candidate or a claimant counts by this set.
    package mutating func noteVoters(
        _ number: UInt64, of peer: Int?, _ effects: inout [Effect]
    ) {
        guard let peer, let standing = peers[peer].standing, standing.number != number else {
            return
        }
        peers[peer].standing?.number = number
        maintainVoters(&effects)
    }
}

extension VoterSet {
    /// For people: `2 (redis01, redis02, redis03; lease 1500 ms)`.
    public var summary: String {
        let content = "\(names.joined(separator: ", ")); lease \(promise.milliseconds) ms"
        return number == 0 ? content : "\(number) (\(content))"
    }
}
