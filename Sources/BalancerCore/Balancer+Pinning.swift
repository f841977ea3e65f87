internal import MonotonicTime
internal import RESP

// A connection of one client's own, while what it asks cannot share one.
extension Balancer {
    /// Gives the client its own connection, the former one if it still has that. Nothing of it may
    /// be awaited.
    mutating func pin(
        _ client: Int, _ hold: Client.Hold, _ now: Instant, _ effects: inout EffectBuffer
    ) -> Handling {
        let parked = clients[client].parked
        let destination = ownDestination(client)
        clients[client].parked = -1
        if parked >= 0 {
            if upstreams[parked].isOpen, mayUse(upstreams[parked].server, client, now) {
                clients[client].upstream = parked
                clients[client].stage = .pinned(hold)
                unhold(client)
                return .elsewhere
            }
            discard(parked, &effects)
        }
        guard privateCount < settings.privateCountMax || discardParked(&effects) else {
            return refuse(client, hold, Refusal.crowded, &effects)
        }
        guard let server = ownServer(client, destination, now) else {
            return wait(client, for: destination, holding: hold, now, &effects)
        }
        clients[client].upstream = connect(
            server, clients[client].pool, .client(id(ofClient: client), .framed), now, &effects)
        upstreams[clients[client].upstream].skipsDatabase = hold == .rescue
        clients[client].stage = .pinning(hold)
        return .waits
    }

    /// It gets none. What follows a `MULTI` that is refused must not run by itself, whether or not
    /// the client has read the answer: the transaction begins, and fails as a whole.
    mutating func refuse(
        _ client: Int, _ hold: Client.Hold, _ text: String, _ effects: inout EffectBuffer
    ) -> Handling {
        guard hold == .transaction else { return answer(client, text, &effects) }
        clients[client].stage = .voided(.transaction)
        return answer(client, "+OK\r\n", &effects)
    }

    /// Whom a client's own connection leads to.
    func ownDestination(_ client: Int) -> Destination {
        switch clients[client].service {
        case .read: .readers
        case .write, .auto: .writer
        }
    }

    /// Whether an open connection to the server may be used for something new.
    private func mayUse(_ server: Int, _ client: Int, _ now: Instant) -> Bool {
        guard server != Self.writer else { return !isMoving(at: now) }
        return servers[server].weight > 0
            && servers[server].dataAsOf >= dataNeeded(by: client, at: now)
    }

    private func ownServer(_ client: Int, _ destination: Destination, _ now: Instant) -> Int? {
        switch destination {
        case .writer: return mayConnect(Self.writer, now) ? Self.writer : nil
        case .readers, .cursors:
            let needed = dataNeeded(by: client, at: now)
            return leastBusyServer(needed, now) ?? spareServer(needed, now)
        }
    }

    /// One that reads are not shared with, but which has data that no other has.
    private func spareServer(_ needed: Instant, _ now: Instant) -> Int? {
        guard needed > .anyData else { return nil }
        return servers.indices.first {
            servers[$0].isListed && servers[$0].dataAsOf >= needed && selection.isUp($0)
                && mayConnect($0, now)
        }
    }

    /// Closes a connection that a client keeps without needing it now; `false` when there is none.
    private mutating func discardParked(_ effects: inout EffectBuffer) -> Bool {
        let idle = clients.slots.first { clients.isTaken($0) && clients[$0].parked >= 0 }
        guard let idle else { return false }
        discard(clients[idle].parked, &effects)
        clients[idle].parked = -1
        return true
    }

    private func leastBusyServer(_ needed: Instant, _ now: Instant) -> Int? {
        var best: Int?
        for server in servers.indices
        where servers[server].weight > 0 && servers[server].dataAsOf >= needed
            && mayConnect(server, now)
        {
            if let other = best, servers[other].awaitedCount <= servers[server].awaitedCount {
                continue
            }
            best = server
        }
        return best
    }

    /// A request that is too large to be kept passes in parts.
    mutating func readLarge(
        _ client: Int, _ passable: Int, _ unread: RawSpan, _ offset: Int, at now: Instant,
        _ effects: inout EffectBuffer
    ) -> Reading {
        guard passable > 0 else {
            // Not even its command's name fits.
            end(client, .error(.tooBigRequest), at: now, &effects)
            return Reading(consumedByteCount: unread.byteCount, isPaused: false)
        }
        guard clients[client].awaitedCount == 0 else {
            clients[client].stage = .settling
            return Reading(consumedByteCount: offset, isPaused: true)
        }
        switch pin(client, .answers, now, &effects) {
        case .elsewhere:
            return relay(client, unread, from: offset, at: now, &effects)
        case .waits, .forward:
            return paused(client, unread, at: offset)
        case .done:
            // It was answered, but where it ends is not known.
            end(client, .nothing, at: now, &effects)
            return Reading(consumedByteCount: unread.byteCount, isPaused: false)
        }
    }

    /// Passes a client's bytes to its own connection, watching for the end of its hold.
    mutating func relay(
        _ client: Int, _ unread: RawSpan, from start: Int, at now: Instant,
        _ effects: inout EffectBuffer
    ) -> Reading {
        var offset = start
        var run = Run(lower: start, upstream: clients[client].upstream)
        while offset < unread.byteCount {
            guard case .pinned(let hold) = clients[client].stage else { break }
            if hold == .forever {
                flush(run, upper: unread.byteCount, &effects)
                return Reading(consumedByteCount: unread.byteCount, isPaused: false)
            }
            let wasIntact = clients[client].framer.isIntact
            let framed: FramedRequest
            do throws(RESPError) {
                framed = try clients[client].framer.next(
                    in: unread, at: offset, limits: settings.requests)
            } catch {
                flush(run, upper: offset, &effects)
                end(client, .error(error), at: now, &effects)
                return Reading(consumedByteCount: unread.byteCount, isPaused: false)
            }
            switch framed {
            case .whole(let frame):
                let `class` = wasIntact ? classOf(unread, frame, offset) : .unknown
                switch stance(client, hold, `class`) {
                case .share:
                    flush(run, upper: offset, &effects)
                    unpin(client, &effects)
                    return read(client, unread, from: offset, at: now, &effects)
                case .wait:
                    flush(run, upper: offset, &effects)
                    return Reading(consumedByteCount: offset, isPaused: true)
                case .hold(let next):
                    pass(client, `class`, next, frame.byteCount, now)
                    offset += frame.byteCount
                case .answer(let text):
                    flush(run, upper: offset, &effects)
                    effects.answer(id(ofClient: client), text.utf8)
                    offset += frame.byteCount
                    run.lower = offset
                case .end(let farewell):
                    flush(run, upper: offset, &effects)
                    end(client, farewell, at: now, &effects)
                    return Reading(consumedByteCount: unread.byteCount, isPaused: false)
                }
            case .empty(let byteCount):
                offset += byteCount
            case .partial(let missing, let passable):
                flush(run, upper: offset, &effects)
                let whole = unread.byteCount - offset + missing
                guard passable > 0, !wasIntact || whole > settings.requestByteCountMax else {
                    return Reading(consumedByteCount: offset, isPaused: false)
                }
                if wasIntact { beginLarge(client, hold, unread, offset, now, &effects) }
                guard case .pinned = clients[client].stage else {
                    return Reading(consumedByteCount: unread.byteCount, isPaused: false)
                }
                clients[client].framer.discard(passable)
                run.lower = offset
                offset += passable
                flush(run, upper: offset, &effects)
                return Reading(consumedByteCount: offset, isPaused: false)
            }
        }
        flush(run, upper: offset, &effects)
        return Reading(consumedByteCount: offset, isPaused: false)
    }

    /// A request goes to the client's own connection, which it keeps for longer perhaps.
    private mutating func pass(
        _ client: Int, _ class: CommandClass, _ hold: Client.Hold, _ byteCount: Int, _ now: Instant
    ) {
        clients[client].stage = .pinned(hold)
        if hold == .forever { makeRaw(client) }
        if `class` == .clientID { clients[client].isNumbered = true }
        let errand = Self.errand(of: `class`, hold)
        expect(client, on: clients[client].upstream, byteCount, errand, at: now)
    }

    /// A request begins to pass of which not even the end is here: it is known by its name.
    private mutating func beginLarge(
        _ client: Int, _ hold: Client.Hold, _ unread: RawSpan, _ offset: Int, _ now: Instant,
        _ effects: inout EffectBuffer
    ) {
        let `class` = classOf(unread, clients[client].framer.head, offset)
        switch stance(client, hold, `class`, isPassing: true) {
        case .hold(let next):
            clients[client].stage = .pinned(next)
            if next == .forever { makeRaw(client) }
        case .share, .wait:
            break  // It follows what was asked on the same connection.
        case .answer, .end:
            // Where it ends is not known yet.
            end(client, .nothing, at: now, &effects)
        }
    }

    private static func errand(of class: CommandClass, _ hold: Client.Hold) -> Errand {
        if `class` == .multi { return .multi }
        return hold == .transaction ? .queued : .other
    }

    func classOf(
        _ unread: RawSpan, _ frame: RequestFrame, _ offset: Int
    ) -> CommandClass {
        table.class(
            unread, name: frame.name.lowerBound + offset..<frame.name.upperBound + offset,
            firstArgument: frame.firstArgument.lowerBound + offset..<frame.firstArgument.upperBound
                + offset)
    }

    /// What a request means to a client that has its own connection.
    private enum Stance {
        /// It needs its own no more.
        case share
        /// Not before what was asked is answered.
        case wait
        /// It is sent, and this holds from then on.
        case hold(Client.Hold)
        case answer(String)
        case end(Client.Farewell)
    }

    private func stance(
        _ client: Int, _ hold: Client.Hold, _ class: CommandClass, isPassing: Bool = false
    ) -> Stance {
        let isBusy = clients[client].awaitedCount > 0
        if hold == .rescue {
            if `class` == .rescue { return .hold(.rescue) }
            return isBusy ? .wait : .share
        }
        let mayShare = hold == .answers && !clients[client].isNumbered && !isPassing
        if clients[client].isWatchVoid, hold == .answers, !isPassing {
            switch `class` {
            // What it watched is lost, which this connection's server knows nothing of.
            case .multi, .watch, .unwatch: return isBusy ? .wait : .share
            case .read, .portrait, .write, .other, .cursor, .container, .blocking, .wait, .rescue,
                .unknown,
                .transactionEnd, .exclusive, .auth, .hello, .select, .reset, .quit, .clientID,
                .clientGetName, .clientSetName, .clientSetInfo, .clientMaintenance, .cluster,
                .denied, .http:
                break
            }
        }
        if clients[client].awaitedCount >= settings.pipelineDepthMax { return .wait }
        switch `class` {
        case .multi: return .hold(.transaction)
        case .transactionEnd: return .hold(.answers)
        case .watch: return .hold(hold == .transaction ? .transaction : .watch)
        case .unwatch: return .hold(hold == .transaction ? .transaction : .answers)
        case .blocking, .wait, .rescue, .unknown, .container, .clientID, .clientGetName,
            .clientMaintenance,
            .cluster:
            return .hold(hold)
        case .read, .portrait, .write, .other, .cursor:
            guard mayShare else { return .hold(hold) }
            return isBusy ? .wait : .share
        case .auth, .hello, .select, .reset, .clientSetName, .clientSetInfo:
            // Outside a transaction these are the client's, and need no connection of its own.
            guard mayShare else { return .hold(.forever) }
            return isBusy ? .wait : .share
        case .exclusive: return .hold(.forever)
        case .quit: return .end(.ok)
        case .http: return .end(.nothing)
        case .denied: return isBusy ? .wait : .answer(Refusal.denied)
        }
    }

    /// Its connection is not read any more, and passes what comes.
    mutating func makeRaw(_ client: Int) {
        upstreams[clients[client].upstream].ownership = .client(id(ofClient: client), .raw)
    }

    /// Its requests share connections again; its own is kept for the next time.
    mutating func unpin(_ client: Int, _ effects: inout EffectBuffer) {
        if clients[client].stage == .pinned(.rescue) {
            discard(clients[client].upstream, &effects)
            clients[client].upstream = -1
            clients[client].stage = .open
            return
        }
        clients[client].parked = clients[client].upstream
        clients[client].upstream = -1
        clients[client].stage = .open
    }
}
