public import MonotonicTime
internal import RESP

// Connections to servers: which one a request takes, and how they open.
extension Balancer {
    enum Choice: Equatable {
        case link(Int)
        /// None is open, and at least one is on its way.
        case opening
        /// No server can be reached just now.
        case none
    }

    /// The connection of the pool that a request for the destination takes; one for readers only to
    /// a server that has all from before `needed`.
    @inline(__always)
    mutating func choose(
        _ pool: Int, _ destination: Destination, having needed: Instant = .anyData, _ now: Instant,
        _ effects: inout EffectBuffer
    ) -> Choice {
        switch destination {
        case .writer:
            return chooseWriter(pool, now, &effects)
        case .readers:
            let choice = chooseReader(pool, isCursor: false, needed, now, &effects)
            guard choice == .none, needed > .anyData else { return choice }
            return chooseSpare(pool, needed, now, &effects)
        case .cursors:
            return chooseReader(pool, isCursor: true, .anyData, now, &effects)
        }
    }

    /// A server that reads are not shared with, but which has the data: as a rule the primary.
    private mutating func chooseSpare(
        _ pool: Int, _ needed: Instant, _ now: Instant, _ effects: inout EffectBuffer
    ) -> Choice {
        for server in servers.indices
        where servers[server].weight == 0 && servers[server].isListed
            && servers[server].dataAsOf >= needed && selection.isUp(server)
        {
            let link = pools[pool].link(to: server)
            if link < 0 {
                guard mayConnect(server, now) else { continue }
                connect(server, pool, .pool, now, &effects)
                return .opening
            }
            guard upstreams[link].isOpen else { return .opening }
            guard hasRoom(link) else {
                upstreams[link].isCrowded = true
                return .opening
            }
            return .link(link)
        }
        return .none
    }

    /// The connection of the pool to whoever takes writes.
    private mutating func chooseWriter(
        _ pool: Int, _ now: Instant, _ effects: inout EffectBuffer
    ) -> Choice {
        let link = pools[pool].link(to: Self.writer)
        guard link >= 0 else {
            guard mayConnect(Self.writer, now) else { return .none }
            connect(Self.writer, pool, .pool, now, &effects)
            return .opening
        }
        guard upstreams[link].isOpen else { return .opening }
        guard hasRoom(link) else {
            upstreams[link].isCrowded = true
            return .opening
        }
        return .link(link)
    }

    /// The connection of the pool to the least busy of the serving servers; those that lack one get
    /// one. A cursor means something to one server only, so these all go to the first that serves.
    private mutating func chooseReader(
        _ pool: Int, isCursor: Bool, _ needed: Instant, _ now: Instant,
        _ effects: inout EffectBuffer
    ) -> Choice {
        var best = -1
        var bestServer = -1
        var isOpening = false
        rotation = rotation + 1 < servers.count ? rotation + 1 : 0
        for step in servers.indices {
            var server = isCursor ? step : rotation + step
            if server >= servers.count { server -= servers.count }
            guard servers[server].weight > 0, servers[server].dataAsOf >= needed else { continue }
            let link = pools[pool].link(to: server)
            if link < 0 {
                guard mayConnect(server, now) else { continue }
                connect(server, pool, .pool, now, &effects)
                isOpening = true
            } else if !upstreams[link].isOpen {
                isOpening = true
            } else if !hasRoom(link) {
                upstreams[link].isCrowded = true
                isOpening = true
            } else if best < 0 || isLessBusy(server, than: bestServer) {
                best = link
                bestServer = server
            }
            if isCursor, best >= 0 || isOpening { break }
        }
        if best >= 0 { return .link(best) }
        return isOpening ? .opening : .none
    }

    @inline(__always)
    private func isLessBusy(_ one: Int, than other: Int) -> Bool {
        // (a + 1) / weight of a < (b + 1) / weight of b, without dividing.
        (servers[one].awaitedCount + 1) * servers[other].weight
            < (servers[other].awaitedCount + 1) * servers[one].weight
    }

    func mayConnect(_ server: Int, _ now: Instant) -> Bool {
        if server == Self.writer {
            guard writePlace != nil, !isMoving(at: now) else { return false }
        }
        guard let retryAt = servers[server].retryAt else { return true }
        return now >= retryAt
    }

    @discardableResult
    mutating func connect(
        _ server: Int, _ pool: Int, _ ownership: Upstream.Ownership, _ now: Instant,
        _ effects: inout EffectBuffer
    ) -> Int {
        let upstream = upstreams.insert(
            Upstream(
                phase: .connecting(since: now), ownership: ownership, server: server, pool: pool))
        servers[server].upstreamCount += 1
        switch ownership {
        case .pool: pools[pool].setLink(to: server, upstream)
        case .client: privateCount += 1
        }
        effects.append(
            .connect(id(ofUpstream: upstream), server: server, keepsSent: ownership == .pool))
        return upstream
    }

    /// Its host has answered, so that the address is not one that nobody has. What both sides
    /// have to agree on before anything can be asked (TLS) takes the server's time, not the host's.
    public mutating func upstreamReached(_ id: UpstreamID, at now: Instant) {
        guard let upstream = upstreams.slot(of: id.place),
            case .connecting = upstreams[upstream].phase
        else { return }
        upstreams[upstream].phase = .greeting(since: now)
    }

    /// The connection to the server is there: it is told who it serves.
    public mutating func upstreamOpened(
        _ id: UpstreamID, at now: Instant, into effects: inout EffectBuffer
    ) {
        guard let upstream = upstreams.slot(of: id.place) else { return }
        switch upstreams[upstream].phase {
        case .connecting, .greeting: break
        case .open, .retiring, .stranded: return
        }
        upstreams[upstream].phase = .greeting(since: now)
        let identity = pools[upstreams[upstream].pool].identity
        for step in identity.greeting
        where step != .select || !upstreams[upstream].skipsDatabase {
            say(identity.request(step), .greeting, on: upstream, now, &effects)
        }
        switch upstreams[upstream].ownership {
        case .client(let owner, _):
            guard let client = clients.slot(of: owner.place) else { break }
            for request in clients[client].persona.requests {
                say(request, .courtesy, on: upstream, now, &effects)
            }
            if isWriter(upstream) {
                say([Array("INFO".utf8)], .identify, on: upstream, now, &effects)
            }
        case .pool:
            if !servers[upstreams[upstream].server].isLearnt {
                say([Array("COMMAND".utf8)], .lesson, on: upstream, now, &effects)
            }
            if isWriter(upstream) {
                say([Array("INFO".utf8)], .identify, on: upstream, now, &effects)
            } else {
                // A server that loads its data, or may not serve what it has, says so.
                say([Array("PING".utf8)], .probe, on: upstream, now, &effects)
            }
        }
        if upstreams[upstream].ring.isEmpty { open(upstream, now, &effects) }
    }

    /// A request of the balancer's own.
    mutating func say(
        _ request: [[UInt8]], _ errand: Errand, on upstream: Int, _ now: Instant,
        _ effects: inout EffectBuffer
    ) {
        let byteCount = effects.compose(id(ofUpstream: upstream), request)
        upstreams[upstream].ring.append(
            Awaited(
                client: .nobody, byteCount: UInt32(truncatingIfNeeded: byteCount), errand: errand,
                attemptCount: 0, since: now))
        upstreams[upstream].keptByteCount += byteCount
    }

    /// Its greeting is answered: requests may go to it.
    mutating func open(_ upstream: Int, _ now: Instant, _ effects: inout EffectBuffer) {
        upstreams[upstream].phase = .open
        let server = upstreams[upstream].server
        servers[server].retryAt = nil
        servers[server].retryDelay = retryMin(of: server)
        switch upstreams[upstream].ownership {
        case .client(let owner, _):
            guard let client = living(owner), case .pinning(let hold) = clients[client].stage
            else { return }
            clients[client].stage = .pinned(hold)
            unhold(client)
            effects.append(.wake(owner))
        case .pool:
            let pool = upstreams[upstream].pool
            if server == Self.writer { failoverEnds(&effects) }
            rehomeStranded(of: pool, now, &effects)
            serveWaiters(of: pool, for: destination(ofLink: upstream), now, &effects)
        }
    }

    /// Those who wait on a pool go on: they are read again, and may wait again.
    mutating func serveWaiters(
        of pool: Int, for destination: Destination, _ now: Instant, _ effects: inout EffectBuffer
    ) {
        guard !pools[pool].waiters.isEmpty(for: destination) else { return }
        for waiter in pools[pool].waiters.take(for: destination) {
            guard let client = living(waiter) else { continue }
            switch clients[client].stage {
            case .waiting:
                clients[client].stage = .open
                effects.append(.wake(waiter))
            case .joining(pool, let step):
                tryJoin(client, pool, step, now, &effects)
            case .open, .settling, .throttled, .joining, .pinning, .pinned, .voided, .ending,
                .closed:
                break  // It went on otherwise.
            }
        }
    }

    /// The server did not agree to a greeting: its word goes to all who wait for the pool.
    mutating func refuse(
        _ upstream: Int, lower: Int, upper: Int, _ now: Instant, _ effects: inout EffectBuffer
    ) {
        switch upstreams[upstream].ownership {
        case .client(let owner, _):
            guard let client = living(owner) else { break }
            effects.deliver(owner, lower: lower, upper: upper)
            close(client, at: now, &effects)
        case .pool:
            let pool = upstreams[upstream].pool
            for waiter in pools[pool].waiters.take(for: destination(ofLink: upstream)) {
                guard let client = living(waiter) else { continue }
                effects.deliver(waiter, lower: lower, upper: upper)
                switch clients[client].stage {
                case .joining(pool, _):
                    leave(pool, at: now)
                    unhold(client)
                    clients[client].stage = .open
                    effects.append(.wake(waiter))
                case .open, .settling, .throttled, .waiting, .joining, .pinning, .pinned,
                    .voided, .ending, .closed:
                    // Its identity is not what it was: it has to show who it is anew.
                    close(client, at: now, &effects)
                }
            }
            discard(upstream, &effects)
        }
    }

    /// Closes a connection that owes nobody anything.
    mutating func discard(_ upstream: Int, _ effects: inout EffectBuffer) {
        guard upstreams.isTaken(upstream) else { return }
        let server = upstreams[upstream].server
        let pool = upstreams[upstream].pool
        switch upstreams[upstream].ownership {
        case .client:
            privateCount -= 1
        case .pool:
            if pools[pool].link(to: server) == upstream { pools[pool].setLink(to: server, -1) }
        }
        if case .stranded = upstreams[upstream].phase { strandedCount -= 1 }
        servers[server].upstreamCount -= 1
        servers[server].awaitedCount -= upstreams[upstream].ring.clientRequestCount
        effects.append(.closeUpstream(id(ofUpstream: upstream)))
        upstreams[upstream].ring = RequestRing()
        upstreams[upstream].lesson = []
        upstreams.remove(upstream)
    }
}
