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
            number: voterNumber, declared: settings.declaredDigest,
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

    // MARK: In force

    /// No claim by the set before the present one is left that rests on this voter.
    var isSettled: Bool { now - talk.knownSince >= Rhythm.voterSettling }

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

    mutating func putInForce(
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
        talk.isNewsDue = true
        tellNews(set)
    }

    /// Whoever counts by an older set, or none, is told of this one.
    private mutating func tellNews(_ set: VoterSet) {
        guard talk.isNewsDue else { return }
        talk.isNewsDue = false
        for peer in peers.indices {
            guard let known = peers[peer].standing?.number, known < set.number else { continue }
            talk.isNewsDue = true
            guard let link = peers[peer].link.usable else { continue }
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
        talk.isNewsDue = true
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
        talk.isNewsDue = true
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
