public import MonotonicTime
internal import RESP

// Whoever takes writes: one place, which leads to another server after each failover.
//
// A connection there shows by its first reply which server it has reached. When the nodes name a
// new primary, those that lead to the former one are given up at once, silent or not; those that
// were made by themselves since, and lead to the new one already, are kept.
extension Balancer {
    @inline(__always)
    func isWriter(_ upstream: Int) -> Bool {
        upstreams[upstream].server == Self.writer
    }

    @inline(__always)
    func destination(ofLink upstream: Int) -> Destination {
        isWriter(upstream) ? .writer : .readers
    }

    func retryMin(of server: Int) -> Interval {
        server == Self.writer ? settings.writeRetryMin : settings.retryMin
    }

    /// Where writes go from now on, and to whom that leads.
    public mutating func update(
        writes place: WritePlace?, at now: Instant, into effects: inout EffectBuffer
    ) {
        let before = writePlace
        writePlace = place
        guard var place else {
            retireLinks(to: Self.writer, &effects)
            return
        }
        // Whoever begins to watch knows the primary before its life: that is no news of it.
        if place.runID == nil, place.endpoint == before?.endpoint, place.epoch == before?.epoch {
            place.runID = before?.runID
            writePlace = place
        }
        servers[Self.writer].endpoint = place.endpoint
        let isElsewhere = before?.endpoint != place.endpoint
        // A real Sentinel says the new epoch before it has another primary to name.
        let isOther =
            before?.runID != place.runID || place.runID == nil && place.epoch > before?.epoch ?? 0
        if let former = before?.runID, former != place.runID {
            formerWriter = FormerWriter(runID: former, until: now + settings.formerMax)
        }
        if formerWriter?.runID == place.runID { formerWriter = nil }
        guard isElsewhere || isOther else { return }
        movingUntil = nil
        servers[Self.writer].retryAt = nil
        servers[Self.writer].retryDelay = settings.writeRetryMin
        // A list of those that are there now: each that is lost may open another.
        let suspects = upstreams.slots.filter { upstreams.isTaken($0) && isWriter($0) }
            .map { id(ofUpstream: $0) }
        for suspect in suspects {
            guard let upstream = upstreams.slot(of: suspect.place) else { continue }
            let isStale: Bool
            switch upstreams[upstream].phase {
            case .connecting, .greeting:
                // It may be asking a host that the address has left.
                isStale = true
            case .open, .retiring:
                isStale = isElsewhere || leadsElsewhere(upstream)
            case .stranded:
                isStale = false
            }
            guard isStale else { continue }
            servers[Self.writer].retryAt = nil
            lose(upstream, unsentByteCount: 0, now, &effects)
        }
        servers[Self.writer].retryAt = nil
        pursue(at: now, into: &effects)
    }

    /// Not to the server that is named now. It may be a newer one than that, in two failovers that
    /// follow at once: its requests are told to be unsure without need then.
    private func leadsElsewhere(_ upstream: Int) -> Bool {
        guard let named = writePlace?.runID, let reached = upstreams[upstream].runID else {
            return false
        }
        return named != reached
    }

    private func leadsToFormer(_ upstream: Int, _ now: Instant) -> Bool {
        guard let formerWriter, now < formerWriter.until else { return false }
        return upstreams[upstream].runID == formerWriter.runID
    }

    // MARK: Planned moves

    /// Another server is about to take the writes, and this one will pause them: what is on its way
    /// is answered before, and no more is sent until the move is over.
    public mutating func moveAnnounced(at now: Instant, into effects: inout EffectBuffer) {
        guard writePlace != nil else { return }
        failoverBegins(&effects)
        movingUntil = now + settings.moveMax
        retireLinks(to: Self.writer, &effects)
    }

    /// The move was given up: writes go where they went.
    public mutating func moveCalledOff(at now: Instant, into effects: inout EffectBuffer) {
        guard movingUntil != nil else { return }
        movingUntil = nil
        pursue(at: now, into: &effects)
    }

    func isMoving(at now: Instant) -> Bool {
        guard let movingUntil else { return false }
        return now < movingUntil
    }

    // MARK: Looking for it

    /// Whether somebody waits for a connection: ``pursue(at:into:)`` is then to be called a hundred
    /// times a second.
    public var isPursuing: Bool { held.count > 0 || strandedCount > 0 }

    /// Connects to whoever takes writes, for each pool of which something waits for that.
    public mutating func pursue(at now: Instant, into effects: inout EffectBuffer) {
        for upstream in upstreams.slots where strandedCount > 0 && upstreams.isTaken(upstream) {
            guard isWriter(upstream), case .stranded = upstreams[upstream].phase else { continue }
            rehome(upstream, now, &effects)
        }
        for pool in pools.slots where pools.isTaken(pool) {
            let link = pools[pool].link(to: Self.writer)
            if link >= 0 { age(link, now, &effects) }
            guard !pools[pool].waiters.isEmpty(for: .writer) else { continue }
            // Waiters go on when it opens; it may be open, and they wait for one of their own.
            guard case .link = choose(pool, .writer, now, &effects) else { continue }
            serveWaiters(of: pool, for: .writer, now, &effects)
        }
    }

    // MARK: Who it is

    /// It has said who it is. `false` when it can't be used: it takes no writes, or not any more.
    mutating func identify(
        _ upstream: Int, _ reply: Reply, _ unread: RawSpan, _ now: Instant,
        _ effects: inout EffectBuffer
    ) -> Bool {
        let text = upstreams[upstream].lesson
        upstreams[upstream].lesson = []
        // Who may not ask is served all the same.
        if reply.kind == .error, !isNotServed(reply, unread) { return true }
        upstreams[upstream].runID = Self.field("run_id:", in: text)
        let takesWrites =
            reply.kind != .error && Self.field("role:", in: text) != Array("slave".utf8)
            && Self.field("loading:", in: text) != Array("1".utf8)
        guard takesWrites, !leadsToFormer(upstream, now) else {
            lose(upstream, unsentByteCount: 0, now, &effects)
            return false
        }
        return true
    }

    /// A line of `INFO`.
    private static func field(_ name: StaticString, in text: [UInt8]) -> [UInt8]? {
        let count = name.utf8CodeUnitCount
        var start = 0
        while start < text.count {
            let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
            if end - start > count, text.span.bytes.begins(with: name, at: start) {
                return Array(text[start + count..<end].filter { $0 != UInt8(ascii: "\r") })
            }
            start = end + 1
        }
        return nil
    }

    /// It takes no writes any more: whoever comes next looks for another.
    mutating func mistrust(_ upstream: Int, _ reply: Reply, _ unread: RawSpan) {
        guard unread.begins(with: "-READONLY ", at: reply.lower), upstreams[upstream].isShared,
            upstreams[upstream].isOpen
        else { return }
        retire(upstream)
    }
}
