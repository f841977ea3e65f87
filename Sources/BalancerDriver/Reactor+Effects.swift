internal import BalancerCore

// Doing what the core wants.
extension Reactor {
    /// Carries out all effects of the last call, in order; `shown` are the bytes that it was shown.
    @inline(__always)
    mutating func perform(_ shown: UnsafeRawBufferPointer) {
        var index = 0
        while index < effects.effects.count {
            carryOut(effects.effects[index], shown)
            index += 1
        }
        effects.clear()
    }

    @inline(__always)
    private mutating func carryOut(_ effect: Effect, _ shown: UnsafeRawBufferPointer) {
        switch effect {
        case .forward(let upstream, let lower, let upper):
            enqueue(upstream, UnsafeRawBufferPointer(rebasing: shown[lower..<upper]))
        case .deliver(let client, let lower, let upper):
            send(client, UnsafeRawBufferPointer(rebasing: shown[lower..<upper]))
        case .release(let upstream, let byteCount):
            release(upstream, byteCount)
        case .compose(let upstream, let lower, let upper):
            let composed = effects.composed
            composed.withUnsafeBytes {
                enqueue(upstream, UnsafeRawBufferPointer(rebasing: $0[lower..<upper]))
            }
        case .answer(let client, let lower, let upper):
            let composed = effects.composed
            composed.withUnsafeBytes {
                send(client, UnsafeRawBufferPointer(rebasing: $0[lower..<upper]))
            }
        case .carry(let from, let offset, let byteCount, let to):
            carry(from, offset: offset, byteCount: byteCount, to: to)
        case .connect(let upstream, let server, let keepsSent):
            connect(upstream, to: server, keepsSent: keepsSent)
        case .closeUpstream(let upstream):
            closeUpstream(upstream)
        case .closeClient(let client):
            closeClient(client)
        case .wake(let client):
            aftermath.append(.wake(client))
        case .pauseClient(let client):
            guard let slot = openSlot(client) else { return }
            clients[slot].isRead = false
            updateInterest(ofClient: slot)
        case .pauseUpstream(let upstream):
            setReading(of: upstream, false)
        case .resumeUpstream(let upstream):
            setReading(of: upstream, true)
        }
    }

    private mutating func setReading(of upstream: UpstreamID, _ isRead: Bool) {
        guard let slot = slot(upstream) else { return }
        upstreams[slot].isRead = isRead
        updateInterest(ofUpstream: slot)
    }

    /// Tells the core what was noticed while its effects were carried out, and does what comes of
    /// it, until nothing does.
    mutating func finishAftermath() {
        // A list that grows while it is walked, not calls within calls: thousands of clients may be
        // woken by one connection.
        var index = 0
        while index < aftermath.count {
            defer { index += 1 }
            switch aftermath[index] {
            case .wake(let client): wakeClient(client)
            case .clientFull(let client): balancer.clientFull(client, at: now, into: &effects)
            case .clientHasRoom(let client):
                balancer.clientHasRoom(client, at: now, into: &effects)
            case .clientLost(let client): balancer.clientLost(client, at: now, into: &effects)
            case .upstreamFull(let upstream): balancer.upstreamFull(upstream, into: &effects)
            case .upstreamHasRoom(let upstream):
                balancer.upstreamHasRoom(upstream, into: &effects)
            case .upstreamLost(let upstream):
                if let slot = slot(upstream) { loseUpstream(slot) }
            }
            perform(UnsafeRawBufferPointer(buffer))
        }
        aftermath.removeAll(keepingCapacity: true)
    }
}
