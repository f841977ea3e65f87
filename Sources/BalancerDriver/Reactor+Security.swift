internal import BalancerCore
internal import Glibc
internal import MonotonicTime
internal import TransportSecurity

// Sockets with TLS. What such a socket holds is what the plain one holds: `unread` and the outbox
// are plaintext, `unsent` is what the kernel shall get, and so ciphertext.
extension Reactor {
    /// How a socket was read.
    private enum Opening {
        /// So many bytes of plaintext lie behind those that were kept.
        case bytes(Int)
        case later
        case ended
        case broken
    }

    /// Reads a socket and puts what it means into the buffer, from `offset` on.
    private func receive(
        _ number: Int32, _ stream: TLSStream, from offset: Int
    ) -> Opening {
        let free = UnsafeMutableRawBufferPointer(rebasing: buffer[offset...])
        let room = min(Self.sealedByteCountMax, free.count - TLSStream.recordByteCountMax)
        guard room > 0 else { return .later }
        let part = UnsafeMutableRawBufferPointer(rebasing: sealed[..<room])
        switch SocketCalls.receive(number, into: part) {
        case .bytes(let count):
            return .bytes(
                stream.receive(UnsafeRawBufferPointer(rebasing: part[..<count]), into: free))
        case .later: return .later
        case .ended: return .ended
        case .broken: return .broken
        }
    }

    // MARK: Clients

    /// A client of a secured place: nothing is heard of it before both sides know each other.
    mutating func secureClient(_ slot: Int) {
        guard let context = security.clients else { return }
        clients[slot].stream = TLSStream(accepting: context)
        handshakes.begin(
            .client(slot: slot, generation: clients[slot].generation),
            deadline: now + .seconds(settings.handshakeSeconds))
    }

    mutating func readSecured(_ slot: Int) {
        guard let stream = clients[slot].stream else { return }
        let id = clientID(slot)
        let wasOpen = stream.isOpen
        let kept = clients[slot].unread.moveAll(to: buffer)
        let opening = receive(clients[slot].descriptor, stream, from: kept)
        // The handshake's next step, or an alert, before anything that may close the socket.
        transmitSealed(slot, stream)
        switch opening {
        case .bytes(let count):
            if count > 0 {
                showClient(slot, kept + count)
            } else {
                clients[slot].unread.append(UnsafeRawBufferPointer(rebasing: buffer[..<kept]))
            }
            guard openSlot(id) != nil else { return }
            if let failure = stream.failure {
                if !wasOpen { handshakes.clientFailed(failure) }
                breakClient(slot)
            } else {
                noteEnd(slot)
            }
        case .later:
            clients[slot].unread.append(UnsafeRawBufferPointer(rebasing: buffer[..<kept]))
        case .ended:
            clients[slot].unread.append(UnsafeRawBufferPointer(rebasing: buffer[..<kept]))
            // Whoever looks whether the port is open goes so; that is no failure to be told.
            if wasOpen { endClient(slot) } else { breakClient(slot) }
        case .broken:
            breakClient(slot)
        }
    }

    /// Within TLS too a client may say that it sends no more, and leave the connection open. It is
    /// heard when all before it was understood.
    mutating func noteEnd(_ slot: Int) {
        guard clients[slot].isSecured, let stream = clients[slot].stream, stream.hasEnded,
            clients[slot].isRead
        else { return }
        endClient(slot)
    }

    mutating func sendSecured(_ slot: Int, _ bytes: UnsafeRawBufferPointer) {
        guard let stream = clients[slot].stream else { return }
        stream.send(bytes)
        transmitSealed(slot, stream)
    }

    /// Tells a client, within TLS, that nothing more comes.
    mutating func endStream(_ slot: Int) {
        guard let stream = clients[slot].stream else { return }
        stream.close()
        transmitSealed(slot, stream)
    }

    /// Sends what a client's TLS has to say.
    mutating func transmitSealed(_ slot: Int, _ stream: TLSStream) {
        stream.takeOutgoing { bytes in
            transmit(slot, bytes)
            return bytes.count
        }
    }

    // MARK: Servers

    /// A connection to a server is there: TLS comes next.
    mutating func secureUpstream(_ slot: Int, _ context: TLSClientContext) {
        do throws(TLSFailure) {
            upstreams[slot].stream = try TLSStream(joining: context)
        } catch {
            handshakes.serverFailed(error)
            return loseUpstream(slot)
        }
        upstreams[slot].state = .securing
        handshakes.begin(
            .upstream(slot: slot, generation: upstreams[slot].generation),
            deadline: now + .seconds(settings.handshakeSeconds))
        continueSecuring(slot, isReadable: false)
    }

    /// The next steps of a handshake with a server; the core is told when it is over.
    mutating func continueSecuring(_ slot: Int, isReadable: Bool) {
        guard let stream = upstreams[slot].stream else { return }
        var opening = Opening.later
        if isReadable { opening = receive(upstreams[slot].descriptor, stream, from: 0) }
        guard flushSealed(slot, stream) else { return loseUpstream(slot) }
        switch opening {
        case .ended, .broken:
            handshakes.serverFailed(.library("it closed the connection within the handshake"))
            return loseUpstream(slot)
        case .bytes, .later:
            break
        }
        if let failure = stream.failure {
            handshakes.serverFailed(failure)
            return loseUpstream(slot)
        }
        guard stream.isOpen else {
            var wanted: Interest = [.read]
            if stream.outgoingByteCount > 0 { wanted.insert(.write) }
            guard wanted != upstreams[slot].interest else { return }
            upstreams[slot].interest = wanted
            poller.change(upstreams[slot].descriptor, wanted, upstreamToken(slot))
            return
        }
        openUpstream(slot)
        // A server speaks only when it was asked: what came with the handshake is a fault, which
        // the core finds.
        if case .bytes(let count) = opening, count > 0 { showUpstream(slot, count) }
    }

    mutating func readSecuredUpstream(_ slot: Int) {
        guard let stream = upstreams[slot].stream else { return }
        let id = upstreamID(slot)
        let kept = upstreams[slot].unread.moveAll(to: buffer)
        switch receive(upstreams[slot].descriptor, stream, from: kept) {
        case .bytes(let count):
            if count > 0 {
                showUpstream(slot, kept + count)
            } else {
                upstreams[slot].unread.append(UnsafeRawBufferPointer(rebasing: buffer[..<kept]))
            }
            guard self.slot(id) != nil, upstreams[slot].state == .open else { return }
            guard stream.failure == nil, !stream.hasEnded, flushSealed(slot, stream) else {
                return loseUpstream(slot)
            }
        case .later:
            upstreams[slot].unread.append(UnsafeRawBufferPointer(rebasing: buffer[..<kept]))
        case .ended, .broken:
            loseUpstream(slot)
        }
    }

    /// Encrypts and sends what waits for a server. What was encrypted counts as sent, so that there
    /// is never more of it than the kernel has just refused. False when the connection is broken.
    mutating func flushSecured(_ slot: Int) -> Bool {
        guard let stream = upstreams[slot].stream else { return true }
        while true {
            guard flushSealed(slot, stream) else { return false }
            guard stream.outgoingByteCount == 0 else { return true }
            let unsent = upstreams[slot].outbox.bytes(from: upstreams[slot].sentByteCount)
            guard !unsent.isEmpty else { return true }
            let part = UnsafeRawBufferPointer(rebasing: unsent.prefix(Self.sealedByteCountMax))
            stream.send(part)
            guard stream.failure == nil else { return false }
            markSent(slot, part.count)
        }
    }

    /// Whether the kernel has not taken all of what was encrypted.
    func hasSealed(_ slot: Int) -> Bool {
        (upstreams[slot].stream?.outgoingByteCount ?? 0) > 0
    }

    /// False when the kernel refuses for good.
    private func flushSealed(_ slot: Int, _ stream: TLSStream) -> Bool {
        var isWhole = true
        stream.takeOutgoing { bytes in
            switch SocketCalls.send(upstreams[slot].descriptor, bytes) {
            case .bytes(let count): return count
            case .later: return 0
            case .ended, .broken:
                isWhole = false
                return 0
            }
        }
        return isWhole
    }

    // MARK: Time

    /// The core gave a server up that has not ended its handshake: who is asked for writes has
    /// less time than others.
    mutating func abandonHandshake() {
        handshakes.serverFailed(.library("it did not end the handshake in time"))
    }

    /// Whoever has not ended its handshake in time goes.
    mutating func endOverdueHandshakes() {
        for socket in handshakes.takeOverdue(at: now) {
            switch socket {
            case .client(let slot, let generation):
                guard clients[slot].generation == generation, clients[slot].state == .open,
                    let stream = clients[slot].stream, !stream.isOpen
                else { continue }
                handshakes.clientFailed(.library("it did not end the handshake in time"))
                breakClient(slot)
            case .upstream(let slot, let generation):
                guard upstreams[slot].generation == generation, upstreams[slot].state == .securing
                else { continue }
                handshakes.serverFailed(.library("it did not end the handshake in time"))
                loseUpstream(slot)
            }
        }
    }
}
