internal import BalancerCore
internal import Glibc

// The sockets of connections to servers.
extension Reactor {
    func upstreamID(_ slot: Int) -> UpstreamID {
        UpstreamID(
            place: SlotID(slot: UInt32(slot), generation: upstreams[slot].generation))
    }

    func upstreamToken(_ slot: Int) -> Token {
        .upstream(slot: UInt32(slot), generation: upstreams[slot].generation)
    }

    @inline(__always)
    func slot(_ upstream: UpstreamID) -> Int? {
        let slot = Int(upstream.place.slot)
        guard slot < upstreams.count, upstreams[slot].generation == upstream.place.generation,
            upstreams[slot].state != .free
        else { return nil }
        return slot
    }

    mutating func connect(_ upstream: UpstreamID, to server: Int, keepsSent: Bool) {
        let slot = Int(upstream.place.slot)
        while upstreams.count <= slot { upstreams.append(UpstreamSocket()) }
        var socket = UpstreamSocket()
        socket.generation = upstream.place.generation
        socket.keepsSent = keepsSent
        socket.isDirty = upstreams[slot].isDirty
        socket.descriptor = SocketCalls.connect(to: balancer.endpoint(ofServer: server))
        socket.state = .connecting
        socket.interest = .write
        upstreams[slot] = socket
        if socket.descriptor < 0
            || !poller.add(socket.descriptor, .write, upstreamToken(slot))
        {
            aftermath.append(.upstreamLost(upstream))
        }
    }

    mutating func finishConnecting(_ slot: Int, isBroken: Bool) {
        guard !isBroken, SocketCalls.isConnected(upstreams[slot].descriptor) else {
            return loseUpstream(slot)
        }
        if let context = security.servers {
            balancer.upstreamReached(upstreamID(slot), at: now)
            return secureUpstream(slot, context)
        }
        openUpstream(slot)
    }

    /// The core may ask it something.
    mutating func openUpstream(_ slot: Int) {
        upstreams[slot].state = .open
        updateInterest(ofUpstream: slot)
        balancer.upstreamOpened(upstreamID(slot), at: now, into: &effects)
        perform(UnsafeRawBufferPointer(buffer))
    }

    mutating func readUpstream(_ slot: Int) {
        guard upstreams[slot].state == .open else { return }
        if upstreams[slot].isSecured { return readSecuredUpstream(slot) }
        let kept = upstreams[slot].unread.moveAll(to: buffer)
        let free = UnsafeMutableRawBufferPointer(rebasing: buffer[kept...])
        switch SocketCalls.receive(upstreams[slot].descriptor, into: free) {
        case .bytes(let count):
            showUpstream(slot, kept + count)
        case .later:
            upstreams[slot].unread.append(UnsafeRawBufferPointer(rebasing: buffer[..<kept]))
        case .ended, .broken:
            loseUpstream(slot)
        }
    }

    /// Shows the core the first bytes of the buffer, and keeps what it does not consume.
    mutating func showUpstream(_ slot: Int, _ byteCount: Int) {
        let id = upstreamID(slot)
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<byteCount])
        let consumed = balancer.receive(fromUpstream: id, bytes.bytes, at: now, into: &effects)
        perform(bytes)
        if self.slot(id) != nil, consumed < bytes.count {
            upstreams[slot].unread.append(UnsafeRawBufferPointer(rebasing: bytes[consumed...]))
        }
    }

    /// Tells the core, which may still need what the outbox keeps.
    mutating func loseUpstream(_ slot: Int) {
        guard upstreams[slot].state != .lost, upstreams[slot].state != .free else { return }
        if upstreams[slot].descriptor >= 0 { Glibc.close(upstreams[slot].descriptor) }
        upstreams[slot].descriptor = -1
        upstreams[slot].stream = nil
        upstreams[slot].state = .lost
        balancer.upstreamLost(
            upstreamID(slot), unsentByteCount: upstreams[slot].unsentByteCount, at: now,
            into: &effects)
        perform(UnsafeRawBufferPointer(buffer))
    }

    mutating func closeUpstream(_ upstream: UpstreamID) {
        guard let slot = slot(upstream) else { return }
        if upstreams[slot].state == .securing { abandonHandshake() }
        if upstreams[slot].state == .open { sendLast(slot) }
        if upstreams[slot].descriptor >= 0 { Glibc.close(upstreams[slot].descriptor) }
        upstreams[slot].outbox.free()
        upstreams[slot].unread.free()
        let isDirty = upstreams[slot].isDirty
        upstreams[slot] = UpstreamSocket()
        upstreams[slot].isDirty = isDirty
    }

    /// A client that sends and closes, waiting for no answer, means what it has sent. On a shared
    /// connection the next flush does it, and what one keeps may be another's to send.
    private mutating func sendLast(_ slot: Int) {
        guard !upstreams[slot].keepsSent else { return }
        if upstreams[slot].isSecured {
            _ = flushSecured(slot)
            return
        }
        let rest = upstreams[slot].outbox.bytes(from: upstreams[slot].sentByteCount)
        if !rest.isEmpty { _ = SocketCalls.send(upstreams[slot].descriptor, rest) }
    }

    mutating func enqueue(_ upstream: UpstreamID, _ bytes: UnsafeRawBufferPointer) {
        guard let slot = slot(upstream) else { return }
        upstreams[slot].outbox.append(bytes)
        gathering.byteCount += bytes.count
        markDirty(slot)
    }

    /// Copies what one connection keeps to another's outbox.
    mutating func carry(
        _ from: UpstreamID, offset: Int, byteCount: Int, to upstream: UpstreamID
    ) {
        guard let source = slot(from), let target = slot(upstream) else { return }
        let bytes = upstreams[source].outbox.bytes(from: offset)
        upstreams[target].outbox.append(UnsafeRawBufferPointer(rebasing: bytes[..<byteCount]))
        markDirty(target)
    }

    mutating func release(_ upstream: UpstreamID, _ byteCount: Int) {
        guard let slot = slot(upstream) else { return }
        upstreams[slot].outbox.removeFirst(byteCount)
        upstreams[slot].sentByteCount = max(0, upstreams[slot].sentByteCount - byteCount)
        upstreams[slot].outbox.shrink(above: settings.balancer.requestByteCountMax * 2)
    }

    private mutating func markDirty(_ slot: Int) {
        guard !upstreams[slot].isDirty else { return }
        upstreams[slot].isDirty = true
        dirty.append(slot)
    }

    /// One call for each connection that requests gathered for.
    mutating func flushAll() {
        var index = 0
        while index < dirty.count {
            let slot = dirty[index]
            index += 1
            upstreams[slot].isDirty = false
            if upstreams[slot].state == .open {
                flush(slot)
                finishAftermath()
            }
        }
        dirty.removeAll(keepingCapacity: true)
        gathering = Gathering()
    }

    mutating func flush(_ slot: Int) {
        let unsent = upstreams[slot].outbox.bytes(from: upstreams[slot].sentByteCount)
        if upstreams[slot].isSecured {
            guard flushSecured(slot) else { return loseUpstream(slot) }
        } else if !unsent.isEmpty {
            switch SocketCalls.send(upstreams[slot].descriptor, unsent) {
            case .bytes(let count): markSent(slot, count)
            case .later: break
            case .ended, .broken: return loseUpstream(slot)
            }
        }
        updateInterest(ofUpstream: slot)
        let waiting = upstreams[slot].unsentByteCount
        if !upstreams[slot].isFull, waiting > settings.upstreamByteCountMax {
            upstreams[slot].isFull = true
            aftermath.append(.upstreamFull(upstreamID(slot)))
        } else if upstreams[slot].isFull, waiting <= settings.upstreamByteCountMax / 2 {
            upstreams[slot].isFull = false
            aftermath.append(.upstreamHasRoom(upstreamID(slot)))
        }
    }

    mutating func markSent(_ slot: Int, _ count: Int) {
        if upstreams[slot].keepsSent {
            upstreams[slot].sentByteCount += count
        } else {
            upstreams[slot].outbox.removeFirst(count)
            upstreams[slot].outbox.shrink(above: Self.idleByteCount)
        }
    }

    mutating func updateInterest(ofUpstream slot: Int) {
        guard upstreams[slot].state == .open else { return }
        var wanted: Interest = []
        if upstreams[slot].isRead { wanted.insert(.read) }
        if upstreams[slot].unsentByteCount > 0 { wanted.insert(.write) }
        if upstreams[slot].isSecured, hasSealed(slot) { wanted.insert(.write) }
        guard wanted != upstreams[slot].interest else { return }
        upstreams[slot].interest = wanted
        poller.change(upstreams[slot].descriptor, wanted, upstreamToken(slot))
    }
}
