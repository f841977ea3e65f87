internal import Addressing
internal import BalancerCore
internal import CLinux
internal import Glibc
internal import MonotonicTime
internal import RESP

/// One thread's loop: sockets in, the core's effects out, and nothing shared with another thread
/// but a ``Mailbox``.
///
/// A turn reads every socket that has something, each into the same buffer; requests gather in the
/// outboxes of the connections to servers and leave by one call each at the turn's end, replies
/// leave from the buffer itself. Nothing is allocated or locked for a request.
struct Reactor: ~Copyable {
    /// Between two calls of the core's `tick`.
    static let tickMilliseconds: Int32 = 100
    /// Between two calls of its `pursue`, while somebody waits for a connection.
    static let pursuit = Interval.milliseconds(10)
    /// Memory of a queue that is kept when it is empty.
    static let idleByteCount = 4096
    /// Read at once of a connection with TLS, at most: what it decrypts to must find room in the
    /// buffer. Written at once, too.
    static let sealedByteCountMax = 64 * 1024

    /// Requests that were not given to a socket yet.
    struct Gathering {
        var byteCount = 0
        var turnCount = 0

        /// More would not make a server's work less, and hold up those that came first.
        var isEnough: Bool { byteCount >= 16_384 || turnCount >= 4 }
    }

    let settings: BalancerDriverSettings
    let mailbox: Mailbox
    let poller: Poller
    var listeners: [ListeningSocket]
    var balancer: Balancer
    var effects = EffectBuffer()
    var clients: ContiguousArray<ClientSocket> = []
    var upstreams: ContiguousArray<UpstreamSocket> = []
    let buffer: UnsafeMutableRawBufferPointer
    /// What was read of a connection with TLS; memory that is never touched where there is none.
    let sealed: UnsafeMutableRawBufferPointer
    /// Connections to servers with bytes to be sent once enough is gathered.
    var dirty: ContiguousArray<Int> = []
    var gathering = Gathering()
    /// What the core is told once all effects of the last call are done.
    var aftermath: ContiguousArray<Aftermath> = []
    /// Clients that have not taken their last reply yet.
    var closingCount = 0
    /// What new connections are encrypted with.
    var security: BalancerSecurity
    var handshakes = Handshakes()
    /// Addresses that are about to be another host's.
    var departing: [IPAddress] = []
    var now: Instant
    private var nextTick: Instant
    private var nextPursuit: Instant
    /// A descriptor to give up when there are no more, so that a client can be told so.
    private var spare: Int32
    private var areListenersOff = false
    private var isOver = false

    /// What was noticed while effects were carried out.
    enum Aftermath {
        case wake(ClientID)
        case clientFull(ClientID)
        case clientHasRoom(ClientID)
        case clientLost(ClientID)
        case upstreamFull(UpstreamID)
        case upstreamHasRoom(UpstreamID)
        case upstreamLost(UpstreamID)
    }

    /// - Parameter listeners: their descriptors are closed by the reactor.
    init(
        listeners: [ListeningSocket], security: BalancerSecurity, mailbox: Mailbox,
        settings: BalancerDriverSettings
    ) throws(BalancerDriverError) {
        self.settings = settings
        self.security = security
        self.mailbox = mailbox
        self.listeners = listeners
        poller = try Poller()
        balancer = Balancer(settings: settings.balancer)
        // What is kept of a request or a reply always leaves room to read more behind it.
        let keptMax =
            settings.balancer.requestByteCountMax + settings.balancer.partByteCountMin
            + settings.balancer.requests.lineBytesMax + settings.balancer.replies.lineBytesMax
        buffer = .allocate(byteCount: max(settings.receiveByteCount, keptMax * 2), alignment: 64)
        sealed = .allocate(byteCount: Self.sealedByteCountMax, alignment: 64)
        now = Self.readClock()
        nextTick = now
        nextPursuit = now
        spare = open("/dev/null", O_RDONLY | O_CLOEXEC)
        for (index, listener) in listeners.enumerated() {
            _ = poller.add(listener.descriptor, .read, .listener(index))
        }
        _ = poller.add(mailbox.descriptor, .read, .mailbox)
    }

    deinit {
        closeListeners()
        for client in clients where client.state != .free {
            var client = client
            Glibc.close(client.descriptor)
            client.unread.free()
            client.unsent.free()
        }
        for upstream in upstreams where upstream.state != .free {
            var upstream = upstream
            if upstream.descriptor >= 0 { Glibc.close(upstream.descriptor) }
            upstream.outbox.free()
            upstream.unread.free()
        }
        Glibc.close(spare)
        buffer.deallocate()
        sealed.deallocate()
    }

    private func closeListeners() {
        for listener in listeners where listener.descriptor >= 0 {
            Glibc.close(listener.descriptor)
        }
    }

    /// Until it is stopped, or has drained.
    mutating func run() {
        while !isOver {
            turn()
        }
        mailbox.publish(balancer.statistics, handshakes.failures, isOver: true)
    }

    private mutating func turn() {
        let next = balancer.isPursuing ? min(nextTick, nextPursuit) : nextTick
        // Rounded up, or it would turn without a pause through the last millisecond.
        let left = ((next - now).nanoseconds + 999_999) / 1_000_000
        // What was gathered waits for a look at whether there is more: a server reads and answers
        // many requests for little more than one.
        let isGathering = !dirty.isEmpty
        let count = poller.wait(
            milliseconds: isGathering ? 0 : Int32(min(max(left, 0), 1000)))
        now = Self.readClock()
        if isGathering, count == 0 { return flushAll() }
        for index in 0..<count {
            handle(poller.happening(index))
            finishAftermath()
        }
        if now >= nextTick {
            tick()
            finishAftermath()
        } else if balancer.isPursuing, now >= nextPursuit {
            nextPursuit = now + Self.pursuit
            balancer.pursue(at: now, into: &effects)
            perform(UnsafeRawBufferPointer(buffer))
            finishAftermath()
        }
        if !dirty.isEmpty {
            gathering.turnCount += 1
            if gathering.isEnough { flushAll() }
        }
    }

    @inline(__always)
    private mutating func handle(_ happening: Poller.Happening) {
        switch happening.token {
        case .client(let slot, let generation):
            let slot = Int(slot)
            guard isClient(slot, generation) else { return }
            if happening.isBroken {
                // What it sent before it was reset is run, as a server does: a client that closes
                // with replies unread is reset by its own kernel.
                let isRead = clients[slot].state == .open && clients[slot].isRead
                guard isRead, happening.isReadable else { return breakClient(slot) }
                return readClient(slot)
            }
            if happening.hasHungUp, clients[slot].isHeld { return hearHangUp(slot) }
            if happening.isWritable { sendRest(slot) }
            if happening.isReadable, isClient(slot, generation) { readClient(slot) }
        case .upstream(let slot, let generation):
            let slot = Int(slot)
            guard isUpstream(slot, generation) else { return }
            if upstreams[slot].state == .connecting {
                return finishConnecting(slot, isBroken: happening.isBroken)
            }
            if upstreams[slot].state == .securing {
                let isReadable = happening.isReadable || happening.isBroken
                return continueSecuring(slot, isReadable: isReadable)
            }
            if happening.isReadable || happening.isBroken { readUpstream(slot) }
            if happening.isWritable, isUpstream(slot, generation) { flush(slot) }
        case .listener(let index):
            // One that was closed may still have had an event.
            if index < listeners.count, listeners[index].descriptor >= 0 {
                acceptClients(listeners[index])
            }
        case .mailbox:
            readMail()
        }
    }

    @inline(__always)
    private func isClient(_ slot: Int, _ generation: UInt32) -> Bool {
        slot < clients.count && clients[slot].state != .free
            && clients[slot].generation & Token.generationMask == generation
    }

    @inline(__always)
    private func isUpstream(_ slot: Int, _ generation: UInt32) -> Bool {
        guard slot < upstreams.count,
            upstreams[slot].generation & Token.generationMask == generation
        else { return false }
        switch upstreams[slot].state {
        case .connecting, .securing, .open: return true
        case .free, .lost: return false
        }
    }

    private mutating func tick() {
        nextTick = now + .milliseconds(Int(Self.tickMilliseconds))
        balancer.tick(at: now, into: &effects)
        perform(UnsafeRawBufferPointer(buffer))
        for slot in clients.indices where closingCount > 0 {
            if case .closing(let deadline) = clients[slot].state, now.nanoseconds > deadline {
                releaseClient(slot)
            }
        }
        endOverdueHandshakes()
        if areListenersOff { setListeners(on: true) }
        mailbox.publish(balancer.statistics, handshakes.failures, isOver: false)
        if listeners.isEmpty, balancer.clientCount == 0 { isOver = true }
    }

    private mutating func readMail() {
        for letter in mailbox.take() {
            switch letter {
            case .servers(let reports, let place):
                balancer.update(servers: reports, at: now, into: &effects)
                balancer.update(writes: place, at: now, into: &effects)
            case .change(let kept, let added, let selection, let security):
                self.security = security
                change(keeping: kept, adding: added)
                balancer.update(selection: selection, at: now)
            case .moveAnnounced:
                balancer.moveAnnounced(at: now, into: &effects)
            case .moveCalledOff:
                balancer.moveCalledOff(at: now, into: &effects)
            case .depart(let addresses, let seconds):
                depart(from: addresses, within: seconds)
            case .ignoreNewcomers(let addresses):
                ignoreNewcomers(at: addresses)
            case .drain:
                closeListeners()
                listeners = []
                balancer.drain(at: now, into: &effects)
            case .stop:
                isOver = true
            }
            perform(UnsafeRawBufferPointer(buffer))
        }
    }

    /// Those that stay keep their place in the list, which the kernel knows them by.
    private mutating func change(
        keeping kept: [BalancerListener], adding added: [ListeningSocket]
    ) {
        for index in listeners.indices
        where listeners[index].descriptor >= 0 && !kept.contains(listeners[index].listener) {
            Glibc.close(listeners[index].descriptor)
            listeners[index].descriptor = -1
        }
        for socket in added {
            _ = poller.add(socket.descriptor, .read, .listener(listeners.count))
            listeners.append(socket)
        }
    }

    private mutating func acceptClients(_ listener: ListeningSocket) {
        // A bound, so that a storm of connections does not starve those that are there.
        for _ in 0..<64 {
            switch SocketCalls.accept(listener.descriptor) {
            case .client(let number): admit(number, listener.listener)
            case .none: return
            case .noDescriptors: return refuseForWantOfDescriptors(listener)
            }
        }
    }

    private mutating func admit(_ number: Int32, _ listener: BalancerListener) {
        guard let id = balancer.accept(listener.service, listener.freshness, at: now) else {
            return refuse(number, listener)
        }
        SocketCalls.tuneClient(number)
        let slot = Int(id.place.slot)
        while clients.count <= slot { clients.append(ClientSocket()) }
        clients[slot].state = .open
        clients[slot].generation = id.place.generation
        clients[slot].descriptor = number
        clients[slot].interest = .read
        clients[slot].isRead = true
        clients[slot].isFull = false
        clients[slot].isHeld = false
        if listener.isSecured { secureClient(slot) }
        noteDeparture(slot)
        if !poller.add(number, .read, clientToken(slot)) {
            aftermath.append(.clientLost(id))
        }
    }

    private func refuse(_ number: Int32, _ listener: BalancerListener) {
        // With TLS it would have to be encrypted first, which is more than is given for a no.
        if !listener.isSecured {
            _ = Balancer.clientCountRefusal.withUnsafeBytes { SocketCalls.send(number, $0) }
        }
        Glibc.close(number)
    }

    /// The spare descriptor takes one client to tell it; the rest wait in the kernel, unheard,
    /// until the next tick, or the loop would turn without end.
    private mutating func refuseForWantOfDescriptors(_ listener: ListeningSocket) {
        if spare >= 0 { Glibc.close(spare) }
        if case .client(let number) = SocketCalls.accept(listener.descriptor) {
            refuse(number, listener.listener)
        }
        spare = open("/dev/null", O_RDONLY | O_CLOEXEC)
        setListeners(on: false)
    }

    private mutating func setListeners(on: Bool) {
        areListenersOff = !on
        for (index, listener) in listeners.enumerated() where listener.descriptor >= 0 {
            poller.change(listener.descriptor, on ? .read : [], .listener(index))
        }
    }

    private static func readClock() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
