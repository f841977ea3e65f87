import Addressing
import MonotonicTime
import SentinelCore

/// Epochs, and what this node answers when another asks for its opinion or its vote.
extension DropIn {
    mutating func asked(
        _ query: QueryID, _ question: DownQuestion, _ effects: inout [DropInEffect]
    ) {
        guard let group = group(askedFor: question.primary, &effects) else {
            effects.append(
                .answer(query, DownAnswer(isDown: false, leader: nil, leaderEpoch: 0)))
            return
        }
        let isDown = !isTilted && groups[group].servers[0].condition.isDown
        guard let candidate = question.candidate, !outbox.isFailing else {
            effects.append(
                .answer(query, DownAnswer(isDown: isDown, leader: nil, leaderEpoch: 0)))
            return
        }
        vote(for: candidate, in: question.currentEpoch, group, &effects)
        sendWhenDurable(
            .answer(
                query,
                DownAnswer(
                    isDown: isDown, leader: groups[group].leader,
                    leaderEpoch: groups[group].leaderEpoch)))
    }

    /// The group that is meant, by the address of its primary, or by the name that others call it.
    private mutating func group(
        askedFor place: Place, _ effects: inout [DropInEffect]
    ) -> Int? {
        let address = place.address ?? names.address(of: place.host)
        if let address {
            return group(at: Endpoint(address: address, port: place.port))
        }
        resolve(place.host, &effects)
        return groups.firstIndex { isSame($0.servers[0].place, place) }
    }

    /// Gives this node's vote of the epoch, if it is still to be had: first come, first served, as
    /// Sentinel does.
    mutating func vote(
        for candidate: RunID, in epoch: Epoch, _ group: Int, _ effects: inout [DropInEffect]
    ) {
        raiseEpoch(to: epoch, group, &effects)
        guard groups[group].leaderEpoch < epoch, currentEpoch <= epoch else { return }
        groups[group].leader = candidate
        groups[group].leaderEpoch = currentEpoch
        stateChanged()
        groups[group].voteSequence = outbox.nextSequence
        announce(.voteForLeader, of: group, "\(candidate) \(currentEpoch)", &effects)
        guard candidate != id else { return }
        // Time for the other: two who try at once get in each other's way.
        groups[group].failoverStart = now
        groups[group].obstacle = candidate
    }

    /// Takes an epoch over from another node.
    mutating func raiseEpoch(to epoch: Epoch, _ group: Int, _ effects: inout [DropInEffect]) {
        guard epoch > currentEpoch, epoch < Self.epochMax else { return }
        currentEpoch = epoch
        stateChanged()
        announce(.newEpoch, of: group, "\(epoch)", &effects)
    }

    /// The answer of a peer to this node's question.
    mutating func take(
        _ answer: DownAnswer, of peer: Int, _ group: Int, _ effects: inout [DropInEffect]
    ) {
        groups[group].peers[peer].lastAnswer = now
        // Before anything was asked about a new primary, what comes is about the old one.
        groups[group].peers[peer].seesDown =
            answer.isDown && groups[group].peers[peer].lastQuestion != nil
        if let leader = answer.leader {
            if groups[group].peers[peer].leaderEpoch != answer.leaderEpoch {
                announce(
                    .alarm,
                    "\(groups[group].peers[peer].id) voted for \(leader) \(answer.leaderEpoch)",
                    &effects)
            }
            groups[group].peers[peer].leader = leader
            groups[group].peers[peer].leaderEpoch = answer.leaderEpoch
        }
        review(group, &effects)
    }

    /// Who leads the epoch of this node's failover, by the votes known so far.
    ///
    /// Whoever has a majority of all Sentinels ever seen, and a quorum. This node's own vote goes
    /// to who has most, or to itself, and counts once it is durable.
    mutating func winner(_ group: Int, _ effects: inout [DropInEffect]) -> RunID? {
        let epoch = groups[group].failoverEpoch
        var tally: [(candidate: RunID, count: Int)] = []
        func count(_ candidate: RunID) {
            if let index = tally.firstIndex(where: { $0.candidate == candidate }) {
                tally[index].count += 1
            } else {
                tally.append((candidate, 1))
            }
        }
        for peer in groups[group].peers {
            if let leader = peer.leader, peer.leaderEpoch == epoch { count(leader) }
        }
        let first = tally.max { $0.count < $1.count }
        vote(for: first?.candidate ?? id, in: epoch, group, &effects)
        if let own = groups[group].leader, groups[group].leaderEpoch == epoch,
            outbox.durableSequence >= groups[group].voteSequence
        {
            count(own)
        }
        let majority = groups[group].voterCount / 2 + 1
        let needed = max(majority, groups[group].settings.quorum)
        return tally.first { $0.count >= needed }?.candidate
    }
}
