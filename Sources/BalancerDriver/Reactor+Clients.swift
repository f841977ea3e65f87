internal import BalancerCore
internal import Glibc
internal import MonotonicTime

// The clients' sockets.
extension Reactor {
    func clientID(_ slot: Int) -> ClientID {
        ClientID(
            place: SlotID(slot: UInt32(slot), generation: clients[slot].generation))
    }

    func clientToken(_ slot: Int) -> Token {
        .client(slot: UInt32(slot), generation: clients[slot].generation)
    }

    /// The slot of a client that can be sent to.
    @inline(__always)
    func openSlot(_ client: ClientID) -> Int? {
        let slot = Int(client.place.slot)
        guard slot < clients.count, clients[slot].generation == client.place.generation,
            clients[slot].state == .open
        else { return nil }
        return slot
    }

    mutating func readClient(_ slot: Int) {
        guard clients[slot].state == .open, clients[slot].isRead else { return }
        if clients[slot].isSecured { return readSecured(slot) }
        let kept = clients[slot].unread.moveAll(to: buffer)
        // A whole buffer was kept while the client waited, and is still not understood to its end.
        guard kept < buffer.count else { return showClient(slot, kept) }
        let free = UnsafeMutableRawBufferPointer(rebasing: buffer[kept...])
        switch SocketCalls.receive(clients[slot].descriptor, into: free) {
        case .bytes(let count):
            showClient(slot, kept + count)
        case .later:
            clients[slot].unread.append(UnsafeRawBufferPointer(rebasing: buffer[..<kept]))
        case .ended:
            endClient(slot)
        case .broken:
            breakClient(slot)
        }
    }

    /// The client sends no more, and may still be owed something.
    mutating func endClient(_ slot: Int) {
        clients[slot].isRead = false
        updateInterest(ofClient: slot)
        balancer.clientEnded(clientID(slot), at: now, into: &effects)
        perform(UnsafeRawBufferPointer(buffer))
    }

    /// Shows the core the first bytes of the buffer, and keeps what it does not consume.
    mutating func showClient(_ slot: Int, _ byteCount: Int) {
        let id = clientID(slot)
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<byteCount])
        let reading = balancer.receive(from: id, bytes.bytes, at: now, into: &effects)
        clients[slot].isRead = !reading.isPaused
        clients[slot].isHeld = reading.isHeld
        perform(bytes)
        if openSlot(id) != nil, reading.consumedByteCount < byteCount {
            clients[slot].unread.append(
                UnsafeRawBufferPointer(rebasing: bytes[reading.consumedByteCount...]))
        } else {
            clients[slot].unread.shrink(above: 0)
        }
        if openSlot(id) != nil { updateInterest(ofClient: slot) }
    }

    /// The core reads on.
    mutating func wakeClient(_ client: ClientID) {
        guard let slot = openSlot(client) else { return }
        clients[slot].isRead = true
        clients[slot].isHeld = false
        guard !clients[slot].unread.isEmpty else {
            updateInterest(ofClient: slot)
            return noteEnd(slot)
        }
        let kept = clients[slot].unread.moveAll(to: buffer)
        showClient(slot, kept)
        if let slot = openSlot(client) { noteEnd(slot) }
    }

    /// Sends to a client.
    @inline(__always)
    mutating func send(_ client: ClientID, _ bytes: UnsafeRawBufferPointer) {
        guard let slot = openSlot(client), !bytes.isEmpty else { return }
        guard clients[slot].isSecured else { return transmit(slot, bytes) }
        sendSecured(slot, bytes)
    }

    /// Gives a client's kernel bytes from where they are; what it does not take is kept.
    @inline(__always)
    mutating func transmit(_ slot: Int, _ bytes: UnsafeRawBufferPointer) {
        var sent = 0
        if clients[slot].unsent.isEmpty {
            switch SocketCalls.send(clients[slot].descriptor, bytes) {
            case .bytes(let count): sent = count
            case .later: break
            case .ended, .broken:
                aftermath.append(.clientLost(clientID(slot)))
                return
            }
            guard sent < bytes.count else { return }
        }
        clients[slot].unsent.append(UnsafeRawBufferPointer(rebasing: bytes[sent...]))
        updateInterest(ofClient: slot)
        if !clients[slot].isFull, clients[slot].unsent.count > settings.clientByteCountMax {
            clients[slot].isFull = true
            aftermath.append(.clientFull(clientID(slot)))
        }
    }

    /// A client's kernel takes more.
    mutating func sendRest(_ slot: Int) {
        switch SocketCalls.send(clients[slot].descriptor, clients[slot].unsent.bytes()) {
        case .bytes(let count): clients[slot].unsent.removeFirst(count)
        case .later: return
        case .ended, .broken: return breakClient(slot)
        }
        clients[slot].unsent.shrink(above: 0)
        if clients[slot].isFull,
            clients[slot].unsent.count <= settings.clientByteCountMax / 2
        {
            clients[slot].isFull = false
            aftermath.append(.clientHasRoom(clientID(slot)))
        }
        if case .closing = clients[slot].state, clients[slot].unsent.isEmpty {
            return releaseClient(slot)
        }
        updateInterest(ofClient: slot)
    }

    mutating func updateInterest(ofClient slot: Int) {
        var wanted: Interest = []
        if clients[slot].isRead, clients[slot].state == .open { wanted.insert(.read) }
        if clients[slot].isHeld, clients[slot].state == .open { wanted.insert(.hangUp) }
        if !clients[slot].unsent.isEmpty { wanted.insert(.write) }
        guard wanted != clients[slot].interest else { return }
        clients[slot].interest = wanted
        poller.change(clients[slot].descriptor, wanted, clientToken(slot))
    }

    /// A client that waits has closed its half at least.
    mutating func hearHangUp(_ slot: Int) {
        clients[slot].isHeld = false
        updateInterest(ofClient: slot)
        balancer.clientHungUp(clientID(slot), at: now, into: &effects)
        perform(UnsafeRawBufferPointer(buffer))
    }

    /// Nothing more can be sent to it.
    mutating func breakClient(_ slot: Int) {
        if case .closing = clients[slot].state { return releaseClient(slot) }
        clients[slot].unsent.free()
        balancer.clientLost(clientID(slot), at: now, into: &effects)
        perform(UnsafeRawBufferPointer(buffer))
    }

    /// The core has said its last word to it.
    mutating func closeClient(_ client: ClientID) {
        guard let slot = openSlot(client) else { return }
        if clients[slot].isSecured { endStream(slot) }
        guard !clients[slot].unsent.isEmpty else { return releaseClient(slot) }
        let deadline = now + .seconds(settings.farewellSeconds)
        clients[slot].state = .closing(deadline: deadline.nanoseconds)
        closingCount += 1
        updateInterest(ofClient: slot)
    }

    mutating func releaseClient(_ slot: Int) {
        if case .closing = clients[slot].state { closingCount -= 1 }
        Glibc.close(clients[slot].descriptor)
        clients[slot].unread.free()
        clients[slot].unsent.free()
        if clients[slot].isSecured { clients[slot].stream = nil }
        clients[slot].state = .free
        balancer.clientClosed(clientID(slot))
    }
}
