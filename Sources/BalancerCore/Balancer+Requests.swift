public import MonotonicTime
internal import RESP

/// What became of the bytes of a client.
public struct Reading: Equatable, Sendable {
    /// Bytes that are not needed any more; the driver keeps the others and shows them again, with
    /// what comes behind them.
    public var consumedByteCount: Int
    /// Whether the driver reads no more of the client until an ``Effect/wake(_:)``.
    public var isPaused: Bool
    /// Whether the request waits for a connection: that the client has hung up meanwhile is to be
    /// told by ``Balancer/clientHungUp(_:at:into:)``, unread bytes or not.
    public var isHeld: Bool

    public init(consumedByteCount: Int, isPaused: Bool, isHeld: Bool = false) {
        self.consumedByteCount = consumedByteCount
        self.isPaused = isPaused
        self.isHeld = isHeld
    }
}

// What clients ask.
extension Balancer {
    /// The unread bytes of a client: what it was shown before and did not consume, and what came.
    public mutating func receive(
        from id: ClientID, _ unread: RawSpan, at now: Instant, into effects: inout EffectBuffer
    ) -> Reading {
        guard let client = clients.slot(of: id.place) else {
            return Reading(consumedByteCount: unread.byteCount, isPaused: true)
        }
        if clients[client].hasHungUp { closeIfGone(client, now, &effects) }
        let reading = receive(client, unread, at: now, &effects)
        if clients[client].heldSince != nil { settleHold(client) }
        return reading
    }

    @inline(__always)
    private mutating func receive(
        _ client: Int, _ unread: RawSpan, at now: Instant, _ effects: inout EffectBuffer
    ) -> Reading {
        switch clients[client].stage {
        case .open, .voided:
            guard !clients[client].isFull else { break }
            return read(client, unread, from: 0, at: now, &effects)
        case .pinned:
            guard !clients[client].isFull else { break }
            return relay(client, unread, from: 0, at: now, &effects)
        case .ending, .closed:
            return Reading(consumedByteCount: unread.byteCount, isPaused: false)
        case .settling, .throttled, .waiting, .joining, .pinning:
            break
        }
        return Reading(consumedByteCount: 0, isPaused: true)
    }

    /// What comes of one request.
    enum Handling {
        /// It goes to this connection, as it is.
        case forward(Int, Errand)
        /// It was dealt with.
        case done
        /// It is not consumed; the client's stage says what it waits for.
        case waits
        /// It and all behind it are read otherwise, by the client's stage.
        case elsewhere
    }

    mutating func read(
        _ client: Int, _ unread: RawSpan, from start: Int, at now: Instant,
        _ effects: inout EffectBuffer
    ) -> Reading {
        var offset = start
        // Requests that follow one another to one connection are forwarded as one range.
        var run = Run(lower: start, upstream: -1)
        while offset < unread.byteCount {
            if case .voided = clients[client].stage {
                offset = readVoided(client, unread, from: offset, at: now, &effects)
                run = Run(lower: offset, upstream: -1)
                if clients[client].stage == .open { continue }
                return stopped(client, unread, at: offset)
            }
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
                let handling = handle(client, unread, frame, at: offset, now, &effects, &run)
                switch handling {
                case .forward(let upstream, let errand):
                    expect(client, on: upstream, frame.byteCount, errand, at: now)
                    run.upstream = upstream
                    offset += frame.byteCount
                case .done:
                    offset += frame.byteCount
                    run = Run(lower: offset, upstream: -1)
                    switch clients[client].stage {
                    case .open, .voided: break
                    case .settling, .throttled, .waiting, .joining, .pinning, .pinned, .ending,
                        .closed:
                        return stopped(client, unread, at: offset)
                    }
                case .waits:
                    flush(run, upper: offset, &effects)
                    return paused(client, unread, at: offset)
                case .elsewhere:
                    return relay(client, unread, from: offset, at: now, &effects)
                }
            case .empty(let byteCount):
                flush(run, upper: offset, &effects)
                offset += byteCount
                run = Run(lower: offset, upstream: -1)
            case .partial(let missing, let passable):
                flush(run, upper: offset, &effects)
                let whole = unread.byteCount - offset + missing
                guard whole > settings.requestByteCountMax else {
                    return Reading(consumedByteCount: offset, isPaused: false)
                }
                return readLarge(client, passable, unread, offset, at: now, &effects)
            }
        }
        flush(run, upper: offset, &effects)
        return Reading(consumedByteCount: offset, isPaused: false)
    }

    /// Its stage lets no more be read: of one that is ending, nothing is kept.
    private func stopped(_ client: Int, _ unread: RawSpan, at offset: Int) -> Reading {
        switch clients[client].stage {
        case .ending, .closed:
            Reading(consumedByteCount: unread.byteCount, isPaused: false)
        case .open, .settling, .throttled, .waiting, .joining, .pinning, .pinned, .voided:
            Reading(consumedByteCount: offset, isPaused: isPausedByStage(client))
        }
    }

    /// Requests that go to one connection as they came.
    struct Run {
        var lower: Int
        var upstream: Int
    }

    @inline(__always)
    func flush(_ run: Run, upper: Int, _ effects: inout EffectBuffer) {
        guard run.upstream >= 0, upper > run.lower else { return }
        effects.append(.forward(id(ofUpstream: run.upstream), lower: run.lower, upper: upper))
    }

    /// The reply will be the client's.
    @inline(__always)
    mutating func expect(
        _ client: Int, on upstream: Int, _ byteCount: Int, _ errand: Errand, at now: Instant
    ) {
        upstreams[upstream].ring.append(
            Awaited(
                client: id(ofClient: client), byteCount: UInt32(truncatingIfNeeded: byteCount),
                errand: errand, attemptCount: 0, since: now))
        upstreams[upstream].keptByteCount += byteCount
        servers[upstreams[upstream].server].awaitedCount += 1
        clients[client].awaitedCount += 1
        clients[client].upstream = upstream
        counts.requests += 1
    }

    /// Decides about one request; where it is dealt with here, what came before it is flushed.
    private mutating func handle(
        _ client: Int, _ unread: RawSpan, _ frame: RequestFrame, at offset: Int, _ now: Instant,
        _ effects: inout EffectBuffer, _ run: inout Run
    ) -> Handling {
        let name = frame.name.lowerBound + offset..<frame.name.upperBound + offset
        let argument =
            frame.firstArgument.lowerBound + offset..<frame.firstArgument.upperBound + offset
        let `class` = table.class(unread, name: name, firstArgument: argument)
        // A typed line is sent as an array: a server's reading of quotes and NUL never matters.
        if frame.form == .line {
            flush(run, upper: offset, &effects)
            run = Run(lower: offset, upstream: -1)
            return handleLine(client, unread, frame, `class`, offset, now, &effects)
        }
        switch `class` {
        case .read, .portrait, .write, .other, .cursor:
            return plain(
                client, errand(of: `class`), destination(of: `class`, client), now, &effects)
        case .container, .blocking, .wait, .rescue, .unknown, .multi, .transactionEnd, .watch,
            .unwatch,
            .exclusive, .auth, .hello, .select, .reset, .quit, .clientID, .clientGetName,
            .clientSetName, .clientSetInfo, .clientMaintenance, .cluster, .denied, .http:
            flush(run, upper: offset, &effects)
            run = Run(lower: offset, upstream: -1)
            let request = offset..<offset + frame.byteCount
            return handleSpecial(client, `class`, unread, request, now, &effects)
        }
    }

    /// The connection for a request that may share one.
    @inline(__always)
    mutating func plain(
        _ client: Int, _ errand: Errand, _ destination: Destination, _ now: Instant,
        _ effects: inout EffectBuffer
    ) -> Handling {
        guard clients[client].awaitedCount > 0, destination != .cursors else {
            return plainAnew(client, errand, destination, now, &effects)
        }
        guard clients[client].awaitedCount < settings.pipelineDepthMax else {
            return stay(client, .throttled)
        }
        let upstream = clients[client].upstream
        // A read behind writes stays behind them; a write behind reads has to go elsewhere.
        guard upstreams[upstream].isOpen, destination == .readers || isWriter(upstream) else {
            return stay(client, .settling)
        }
        guard hasRoom(upstream) else {
            upstreams[upstream].isCrowded = true
            return wait(client, for: self.destination(ofLink: upstream), now, &effects)
        }
        if clients[client].heldSince != nil { unhold(client) }
        return .forward(upstream, errand)
    }

    /// What a plain request is to the connection that it takes.
    @inline(__always)
    func errand(of class: CommandClass) -> Errand {
        `class` == .read || `class` == .portrait ? .read : .other
    }

    /// Whom a plain request is for, by its client's listener.
    @inline(__always)
    func destination(of class: CommandClass, _ client: Int) -> Destination {
        switch clients[client].service {
        case .read: `class` == .cursor ? .cursors : .readers
        case .write: .writer
        case .auto: `class` == .read ? .readers : .writer
        }
    }

    @inline(__always)
    func hasRoom(_ upstream: Int) -> Bool {
        upstreams[upstream].ring.count < settings.awaitedCountMax
            && upstreams[upstream].keptByteCount < settings.keptByteCountMax
    }

    private mutating func plainAnew(
        _ client: Int, _ errand: Errand, _ destination: Destination, _ now: Instant,
        _ effects: inout EffectBuffer
    ) -> Handling {
        var (destination, needed) = (destination, Instant.anyData)
        if destination == .readers, clients[client].isDemanding {
            destination = self.destination(ofRead: client, now)
            needed = dataNeeded(by: client, at: now)
        }
        switch choose(clients[client].pool, destination, having: needed, now, &effects) {
        case .link(let upstream):
            guard clients[client].awaitedCount == 0 || clients[client].upstream == upstream else {
                return stay(client, .settling)
            }
            if clients[client].heldSince != nil { unhold(client) }
            return .forward(upstream, errand)
        case .opening, .none:
            guard clients[client].awaitedCount == 0 else { return stay(client, .settling) }
            return wait(client, for: destination, now, &effects)
        }
    }

    /// The client's next request is read once its stage is over.
    mutating func stay(_ client: Int, _ stage: Client.Stage) -> Handling {
        clients[client].stage = stage
        return .waits
    }

    /// Whether nothing is read of a client in its stage, until it is woken.
    func isPausedByStage(_ client: Int) -> Bool {
        switch clients[client].stage {
        case .open, .pinned, .voided, .ending, .closed: false
        case .settling, .throttled, .waiting, .joining, .pinning: true
        }
    }

    /// Until a connection of its pool has opened, or has room; told that there is none if that
    /// lasts too long.
    mutating func wait(
        _ client: Int, for destination: Destination, holding hold: Client.Hold = .answers,
        _ now: Instant, _ effects: inout EffectBuffer
    ) -> Handling {
        guard self.hold(client, for: destination, now) else {
            guard clients[client].awaitedCount == 0 else { return stay(client, .settling) }
            return refuse(client, hold, Refusal.unserved, &effects)
        }
        clients[client].stage = .waiting
        pools[clients[client].pool].waiters.append(id(ofClient: client), for: destination)
        return .waits
    }

    /// What the driver does with the bytes of a client that waits.
    mutating func paused(_ client: Int, _ unread: RawSpan, at offset: Int) -> Reading {
        let isHeld = clients[client].heldSince != nil
        if isHeld { noteHeld(client, unread.byteCount - offset) }
        return Reading(consumedByteCount: offset, isPaused: true, isHeld: isHeld)
    }
}
