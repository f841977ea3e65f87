package import MonotonicTime

/// What the node's core needs to join the lease of the write address to the failover.
///
/// The small questions are asked after every event. They are answered here, in place: across the
/// border of a module a group would be copied for each.
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

    /// The primary is this host's and not down: what a holder's host must be able to say.
    package func isPrimaryHere(_ group: Int) -> Bool { groups[group].isPrimaryHere }

    /// Whether the primary says that it is one; `nil` before it has spoken.
    package func saysPrimary(_ group: Int) -> Bool? { groups[group].saysPrimary }

    /// Whether a server says that it is a primary; `nil` before it has spoken.
    package func saysPrimary(_ group: Int, _ server: Int) -> Bool? {
        groups[group].servers[server].report?.isPrimary
    }

    /// Another host was named, and may still succeed.
    package func isYielding(_ group: Int) -> Bool { groups[group].tenure.isYielding(at: now) }

    /// The group's server of this host.
    package func localServer(_ group: Int) -> Int? {
        let servers = groups[group].servers.indices
        return servers.first { groups[group].servers[$0].isLocal }
    }

    /// Whether a server is down, in this node's eyes.
    package func isDown(_ group: Int, _ server: Int) -> Bool {
        groups[group].servers[server].isDown
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

    /// This voter granted the lease to a host, again or for the first time.
    package mutating func noteGrant(to holder: RunID, _ group: Int) {
        let primary = groups[group].servers[groups[group].primary]
        let host = primary.isLocal ? id : node(of: primary).flatMap { peers[$0].id }
        // Whose name is not known yet may be the primary's.
        if host == nil || host == holder { groups[group].tenure.renewedAt = now }
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
