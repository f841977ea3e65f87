public import MonotonicTime

// Requests that wait for a connection. They are not read: their bytes stay where they are, and a
// client that is not read sends no more than its socket takes.
extension Balancer {
    /// The client's next request waits, or goes on waiting; `false` when it has for too long, or
    /// when too much waits already: it is to be told so. So is what came behind it and waited with
    /// it, at once: see ``settleHold(_:)``.
    mutating func hold(_ client: Int, for destination: Destination, _ now: Instant) -> Bool {
        if let since = clients[client].heldSince {
            return now - since < patience(for: destination)
        }
        guard held.byteCount < settings.heldByteCountMax else { return false }
        clients[client].heldSince = now
        held.count += 1
        return true
    }

    private func patience(for destination: Destination) -> Interval {
        switch destination {
        case .writer: settings.writePatience
        case .readers, .cursors: settings.patience
        }
    }

    /// The driver keeps so many bytes of it meanwhile.
    mutating func noteHeld(_ client: Int, _ byteCount: Int) {
        held.byteCount += byteCount - clients[client].heldByteCount
        clients[client].heldByteCount = byteCount
    }

    /// After all that it sent was looked at: if none of that waits, the next waits anew.
    mutating func settleHold(_ client: Int) {
        switch clients[client].stage {
        case .waiting, .joining, .pinning, .settling, .throttled: break
        case .open, .pinned, .voided, .ending, .closed: unhold(client)
        }
    }

    /// It waits no more.
    mutating func unhold(_ client: Int) {
        guard clients[client].heldSince != nil else { return }
        held.count -= 1
        held.byteCount -= clients[client].heldByteCount
        clients[client].heldSince = nil
        clients[client].heldByteCount = 0
    }

    /// A client that is held sends no more.
    public mutating func clientHungUp(
        _ client: ClientID, at now: Instant, into effects: inout EffectBuffer
    ) {
        guard let client = living(client) else { return }
        clients[client].hasHungUp = true
        closeIfGone(client, now, &effects)
    }

    /// Closes a client that has hung up, if its request would run long after it was sent.
    mutating func closeIfGone(
        _ client: Int, _ now: Instant, _ effects: inout EffectBuffer
    ) {
        guard clients[client].hasHungUp, let since = clients[client].heldSince,
            now - since > settings.hungUpPatience
        else { return }
        close(client, at: now, &effects)
    }

    /// Those who have waited for whoever takes writes for too long are told so.
    mutating func expireHeld(_ now: Instant, _ effects: inout EffectBuffer) {
        for pool in pools.slots where pools.isTaken(pool) {
            let isOver = pools[pool].waiters.forWriter.contains { waiter in
                guard let client = living(waiter), let since = clients[client].heldSince else {
                    return false
                }
                return now - since >= settings.writePatience
            }
            if isOver { serveWaiters(of: pool, for: .writer, now, &effects) }
        }
    }

    /// Whether what it asked on a connection that is lost still waits for another.
    func isStranded(_ client: Int) -> Bool {
        let upstream = clients[client].upstream
        guard clients[client].awaitedCount > 0, upstream >= 0, upstreams.isTaken(upstream) else {
            return false
        }
        guard case .stranded = upstreams[upstream].phase else { return false }
        return true
    }
}
