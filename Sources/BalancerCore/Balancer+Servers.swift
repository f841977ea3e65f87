public import MonotonicTime
internal import RESP

// The servers, as they are reported, and what time brings.
extension Balancer {
    /// Servers at once; beyond, reports are passed over. Redis's own advice is a handful.
    private static let serverCountMax = 1 + 64

    /// The newest report of each server of the group. One that is missing gets no more requests;
    /// those on their way are answered.
    public mutating func update(
        servers reports: [ServerReport], at now: Instant, into effects: inout EffectBuffer
    ) {
        for server in servers.indices {
            let isListed = reports.contains { $0.endpoint == servers[server].endpoint }
            guard !isListed, servers[server].isListed else { continue }
            servers[server].isListed = false
            selection.set(nil, at: server, now: now)
            retireLinks(to: server, &effects)
        }
        for report in reports {
            guard let server = place(of: report) else { continue }
            if !servers[server].isListed { servers[server].retryAt = nil }
            servers[server].isListed = true
            servers[server].dataAsOf = report.dataAsOf ?? .anyData
            selection.set(report, at: server, now: now)
        }
        share(at: now)
    }

    private mutating func place(of report: ServerReport) -> Int? {
        let places = servers.indices.dropFirst()
        if let known = places.first(where: { servers[$0].endpoint == report.endpoint }) {
            return known
        }
        let fresh = Server(endpoint: report.endpoint, retryDelay: settings.retryMin)
        let free = places.first { !servers[$0].isListed && servers[$0].upstreamCount == 0 }
        if let free {
            servers[free] = fresh
            return free
        }
        guard servers.count < Self.serverCountMax else { return nil }
        servers.append(fresh)
        return servers.count - 1
    }

    private mutating func share(at now: Instant) {
        selection.share(at: now)
        for server in servers.indices {
            servers[server].weight = servers[server].isListed ? selection.weight(of: server) : 0
        }
    }

    /// The reads are shared by another policy from now on.
    public mutating func update(selection policy: SelectionPolicy, at now: Instant) {
        selection.policy = policy
        share(at: now)
    }

    mutating func retireLinks(to server: Int, _ effects: inout EffectBuffer) {
        for pool in pools.slots where pools.isTaken(pool) {
            let link = pools[pool].link(to: server)
            guard link >= 0 else { continue }
            retire(link)
            if upstreams[link].ring.isEmpty { discard(link, &effects) }
        }
    }

    /// Time has passed: to be called ten times a second.
    public mutating func tick(at now: Instant, into effects: inout EffectBuffer) {
        share(at: now)
        for upstream in upstreams.slots where upstreams.isTaken(upstream) {
            age(upstream, now, &effects)
        }
        for client in clients.slots where fullCount > 0 && clients.isTaken(client) {
            if case .full(let since) = clients[client].intake, now - since > settings.fullMax,
                clients[client].stage != .closed
            {
                close(client, at: now, &effects)
            }
        }
        // Whoever waits for a connection that was lost or given up before it had room.
        for pool in pools.slots where pools.isTaken(pool) {
            serveWaiters(of: pool, for: .readers, now, &effects)
        }
        if !isMoving(at: now) { movingUntil = nil }
        pursue(at: now, into: &effects)
        expireHeld(now, &effects)
        let since = now - settings.poolIdleMax
        while evictPool(unusedSince: since, &effects) {}
        tellDepartures(&effects)
        if isDraining { drain(at: now, into: &effects) }
    }

    private func openingMax(of upstream: Int) -> Interval {
        guard isWriter(upstream) else { return settings.greetingMax }
        let delay = servers[Self.writer].retryDelay
        // An address that has just moved is asked for at its former host, which drops that: the
        // kernel would ask again only after a second.
        if case .connecting = upstreams[upstream].phase {
            return min(delay * 2, settings.writeGreetingMax)
        }
        // A server that is there and busy answers later, not sooner, for being asked again. Should
        // another take the writes meanwhile, this one is given up as soon as the nodes say so.
        return max(settings.writeGreetingMax, min(delay * 10, settings.greetingMax))
    }

    mutating func age(
        _ upstream: Int, _ now: Instant, _ effects: inout EffectBuffer
    ) {
        switch upstreams[upstream].phase {
        case .connecting(let since), .greeting(let since):
            guard now - since > openingMax(of: upstream) else { return }
            lose(upstream, unsentByteCount: 0, now, &effects)
        case .stranded(let since):
            rehome(upstream, now, &effects)
            guard upstreams.isTaken(upstream), case .stranded(since) = upstreams[upstream].phase,
                now - since > (isWriter(upstream) ? settings.writePatience : settings.patience)
            else { return }
            abandon(upstream, now, &effects)
        case .open, .retiring:
            // Whoever watches the server has no answer either: its silence is believed. Of whoever
            // takes writes it is not, until there is another.
            guard upstreams[upstream].isShared, !isWriter(upstream), !upstreams[upstream].isPaused,
                !selection.isUp(upstreams[upstream].server), !upstreams[upstream].ring.isEmpty,
                now - upstreams[upstream].ring[0].since > settings.greetingMax
            else { return }
            lose(upstream, unsentByteCount: 0, now, &effects)
        }
    }

    /// No more clients; those that are there are closed as soon as nothing is owed to them.
    public mutating func drain(at now: Instant, into effects: inout EffectBuffer) {
        isDraining = true
        for client in clients.slots where clients.isTaken(client) {
            switch clients[client].stage {
            case .open where clients[client].framer.isIdle, .settling, .throttled:
                end(client, .nothing, at: now, &effects)
            case .pinned(.forever):
                close(client, at: now, &effects)
            case .open, .waiting, .joining, .pinning, .pinned, .voided, .ending, .closed:
                break
            }
        }
    }

    /// Clients that are connected, those that are being closed included.
    public var clientCount: Int { clients.count }
}
