public import MonotonicTime
internal import RESP

// What servers answer.
extension Balancer {
    /// The unread bytes of a server: what was shown before and not consumed, and what came. Returns
    /// how many are not needed any more.
    public mutating func receive(
        fromUpstream id: UpstreamID, _ unread: RawSpan, at now: Instant,
        into effects: inout EffectBuffer
    ) -> Int {
        guard let upstream = upstreams.slot(of: id.place) else { return unread.byteCount }
        // What it owed is another's already.
        if case .stranded = upstreams[upstream].phase { return unread.byteCount }
        if case .client(let owner, .raw) = upstreams[upstream].ownership {
            if living(owner) != nil {
                effects.deliver(owner, lower: 0, upper: unread.byteCount)
            }
            return unread.byteCount
        }
        var offset = 0
        var releasedByteCount = 0
        while offset < unread.byteCount {
            let framed: FramedReply
            do throws(RESPError) {
                framed = try upstreams[upstream].framer.next(
                    in: unread, at: offset, limits: settings.replies)
            } catch {
                // Nothing behind it can be told apart.
                release(upstream, releasedByteCount, &effects)
                lose(upstream, unsentByteCount: 0, now, &effects)
                return unread.byteCount
            }
            switch framed {
            case .whole(let byteCount, .push):
                pass(upstream, lower: offset, upper: offset + byteCount, &effects)
                offset += byteCount
            case .whole(let byteCount, let kind):
                guard !upstreams[upstream].ring.isEmpty else {
                    // An answer to nothing: its last word before it closes.
                    release(upstream, releasedByteCount, &effects)
                    lose(upstream, unsentByteCount: 0, now, &effects)
                    return unread.byteCount
                }
                let reply = Reply(lower: offset, upper: offset + byteCount, kind: kind)
                offset += byteCount
                let keptOffset = releasedByteCount
                releasedByteCount += Int(upstreams[upstream].ring[0].byteCount)
                guard take(reply, upstream, unread, keptOffset, now, &effects) else {
                    return unread.byteCount
                }
            case .partial(let passable, let kind):
                // A small one waits for its end: it can be asked of another server until then.
                if passable >= settings.partByteCountMin
                    || passable > 0 && !upstreams[upstream].framer.isIntact
                {
                    passPart(upstream, kind, offset, passable, unread, &effects)
                    upstreams[upstream].framer.discard(passable)
                    offset += passable
                }
                settleUpstream(upstream, releasedByteCount, now, &effects)
                return offset
            }
        }
        settleUpstream(upstream, releasedByteCount, now, &effects)
        return offset
    }

    /// One whole reply in the bytes that were shown, or its last part.
    struct Reply {
        var lower: Int
        var upper: Int
        var kind: ReplyKind
    }

    /// After all that was shown: what was answered needs not be kept, and others may come.
    private mutating func settleUpstream(
        _ upstream: Int, _ releasedByteCount: Int, _ now: Instant, _ effects: inout EffectBuffer
    ) {
        release(upstream, releasedByteCount, &effects)
        if upstreams[upstream].isCrowded,
            upstreams[upstream].ring.count <= settings.awaitedCountMax / 2,
            upstreams[upstream].keptByteCount <= settings.keptByteCountMax / 2
        {
            upstreams[upstream].isCrowded = false
            serveWaiters(
                of: upstreams[upstream].pool, for: destination(ofLink: upstream), now, &effects)
        }
        switch upstreams[upstream].phase {
        case .open:
            break
        case .greeting:
            if upstreams[upstream].ring.isEmpty { open(upstream, now, &effects) }
        case .retiring:
            if upstreams[upstream].ring.isEmpty {
                discard(upstream, &effects)
                return
            }
        case .connecting, .stranded:
            break
        }
        pauseIfHeldUp(upstream, &effects)
    }

    /// The oldest requests in the outbox are answered.
    private mutating func release(
        _ upstream: Int, _ byteCount: Int, _ effects: inout EffectBuffer
    ) {
        guard byteCount > 0 else { return }
        upstreams[upstream].keptByteCount -= byteCount
        guard upstreams[upstream].isShared else { return }
        effects.append(.release(id(ofUpstream: upstream), byteCount: byteCount))
    }

    /// Gives a reply to whom it belongs; `false` when the connection is no more.
    @inline(__always)
    private mutating func take(
        _ reply: Reply, _ upstream: Int, _ unread: RawSpan, _ keptOffset: Int, _ now: Instant,
        _ effects: inout EffectBuffer
    ) -> Bool {
        let request = upstreams[upstream].ring.removeFirst()
        switch request.errand {
        case .read where reply.kind == .error:
            if isNotServed(reply, unread),
                repeatAlone(request, upstream, keptOffset, now, &effects)
            {
                return true
            }
            takeForClient(request, reply, upstream, now, &effects)
        case .other where reply.kind == .error && isWriter(upstream):
            mistrust(upstream, reply, unread)
            takeForClient(request, reply, upstream, now, &effects)
        case .read, .other, .multi, .queued:
            takeForClient(request, reply, upstream, now, &effects)
        case .join:
            takeForClient(request, reply, upstream, now, &effects)
            if let client = living(request.client) {
                joined(client, isRefused: reply.kind == .error, now, &effects)
            }
        case .greeting, .courtesy, .probe, .identify, .lesson:
            return takeOwn(request.errand, reply, upstream, unread, now, &effects)
        case .unsure, .unserved:
            preconditionFailure("answered when it became the oldest")
        }
        answerSettled(upstream, now, &effects)
        return true
    }

    @inline(__always)
    private mutating func takeForClient(
        _ request: Awaited, _ reply: Reply, _ upstream: Int, _ now: Instant,
        _ effects: inout EffectBuffer
    ) {
        let server = upstreams[upstream].server
        servers[server].awaitedCount -= 1
        servers[server].answeredCount &+= 1
        counts.latency.record(now - request.since)
        guard let client = living(request.client) else { return }
        effects.deliver(request.client, lower: reply.lower, upper: reply.upper)
        if request.errand != .read, clients[client].freshness.showsOwnWrites {
            clients[client].wroteAt = now
        }
        answered(client, now, &effects)
    }

    /// One request less is awaited of the client.
    @inline(__always)
    mutating func answered(_ client: Int, _ now: Instant, _ effects: inout EffectBuffer) {
        clients[client].awaitedCount -= 1
        switch clients[client].stage {
        case .open, .waiting, .joining, .pinning, .voided, .closed:
            break
        case .settling, .throttled, .pinned, .ending:
            advance(client, now, &effects)
        }
    }

    private mutating func advance(
        _ client: Int, _ now: Instant, _ effects: inout EffectBuffer
    ) {
        let count = clients[client].awaitedCount
        switch clients[client].stage {
        case .settling where count == 0,
            .throttled where count <= settings.pipelineDepthMax / 2:
            clients[client].stage = .open
            effects.append(.wake(id(ofClient: client)))
        case .pinned(.answers)
        where count == 0 && clients[client].framer.isIntact && !clients[client].isNumbered:
            unpin(client, &effects)
            effects.append(.wake(id(ofClient: client)))
        case .pinned(.rescue) where count == 0:
            unpin(client, &effects)
            effects.append(.wake(id(ofClient: client)))
        case .pinned where count == 0:
            effects.append(.wake(id(ofClient: client)))
        case .ending(let farewell) where count == 0:
            finish(client, farewell, at: now, &effects)
        case .open, .settling, .throttled, .waiting, .joining, .pinning, .pinned, .voided, .ending,
            .closed:
            break
        }
    }

    /// Answers of the balancer's own whose turn has come.
    mutating func answerSettled(
        _ upstream: Int, _ now: Instant, _ effects: inout EffectBuffer
    ) {
        while !upstreams[upstream].ring.isEmpty {
            let text: String
            switch upstreams[upstream].ring[0].errand {
            case .unsure: text = Refusal.unsure
            case .unserved: text = Refusal.unserved
            case .read, .other, .multi, .queued, .join, .greeting, .courtesy, .probe, .identify,
                .lesson:
                return
            }
            let request = upstreams[upstream].ring.removeFirst()
            servers[upstreams[upstream].server].awaitedCount -= 1
            guard let client = living(request.client) else { continue }
            effects.answer(request.client, text.utf8)
            joined(client, isRefused: true, now, &effects)
            answered(client, now, &effects)
        }
    }

    /// A message that answers no request.
    private mutating func pass(
        _ upstream: Int, lower: Int, upper: Int, _ effects: inout EffectBuffer
    ) {
        switch upstreams[upstream].ownership {
        case .pool:
            break  // Nobody asked for it.
        case .client(let owner, _):
            if living(owner) != nil { effects.deliver(owner, lower: lower, upper: upper) }
        }
    }

    /// The part of a reply that has come.
    private mutating func passPart(
        _ upstream: Int, _ kind: ReplyKind, _ offset: Int, _ byteCount: Int, _ unread: RawSpan,
        _ effects: inout EffectBuffer
    ) {
        guard kind != .push, !upstreams[upstream].ring.isEmpty else {
            pass(upstream, lower: offset, upper: offset + byteCount, &effects)
            return
        }
        let request = upstreams[upstream].ring[0]
        switch request.errand {
        case .read, .other, .multi, .queued, .join:
            guard living(request.client) != nil else { return }
            effects.deliver(request.client, lower: offset, upper: offset + byteCount)
        case .lesson, .identify:
            learn(upstream, unread, offset..<offset + byteCount)
        case .greeting, .courtesy, .probe, .unsure, .unserved:
            break
        }
    }
}
