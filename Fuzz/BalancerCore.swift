// sources: RESP MonotonicTime Addressing BalancerCore
//
// Clients' and servers' bytes, whatever they are, and connections that open and break at any time:
// nothing traps, and what the balancer wants can be done.
//
// Each step of the input is a byte that says what happens, a byte for whom, and a byte for how
// many of the next bytes it happens with.

/// libFuzzer's entry: one input, by its bytes.
@c(LLVMFuzzerTestOneInput)
public func fuzzBalancer(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    var input = UnsafeBufferPointer(start: bytes, count: count)[...]
    var run = BalancerFuzzRun()
    while input.count >= 3 {
        let what = input.removeFirst()
        let whom = Int(input.removeFirst())
        let length = min(Int(input.removeFirst()), input.count)
        let text = Array(input.prefix(length))
        input.removeFirst(length)
        run.step(what, whom, text)
    }
    return 0
}

/// A balancer with two servers, and what its driver would remember.
private struct BalancerFuzzRun: ~Copyable {
    private var balancer: Balancer
    private var effects = EffectBuffer()
    private var now = Instant(nanoseconds: 0)
    private var clients: [(id: ClientID, unread: [UInt8])] = []
    private var upstreams: [(id: UpstreamID, unread: [UInt8], kept: Int)] = []
    private var woken: [ClientID] = []

    init() {
        var settings = BalancerSettings()
        settings.requestByteCountMax = 300
        settings.partByteCountMin = 100
        settings.pipelineDepthMax = 8
        settings.poolCountMax = 3
        settings.privateCountMax = 3
        balancer = Balancer(settings: settings)
        let reports = [1, 2].map { index in
            ServerReport(
                endpoint: Endpoint(address: .v4(IPv4Address(10, 0, 0, index)), port: 6379),
                role: .replica, condition: .serving(.none))
        }
        balancer.update(servers: reports, at: now, into: &effects)
        perform()
    }

    mutating func step(_ what: UInt8, _ whom: Int, _ text: [UInt8]) {
        now = now + .milliseconds(Int(what))
        let client = clients.isEmpty ? 0 : whom % clients.count
        let upstream = upstreams.isEmpty ? 0 : whom % upstreams.count
        switch what % 10 {
        case 0:
            let service = Service.allCases[whom % 3]
            if let id = balancer.accept(service, at: now) { clients.append((id, [])) }
        case 1...3:
            guard !clients.isEmpty else { return }
            clients[client].unread += text
            show(client)
        case 4, 5:
            guard !upstreams.isEmpty else { return }
            let bytes = upstreams[upstream].unread + text
            let consumed = balancer.receive(
                fromUpstream: upstreams[upstream].id, bytes.span.bytes, at: now, into: &effects)
            upstreams[upstream].unread = Array(bytes[consumed...])
        case 6:
            guard !upstreams.isEmpty else { return }
            balancer.upstreamOpened(upstreams[upstream].id, at: now, into: &effects)
        case 7:
            guard !upstreams.isEmpty else { return }
            balancer.upstreamLost(
                upstreams[upstream].id,
                unsentByteCount: min(upstreams[upstream].kept, text.count), at: now,
                into: &effects)
        case 8:
            guard !clients.isEmpty else { return }
            switch text.first.map({ $0 % 4 }) {
            case 0: balancer.clientEnded(clients[client].id, at: now, into: &effects)
            case 1: balancer.clientLost(clients[client].id, at: now, into: &effects)
            case 2: balancer.clientFull(clients[client].id, at: now, into: &effects)
            case 3 where text.count > 1:
                balancer.clientHungUp(clients[client].id, at: now, into: &effects)
            case _: balancer.clientHasRoom(clients[client].id, at: now, into: &effects)
            }
        case _:
            moveWrites(whom, text)
        }
        perform()
        while !woken.isEmpty {
            let id = woken.removeFirst()
            if let index = clients.firstIndex(where: { $0.id == id }) { show(index) }
        }
    }

    /// What is said of whoever takes writes; else time passes.
    private mutating func moveWrites(_ whom: Int, _ text: [UInt8]) {
        switch text.first.map({ $0 % 5 }) {
        case 0:
            let endpoint = Endpoint(
                address: .v4(IPv4Address(10, 0, 0, UInt8(100 + whom % 2))), port: 6379)
            balancer.update(
                writes: WritePlace(
                    endpoint: endpoint, runID: Array(text.dropFirst()), epoch: UInt64(whom)),
                at: now, into: &effects)
        case 1: balancer.moveAnnounced(at: now, into: &effects)
        case 2: balancer.moveCalledOff(at: now, into: &effects)
        case 3: balancer.pursue(at: now, into: &effects)
        case _: balancer.tick(at: now, into: &effects)
        }
    }

    private mutating func show(_ client: Int) {
        let bytes = clients[client].unread
        let reading = balancer.receive(
            from: clients[client].id, bytes.span.bytes, at: now, into: &effects)
        clients[client].unread = Array(bytes[reading.consumedByteCount...])
        perform()
    }

    private mutating func perform() {
        let wanted = effects.effects
        effects.clear()
        for effect in wanted {
            switch effect {
            case .connect(let id, _, _): upstreams.append((id, [], 0))
            case .closeUpstream(let id): upstreams.removeAll { $0.id == id }
            case .closeClient(let id):
                clients.removeAll { $0.id == id }
                balancer.clientClosed(id)
            case .wake(let id): woken.append(id)
            case .forward(let id, let lower, let upper), .compose(let id, let lower, let upper):
                change(id, by: upper - lower)
            case .release(let id, let byteCount): change(id, by: -byteCount)
            case .carry(let from, let offset, let byteCount, let to):
                let kept = upstreams.first { $0.id == from }?.kept ?? 0
                precondition(offset + byteCount <= kept, "carried what is not kept")
                change(to, by: byteCount)
            case .deliver, .answer, .pauseClient, .pauseUpstream, .resumeUpstream: break
            }
        }
    }

    private mutating func change(_ id: UpstreamID, by count: Int) {
        guard let index = upstreams.firstIndex(where: { $0.id == id }) else {
            preconditionFailure("an effect for a connection that is closed")
        }
        upstreams[index].kept += count
        precondition(upstreams[index].kept >= 0, "released what is not kept")
    }
}
