public import MonotonicTime
internal import RESP

// What becomes of requests whose connection has ended.
//
// Sent again is only what surely never ran, or changes nothing. A client's requests go together
// and in their order: an answer of the balancer's own, that an outcome is unknown, waits for its
// turn among them.
extension Balancer {
    /// The connection to the server has ended, or could not be made. Of what its outbox keeps, the
    /// last `unsentByteCount` bytes were never given to the kernel.
    public mutating func upstreamLost(
        _ id: UpstreamID, unsentByteCount: Int, at now: Instant, into effects: inout EffectBuffer
    ) {
        guard let upstream = upstreams.slot(of: id.place) else { return }
        lose(upstream, unsentByteCount: unsentByteCount, now, &effects)
    }

    mutating func lose(
        _ upstream: Int, unsentByteCount: Int, _ now: Instant, _ effects: inout EffectBuffer
    ) {
        let server = upstreams[upstream].server
        servers[server].isLearnt = false
        if server == Self.writer, upstreams[upstream].isShared, upstreams[upstream].isOpen {
            failoverBegins(&effects)
        }
        switch upstreams[upstream].phase {
        case .connecting, .greeting:
            rest(server, now)
            loseUnopened(upstream, now, &effects)
        case .open, .retiring:
            switch upstreams[upstream].ownership {
            case .client(let owner, _):
                loseOwn(upstream, owner, unsentByteCount: unsentByteCount, now, &effects)
            case .pool:
                strand(upstream, unsentByteCount: unsentByteCount, now, &effects)
            }
        case .stranded:
            break
        }
    }

    /// It is not connected to again at once.
    private mutating func rest(_ server: Int, _ now: Instant) {
        servers[server].retryAt = now + servers[server].retryDelay
        let most = server == Self.writer ? settings.writeRetryMax : settings.retryMax
        servers[server].retryDelay = min(servers[server].retryDelay * 2, most)
    }

    private mutating func loseUnopened(
        _ upstream: Int, _ now: Instant, _ effects: inout EffectBuffer
    ) {
        let pool = upstreams[upstream].pool
        let destination = destination(ofLink: upstream)
        switch upstreams[upstream].ownership {
        case .client(let owner, _):
            discard(upstream, &effects)
            guard let client = living(owner) else { break }
            // Its request was not consumed: it is read again, and finds another server or none.
            clients[client].upstream = -1
            clients[client].stage = .open
            effects.append(.wake(owner))
        case .pool:
            discard(upstream, &effects)
            serveWaiters(of: pool, for: destination, now, &effects)
        }
    }

    private mutating func loseOwn(
        _ upstream: Int, _ owner: ClientID, unsentByteCount: Int, _ now: Instant,
        _ effects: inout EffectBuffer
    ) {
        let sentByteCount = upstreams[upstream].keptByteCount - unsentByteCount
        guard let client = living(owner) else {
            discard(upstream, &effects)
            return
        }
        if clients[client].parked == upstream {
            clients[client].parked = -1
            discard(upstream, &effects)
        } else {
            void(client, upstream, sentByteCount, now, &effects)
        }
    }

    /// Judges each request of a lost connection, and sends on what may be as soon as a server is
    /// found for it.
    private mutating func strand(
        _ upstream: Int, unsentByteCount: Int, _ now: Instant, _ effects: inout EffectBuffer
    ) {
        retire(upstream)
        upstreams[upstream].phase = .stranded(since: now)
        strandedCount += 1
        if !upstreams[upstream].framer.isIntact, !upstreams[upstream].ring.isEmpty,
            let client = living(upstreams[upstream].ring[0].client)
        {
            // It has had a part of its reply, which nothing can complete.
            close(client, at: now, &effects)
        }
        let sentByteCount = upstreams[upstream].keptByteCount - unsentByteCount
        var end = 0
        for index in 0..<upstreams[upstream].ring.count {
            var request = upstreams[upstream].ring[index]
            end += Int(request.byteCount)
            // A request of which the server lacks the end cannot have run.
            let wasSent = end <= sentByteCount
            let isLast = Int(request.attemptCount) + 1 >= settings.attemptCountMax
            let isLate = now - request.since > settings.writePatience
            switch request.errand {
            case .read, .join:
                if isLast { request.errand = wasSent ? .unsure : .unserved }
            case .other:
                if wasSent {
                    request.errand = .unsure
                } else if isLate {
                    // It harms no server, however often it is tried.
                    request.errand = .unserved
                }
            case .multi, .queued, .greeting, .courtesy, .probe, .identify, .lesson, .unsure,
                .unserved:
                break
            }
            upstreams[upstream].ring[index] = request
        }
        rehome(upstream, now, &effects)
    }

    /// All connections of the pool that are lost: another has opened.
    mutating func rehomeStranded(
        of pool: Int, _ now: Instant, _ effects: inout EffectBuffer
    ) {
        for upstream in upstreams.slots
        where upstreams.isTaken(upstream) && upstreams[upstream].pool == pool {
            if case .stranded = upstreams[upstream].phase { rehome(upstream, now, &effects) }
        }
    }

    /// Moves what a lost connection owes to others of its pool, if one is open.
    mutating func rehome(_ upstream: Int, _ now: Instant, _ effects: inout EffectBuffer) {
        guard hasToBeRepeated(upstream) else {
            abandon(upstream, now, &effects)
            return
        }
        let pool = upstreams[upstream].pool
        let destination = destination(ofLink: upstream)
        guard case .link = choose(pool, destination, now, &effects) else { return }
        var offset = 0
        var isOver = true
        for index in 0..<upstreams[upstream].ring.count {
            let request = upstreams[upstream].ring[index]
            defer { offset += Int(request.byteCount) }
            guard let client = living(request.client) else { continue }
            if clients[client].upstream == upstream {
                switch chooseAnew(for: client, pool, destination, now, &effects) {
                case .link(let link):
                    clients[client].upstream = link
                case .opening where clients[client].isDemanding:
                    // One that has what it needs is being connected to.
                    isOver = false
                    continue
                case .opening, .none:
                    if clients[client].isDemanding {
                        giveUp(request, client, now, &effects)
                    } else {
                        // All have become crowded with what was moved.
                        close(client, at: now, &effects)
                    }
                    strike(upstream, index)
                    continue
                }
            }
            move(request, upstream, offset, to: clients[client].upstream, &effects)
            strike(upstream, index)
        }
        if isOver { discard(upstream, &effects) }
        for server in servers.indices where pools[pool].link(to: server) >= 0 {
            answerSettled(pools[pool].link(to: server), now, &effects)
        }
        serveWaiters(of: pool, for: destination, now, &effects)
    }

    /// It is another's to answer now; its bytes stay in their place.
    private mutating func strike(_ upstream: Int, _ index: Int) {
        upstreams[upstream].ring[index].client = .nobody
        upstreams[upstream].ring[index].errand = .courtesy
        servers[upstreams[upstream].server].awaitedCount -= 1
    }

    private mutating func move(
        _ request: Awaited, _ upstream: Int, _ offset: Int, to link: Int,
        _ effects: inout EffectBuffer
    ) {
        var moved = request
        switch request.errand {
        case .read, .other, .join:
            moved.attemptCount &+= 1
            upstreams[link].keptByteCount += Int(request.byteCount)
            counts.repeated += 1
            effects.append(
                .carry(
                    id(ofUpstream: upstream), offset: offset, byteCount: Int(request.byteCount),
                    to: id(ofUpstream: link)))
        case .multi, .queued, .unsure, .unserved, .greeting, .courtesy, .probe, .identify, .lesson:
            moved.byteCount = 0
        }
        upstreams[link].ring.append(moved)
        servers[upstreams[link].server].awaitedCount += 1
    }

    private func hasToBeRepeated(_ upstream: Int) -> Bool {
        for index in 0..<upstreams[upstream].ring.count {
            let request = upstreams[upstream].ring[index]
            switch request.errand {
            case .read, .other, .join: if living(request.client) != nil { return true }
            case .multi, .queued, .unsure, .unserved, .greeting, .courtesy, .probe, .identify,
                .lesson:
                break
            }
        }
        return false
    }

    /// Tells each client that what it asked on a lost connection is not answered.
    mutating func abandon(_ upstream: Int, _ now: Instant, _ effects: inout EffectBuffer) {
        for index in 0..<upstreams[upstream].ring.count {
            let request = upstreams[upstream].ring[index]
            guard let client = living(request.client) else { continue }
            giveUp(request, client, now, &effects)
        }
        discard(upstream, &effects)
    }

    private mutating func giveUp(
        _ request: Awaited, _ client: Int, _ now: Instant, _ effects: inout EffectBuffer
    ) {
        switch request.errand {
        case .read, .unsure:
            effects.answer(request.client, Refusal.unsure.utf8)
        case .other, .multi, .queued, .unserved, .join:
            effects.answer(request.client, Refusal.unserved.utf8)
        case .greeting, .courtesy, .probe, .identify, .lesson:
            return
        }
        joined(client, isRefused: true, now, &effects)
        answered(client, now, &effects)
    }

    /// A server says that it serves nothing for now: asks another, if that cannot change the order
    /// of the client's replies.
    mutating func repeatAlone(
        _ request: Awaited, _ upstream: Int, _ offset: Int, _ now: Instant,
        _ effects: inout EffectBuffer
    ) -> Bool {
        guard upstreams[upstream].isShared else { return false }
        if upstreams[upstream].isOpen { retire(upstream) }
        let server = upstreams[upstream].server
        rest(server, now)
        guard let client = living(request.client), clients[client].awaitedCount == 1,
            Int(request.attemptCount) + 1 < settings.attemptCountMax,
            case .link(let link) = chooseAnew(
                for: client, upstreams[upstream].pool, destination(ofLink: upstream), now,
                &effects)
        else { return false }
        servers[server].awaitedCount -= 1
        clients[client].upstream = link
        move(request, upstream, offset, to: link, &effects)
        return true
    }
}
