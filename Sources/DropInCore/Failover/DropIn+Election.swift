import MonotonicTime
import SentinelCore

/// When a failover begins, and whether this node leads it.
extension DropIn {
    /// Whether this node tries to replace the primary now.
    mutating func mayStart(_ group: Int, _ effects: inout [DropInEffect]) -> Bool {
        guard let since = groups[group].objectivelyDownSince, groups[group].failover == .none,
            !outbox.isFailing
        else { return false }
        // Sentinel draws up to a second; here the rank keeps candidates apart.
        let delay = Rhythm.rankStep * rank(group)
        let patience = groups[group].settings.failoverTimeout * 2 + delay
        if let start = groups[group].failoverStart, now - start < patience {
            if globals.retriesAtOnce, mayRetry(group, since: start) { return true }
            if groups[group].delayLoggedFor != start {
                groups[group].delayLoggedFor = start
                effects.append(.announceDelay(patience - (now - start)))
            }
            return false
        }
        return now - since >= delay
    }

    /// How many peers of a lower identity may be trying as well: they go first.
    private func rank(_ group: Int) -> Int {
        let before = groups[group].peers.count {
            $0.id < id && !$0.condition.isDown && !connections[$0.connection].isDisconnected
        }
        return min(before, Rhythm.rankMax)
    }

    /// Sooner than a real Sentinel would: when whoever has this node's vote is down itself, or when
    /// this node's own try came to nothing, and a majority is there to vote.
    private func mayRetry(_ group: Int, since start: Instant) -> Bool {
        if let obstacle = groups[group].obstacle {
            guard let peer = peer(obstacle, of: group),
                groups[group].peers[peer].condition.isDown,
                now - start > electionTimeout(group)
            else { return false }
            return isMajorityInContact(group)
        }
        guard let retryAt = groups[group].retryAt, now >= retryAt else { return false }
        return isMajorityInContact(group)
    }

    private func isMajorityInContact(_ group: Int) -> Bool {
        let count = groups[group].peers.count {
            !$0.condition.isDown && !connections[$0.connection].isDisconnected
        }
        return 1 + count > groups[group].voterCount / 2
    }

    private func electionTimeout(_ group: Int) -> Interval {
        min(periods[.election], groups[group].settings.failoverTimeout)
    }

    mutating func startFailover(
        _ group: Int, isForced: Bool, _ effects: inout [DropInEffect]
    ) {
        guard currentEpoch + 1 < Self.epochMax else { return }
        currentEpoch += 1
        stateChanged()
        groups[group].failoverEpoch = currentEpoch
        announce(.newEpoch, of: group, "\(currentEpoch)", &effects)
        announce(.tryFailover, server: 0, of: group, "", &effects)
        groups[group].failoverStart = now
        groups[group].obstacle = nil
        groups[group].isForced = isForced
        move(group, to: .waitStart)
        // No vote of a former epoch is one of this.
        for peer in groups[group].peers.indices { ask(peer, of: group, &effects) }
    }

    mutating func move(_ group: Int, to failover: Failover) {
        groups[group].failover = failover
        groups[group].failoverChangedAt = now
        isBusy = true
    }

    /// Waits for the votes.
    func isElectionOver(_ group: Int) -> Bool {
        let age = now - (groups[group].failoverStart ?? now)
        if age > electionTimeout(group) { return true }
        guard globals.retriesAtOnce, age > Rhythm.electionRound else { return false }
        // Every vote that can come is here, and nobody else can win by them.
        let epoch = groups[group].failoverEpoch
        return groups[group].peers.allSatisfy { peer in
            peer.leaderEpoch >= epoch
                || connections[peer.connection].isDisconnected && peer.condition.isDown
        } && isMajorityInContact(group)
    }

    mutating func advanceElection(_ group: Int, _ effects: inout [DropInEffect]) {
        let winner = winner(group, &effects)
        guard winner == id || groups[group].isForced else {
            guard isElectionOver(group) else { return }
            announce(.abortNotElected, server: 0, of: group, "", &effects)
            abort(group)
            // Somebody else won: what is true of a vote for him is true here.
            if let winner { groups[group].obstacle = winner }
            return
        }
        announce(.electedLeader, server: 0, of: group, "", &effects)
        if simulation.contains(.crashAfterElection) { return effects.append(.crash) }
        move(group, to: .selectReplica)
        announce(.selectReplica, server: 0, of: group, "", &effects)
        chooseReplica(group, &effects)
    }

    /// Gives a failover up; possible until the promotion is seen.
    mutating func abort(_ group: Int) {
        groups[group].isForced = false
        groups[group].isCoordinated = false
        move(group, to: .none)
        let delay = Rhythm.retryPeriod * (1 << min(groups[group].failedTries, 16))
        groups[group].failedTries += 1
        groups[group].retryAt = now + delay + Rhythm.rankStep * (rank(group) * 2)
    }
}
