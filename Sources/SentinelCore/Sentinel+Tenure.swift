package import MonotonicTime

/// What the node's core needs to join the lease of the write address to the failover.
extension Sentinel {
    /// The oldest epoch whose lease this voter may still renew. A voter that has voted for a newer
    /// one renews no older one while that candidate has time to succeed, so that the holder that
    /// the voters have lost lapses; not so when an operator ordered it, since then the holder is
    /// well and yields by itself.
    package func leaseFloor(_ group: Int) -> Epoch {
        let state = groups[group]
        return hasRecentVote(group) && !state.votedByOrder
            ? max(state.configEpoch, state.votedEpoch) : state.configEpoch
    }

    /// The link to a peer, when it is open.
    package func link(toPeer peer: Int) -> LinkID? { peers[peer].link.usable }

    /// Whose link it is; `nil` for a server's and for one that is gone.
    package func peer(of link: LinkID) -> Int? {
        if case .peer(let peer) = owners[link] { peer } else { nil }
    }

    /// Everything that was decided is on the disk.
    package var isStateDurable: Bool { outbox.isSettled }

    /// A state of this life is on the disk.
    package var isLifeDurable: Bool { hasTrustedState && outbox.hasEverSettled }

    /// This life began without a voter set and learnt it from another node.
    package var hasJoined: Bool { talk.hasJoined }

    /// When this life began.
    package var startedAt: Instant { talk.startedAt }

    /// A lease was granted for the first time in its epoch: remember it.
    package mutating func remember(_ grant: LeaseGrant?, _ group: Int) {
        groups[group].tenure.grant = grant
        outbox.stateChanged()
    }

    /// The node's core has something to say that rests on the state: it leaves behind it.
    package mutating func sendBehindState(_ effect: Effect, _ effects: inout [Effect]) {
        outbox.add(effect)
        flushOutbox(&effects)
    }

    package mutating func flushOutbox(_ effects: inout [Effect]) {
        let state = outbox.needsState(at: now) ? persistentState : nil
        outbox.flush(state, into: &effects)
    }

    /// Some host holds the address: from now on no server serves without the lease.
    mutating func noteHeld(_ group: Int) {
        guard !groups[group].tenure.hasBeenHeld else { return }
        groups[group].tenure.hasBeenHeld = true
        outbox.stateChanged()
    }

    /// The tenure changed: somebody may have to stand for election.
    package mutating func lookAgain(_ group: Int, _ effects: inout [Effect]) {
        review(group, &effects)
        flushOutbox(&effects)
    }

    /// The lease of this host changed: a server that was appointed is promoted at once.
    package mutating func leaseChanged(
        _ group: Int, heldEpoch: Epoch?, _ effects: inout [Effect]
    ) {
        guard groups[group].tenure.heldEpoch != heldEpoch else { return }
        groups[group].tenure.heldEpoch = heldEpoch
        review(group, &effects)
        flushOutbox(&effects)
    }
}
