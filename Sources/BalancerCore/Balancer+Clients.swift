public import MonotonicTime
internal import RESP

// Clients come and go.
extension Balancer {
    /// A client has connected. `nil` when there are as many as may be: send it
    /// ``clientCountRefusal`` and close it.
    public mutating func accept(
        _ service: Service = .read, _ freshness: Freshness = .any, at now: Instant
    ) -> ClientID? {
        guard clients.count < settings.clientCountMax, !isDraining else {
            counts.refused += 1
            return nil
        }
        counts.clients += 1
        pools[Self.basePool].memberCount += 1
        return id(
            ofClient: clients.insert(
                Client(service: service, freshness: freshness, pool: Self.basePool)))
    }

    /// What a client hears that is one too many.
    public static let clientCountRefusal = Array(Refusal.tooManyClients.utf8)

    /// The client sends no more, but may still read: it gets what it has asked for.
    public mutating func clientEnded(
        _ client: ClientID, at now: Instant, into effects: inout EffectBuffer
    ) {
        guard let client = living(client) else { return }
        switch clients[client].stage {
        case .open, .settling, .throttled:
            // What waits for another server is not run for somebody who has most likely gone.
            guard !isStranded(client) else { return close(client, at: now, &effects) }
            end(client, .nothing, at: now, &effects)
        case .ending:
            break  // It is on its way already.
        case .waiting, .joining, .pinning, .pinned, .voided, .closed:
            close(client, at: now, &effects)
        }
    }

    /// The client's connection is broken: nothing can be sent to it.
    public mutating func clientLost(
        _ client: ClientID, at now: Instant, into effects: inout EffectBuffer
    ) {
        guard let client = living(client) else { return }
        close(client, at: now, &effects)
    }

    /// The driver has closed the connection of a client, as it was told: its place is free.
    public mutating func clientClosed(_ client: ClientID) {
        guard let slot = clients.slot(of: client.place) else { return }
        precondition(clients[slot].stage == .closed, "closed without being told")
        clients.remove(slot)
    }

    /// More than enough waits for the client to take it.
    public mutating func clientFull(
        _ client: ClientID, at now: Instant, into effects: inout EffectBuffer
    ) {
        guard let client = living(client), !clients[client].isFull else { return }
        clients[client].intake = .full(since: now)
        fullCount += 1
        effects.append(.pauseClient(id(ofClient: client)))
        guard clients[client].upstream >= 0,
            clients[client].awaitedCount > 0 || ownsUpstream(client)
        else { return }
        pauseIfHeldUp(clients[client].upstream, &effects)
    }

    /// The client has taken most of what waited for it.
    public mutating func clientHasRoom(
        _ client: ClientID, at now: Instant, into effects: inout EffectBuffer
    ) {
        guard let client = living(client), clients[client].isFull else { return }
        clients[client].intake = .ready
        fullCount -= 1
        unpause(of: client, &effects)
        effects.append(.wake(id(ofClient: client)))
    }

    /// More than enough waits for a server to take it: the client whose own connection it is waits.
    public mutating func upstreamFull(
        _ upstream: UpstreamID, into effects: inout EffectBuffer
    ) {
        guard let upstream = upstreams.slot(of: upstream.place),
            case .client(let owner, _) = upstreams[upstream].ownership
        else { return }
        effects.append(.pauseClient(owner))
    }

    /// A server has taken most of what waited for it.
    public mutating func upstreamHasRoom(
        _ upstream: UpstreamID, into effects: inout EffectBuffer
    ) {
        guard let upstream = upstreams.slot(of: upstream.place),
            case .client(let owner, _) = upstreams[upstream].ownership
        else { return }
        effects.append(.wake(owner))
    }

    /// Reads no more of the client; it is closed when every reply has come.
    mutating func end(
        _ client: Int, _ farewell: Client.Farewell, at now: Instant, _ effects: inout EffectBuffer
    ) {
        clients[client].stage = .ending(farewell)
        if clients[client].awaitedCount == 0 { finish(client, farewell, at: now, &effects) }
    }

    /// Says the last word, and closes.
    mutating func finish(
        _ client: Int, _ farewell: Client.Farewell, at now: Instant, _ effects: inout EffectBuffer
    ) {
        switch farewell {
        case .nothing: break
        case .ok: effects.answer(id(ofClient: client), "+OK\r\n".utf8)
        case .error(let error):
            effects.answer(
                id(ofClient: client), Array("-ERR ".utf8) + error.message + Array("\r\n".utf8))
        }
        close(client, at: now, &effects)
    }

    /// Sends nothing more to the client, and drops what was its own.
    mutating func close(_ client: Int, at now: Instant, _ effects: inout EffectBuffer) {
        if case .joining(let pool, _) = clients[client].stage {
            leave(pool, at: now)
        }
        unpause(of: client, &effects)
        if clients[client].parked >= 0 {
            discard(clients[client].parked, &effects)
            clients[client].parked = -1
        }
        if ownsUpstream(client) { discard(clients[client].upstream, &effects) }
        clients[client].upstream = -1
        leave(clients[client].pool, at: now)
        clients[client].persona = Persona()
        unhold(client)
        setTold(client, false)
        forgetDeparture(client)
        if clients[client].isFull { fullCount -= 1 }
        clients[client].stage = .closed
        effects.append(.closeClient(id(ofClient: client)))
    }

    /// Whether the connection that its requests are on is its own.
    func ownsUpstream(_ client: Int) -> Bool {
        let upstream = clients[client].upstream
        guard upstream >= 0, upstreams.isTaken(upstream),
            case .client(let owner, _) = upstreams[upstream].ownership
        else { return false }
        return owner == id(ofClient: client)
    }
}
