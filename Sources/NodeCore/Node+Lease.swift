import LeaseCore
import MonotonicTime
import SentinelCore

/// The lease: what this host grants to others as a voter, and what it asks of them as a holder.
extension Node {
    // MARK: As a voter

    /// Tells the failover what this voter knows of the holder.
    mutating func judge(_ index: Int, at now: Instant) {
        let group = addresses[index].group
        switch addresses[index].voter.standing(at: now) {
        case .promised: sentinel.groups[group].tenure.freeSince = nil
        case .free(let since):
            if sentinel.groups[group].tenure.freeSince == nil {
                sentinel.recordUnheld(group, since: addresses[index].voter.unheldSince ?? since)
            }
            sentinel.groups[group].tenure.freeSince = since
        }
        if sentinel.isStateDurable {
            addresses[index].durableGrant = sentinel.groups[group].tenure.grant
        }
    }

    /// Takes up what is about the lease; false for what is the sentinel's.
    mutating func takesUp(_ event: Event, at now: Instant, _ wanted: inout [Effect]) -> Bool {
        switch event {
        case .asked(let query, .lease(let request)):
            // This host's own voice is asked within: what comes by the wire is another's.
            guard let index = addresses.firstIndex(where: { $0.name == request.group }),
                request.holder != sentinel.id
            else { return false }
            answer(query, request, index, at: now, &wanted)
            return true
        case .asked(let query, .release(let release)):
            guard let index = addresses.firstIndex(where: { $0.name == release.group }) else {
                return false
            }
            addresses[index].voter.release(release, at: now)
            addresses[index].holder.hurry(at: now)
            judge(index, at: now)
            sentinel.sendBehindState(.reply(query, .noted), &wanted)
            sentinel.lookAgain(addresses[index].group, &wanted)
            return true
        case .replied(let link, .peer(.lease(let reply), let sentAt)):
            if let index = addresses.firstIndex(where: { $0.name == reply.group }),
                let peer = sentinel.peer(of: link)
            {
                take(reply, from: peer, sentAt: sentAt, index, at: now)
            }
            return false  // It is a sign of life as well.
        case .tick, .linkOpened, .linkClosed, .replied, .heard, .asked, .published, .processEnded,
            .persisted, .persistFailed, .failoverOrdered, .pauseOrdered:
            return false
        }
    }

    /// Another voter set is in force: the holders count by it.
    mutating func countByVoters(at now: Instant) {
        // In place: a call would copy the sentinel.
        let number = sentinel.voters.inForce?.number ?? 0
        guard voterNumber != number else { return }
        voterNumber = number
        for index in addresses.indices {
            let terms = sentinel.terms(addresses[index].declaredTerms)
            addresses[index].holder.count(by: sentinel.electorate, terms: terms, at: now)
            sentinel.groups[addresses[index].group].tenure.leaseUse = terms.use
            guard let end = sentinel.distrustEnd else { continue }
            addresses[index].voter.distrustFormerLife(until: end)
        }
    }

    private mutating func answer(
        _ query: QueryID, _ request: LeaseRequest, _ index: Int, at now: Instant,
        _ wanted: inout [Effect]
    ) {
        let group = addresses[index].group
        sentinel.noteVoters(
            request.voters, of: sentinel.peers.firstIndex { $0.id == request.holder }, &wanted)
        let answer = addresses[index].voter.ask(
            request, floor: sentinel.leaseFloor(group), voters: sentinel.voterNumber,
            maySave: sentinel.mayVote, at: now)
        var reply = LeaseReply(group: request.group, epoch: request.epoch)
        switch answer {
        case .granted(let isNew):
            if isNew { sentinel.remember(addresses[index].voter.grant, group) }
            sentinel.noteGrant(to: request.holder, group)
            judge(index, at: now)
            let effect = Effect.reply(query, .lease(reply))
            if addresses[index].durableGrant == addresses[index].voter.grant {
                // A renewal rests on nothing new: a slow disk must not lapse a lease.
                wanted.append(effect)
            } else {
                sentinel.sendBehindState(effect, &wanted)
            }
        case .refused(let refusal, let retryAfter):
            reply.refusal = refusal
            reply.retryAfter = retryAfter
            wanted.append(.reply(query, .lease(reply)))
        }
    }

    // MARK: As a holder

    /// The epoch whose lease this host ought to have: the one in which a leader named its server,
    /// or that of the configuration in which its server is the primary and works.
    ///
    /// Asked after every event, like ``fencing(_:)`` and ``mayHold(_:at:)``: inlined, since a call
    /// would copy the node.
    @inline(__always)
    func claim(_ index: Int) -> Epoch? {
        guard isLifeDurable else { return nil }
        let group = addresses[index].group
        if let epoch = sentinel.groups[group].tenure.appointment?.epoch { return epoch }
        guard sentinel.isPrimaryHere(group), !sentinel.isYielding(group) else { return nil }
        // Right after a start the address of the former life is kept until the server has spoken.
        let isPrimary = sentinel.saysPrimary(group) ?? addresses[index].custody.isHeld
        return isPrimary ? sentinel.groups[group].configEpoch : nil
    }

    /// Asks the voters whose turn it is, and counts what they said.
    mutating func keepLease(_ index: Int, at now: Instant, _ wanted: inout [Effect]) {
        let claim = claim(index)
        if let claim {
            addresses[index].holder.claim(claim, at: now)
            askVoices(index, claim, at: now, &wanted)
        } else if addresses[index].custody.isHarmless {
            release(index, at: now, &wanted)
        }
        if let sentAt = addresses[index].ownRequest, sentinel.isStateDurable {
            addresses[index].ownRequest = nil
            if let epoch = addresses[index].holder.epoch,
                addresses[index].voter.grant?.epoch == epoch,
                addresses[index].voter.grant?.holder == sentinel.id
            {
                addresses[index].holder.granted(
                    addresses[index].holder.own, epoch: epoch, sentAt: sentAt)
            }
        }
        settleDoubt(index)
        let isHeld = hasLease(index, at: now)
        if claim != nil, addresses[index].holder.isOutdated(at: now) {
            sentinel.standAgain(addresses[index].group, &wanted)
        }
        sentinel.leaseChanged(
            addresses[index].group, heldEpoch: isHeld ? addresses[index].holder.epoch : nil,
            &wanted)
    }

    private mutating func askVoices(
        _ index: Int, _ epoch: Epoch, at now: Instant, _ wanted: inout [Effect]
    ) {
        guard let due = addresses[index].holder.nextAsk, now >= due else { return }
        let request = LeaseRequest(
            group: addresses[index].name, epoch: epoch, holder: sentinel.id,
            promise: addresses[index].holder.terms.promise, stamp: nextStamp(),
            voters: voterNumber)
        for peer in sentinel.peers.indices where addresses[index].holder.isDue(peer, at: now) {
            if let link = sentinel.link(toPeer: peer) {
                wanted.append(.request(link, .tell(.lease(request), sentAt: now)))
                addresses[index].holder.asked(peer, at: now)
            } else {
                addresses[index].holder.notAsked(peer, at: now)
            }
        }
        let own = addresses[index].holder.own
        guard addresses[index].holder.isDue(own, at: now) else { return }
        askOwnVoice(request, index, at: now, &wanted)
    }

    private mutating func askOwnVoice(
        _ request: LeaseRequest, _ index: Int, at now: Instant, _ wanted: inout [Effect]
    ) {
        let (group, own) = (addresses[index].group, addresses[index].holder.own)
        let answer = addresses[index].voter.ask(
            request, floor: sentinel.leaseFloor(group), voters: sentinel.voterNumber,
            maySave: sentinel.mayVote, at: now)
        switch answer {
        case .granted(let isNew):
            addresses[index].holder.asked(own, at: now)
            sentinel.noteGrant(to: request.holder, group)
            if isNew {
                sentinel.remember(addresses[index].voter.grant, group)
                sentinel.flushOutbox(&wanted)
            }
            if addresses[index].durableGrant == addresses[index].voter.grant {
                addresses[index].holder.granted(own, epoch: request.epoch, sentAt: now)
            } else {
                addresses[index].ownRequest = addresses[index].ownRequest ?? now
            }
        case .refused(let refusal, let retryAfter):
            addresses[index].holder.refused(
                own, epoch: request.epoch, refusal, retryAfter: retryAfter, at: now)
        }
        judge(index, at: now)
    }

    private mutating func take(
        _ reply: LeaseReply, from peer: Int, sentAt: Instant, _ index: Int, at now: Instant
    ) {
        if let refusal = reply.refusal {
            addresses[index].holder.refused(
                peer, epoch: reply.epoch, refusal, retryAfter: reply.retryAfter, at: now)
        } else {
            addresses[index].holder.granted(peer, epoch: reply.epoch, sentAt: sentAt)
        }
    }

    /// Nobody need wait for this host's lease to lapse: it answers for the address no more.
    mutating func release(_ index: Int, at now: Instant, _ wanted: inout [Effect]) {
        guard let epoch = addresses[index].holder.epoch else { return }
        let release = LeaseRelease(
            group: addresses[index].name, epoch: epoch, holder: sentinel.id, stamp: nextStamp())
        addresses[index].holder.drop(at: now)
        addresses[index].ownRequest = nil
        addresses[index].voter.release(release, at: now)
        judge(index, at: now)
        for peer in sentinel.peers.indices {
            guard let link = sentinel.link(toPeer: peer) else { continue }
            wanted.append(.request(link, .tell(.release(release), sentAt: now)))
        }
        sentinel.lookAgain(addresses[index].group, &wanted)
    }
}

extension Sentinel {
    /// A host's terms with the L that is in force.
    func terms(_ declared: LeaseTerms) -> LeaseTerms {
        voters.inForce.map { declared.agreed(promise: $0.promise) } ?? declared
    }

    /// Until when a node that learnt the voter set from another must expect that a former life of
    /// it has promised; `nil` when nothing of it is lost.
    var distrustEnd: Instant? {
        hasJoined
            ? startedAt + LeaseTerms(promise: LeaseTerms.promiseMax).restartSilence : nil
    }
}
