import Addressing
import MonotonicTime
import RESP

@testable import BalancerCore

/// Clients, a balancer and servers under a seed: bytes arrive in any pieces, connections break
/// between any two of them, and each reply is held against what its client had asked.
struct World: ~Copyable {
    /// A rule to be broken, so that the checks are seen to fail.
    enum Sabotage {
        /// Now and then a reply goes to another client.
        case misdelivers
        /// Now and then a request is sent twice.
        case repeats
        /// Now and then a reply is lost.
        case swallows
        /// A new primary is told of as if it were the former one.
        case staysBehind
    }

    /// A connection between the balancer and a server.
    struct Link {
        enum State { case connecting, open, lost, closed }

        var id: UpstreamID
        var server: Int
        var keepsSent: Bool
        var state = State.connecting
        var outbox: [UInt8] = []
        var sentByteCount = 0
        /// Given to the kernel, and not at the server yet.
        var wire: [UInt8] = []
        var far = FakeConnection()
        /// Replies on their way to the balancer.
        var replies: [UInt8] = []
        var unread: [UInt8] = []
        var isPaused = false
        /// The server is there no more, and nobody says so.
        var isHung = false
    }

    var generator: SeededGenerator
    var balancer: Balancer
    private var effects = EffectBuffer()
    var clients: [FakeClient] = []
    var links: [Link] = []
    private(set) var problem: String?
    private(set) var answeredCount = 0
    /// How often each write ran.
    private(set) var runs: [String: Int] = [:]
    private(set) var now = Instant(nanoseconds: 1)
    private var nameCount = 0
    private var wakes: [ClientID] = []
    private let sabotage: Sabotage?
    /// Which server takes writes, and whether the balancer was told.
    private var primary = 1
    private var isPrimaryTold = false
    /// Whose write each name is.
    private var services: [String: Service] = [:]
    let mayLose: Bool

    init(seed: UInt64, serverCount: Int = 2, mayLose: Bool = true, sabotage: Sabotage? = nil) {
        generator = SeededGenerator(seed: seed)
        self.sabotage = sabotage
        self.mayLose = mayLose
        var settings = BalancerSettings()
        settings.pipelineDepthMax = 8
        settings.requestByteCountMax = 2000
        settings.partByteCountMin = 1000
        settings.awaitedCountMax = 24
        settings.keptByteCountMax = 3000
        settings.poolCountMax = 4
        settings.privateCountMax = 4
        settings.selection.slowStart = .zero
        balancer = Balancer(settings: settings)
        let address = IPAddress.v4(IPv4Address(10, 0, 0, 1))
        let reports = (0..<serverCount).map { index in
            ServerReport(
                endpoint: Endpoint(address: address, port: UInt16(6379 + index)),
                role: .replica, condition: .serving(.none))
        }
        balancer.update(servers: reports, at: now, into: &effects)
        perform([])
        tellPrimary()
    }

    // MARK: What happens

    /// One thing of those that can happen.
    mutating func step() {
        now = now + .microseconds(generator.number(below: 2000))
        switch generator.number(below: 20) {
        case 0: connectClient()
        case 1...5: ask()
        case 6...9: arrive()
        case 10...16: moveLink()
        case 17:
            if mayLose, generator.oneIn(4) { breakLink() }
            if generator.oneIn(5) { moveWrites() }
            if generator.oneIn(2), !isPrimaryTold { tellPrimary() }
        case 18: flow()
        case _:
            if generator.oneIn(3) { tick() }
            if generator.oneIn(12) { leave() }
        }
    }

    /// Another server takes the writes: the connections to the former one end, or hang.
    private mutating func moveWrites() {
        guard mayLose else { return }
        if sabotage != .staysBehind, generator.oneIn(2) {
            balancer.moveAnnounced(at: now, into: &effects)
            perform([])
            if generator.oneIn(4) {
                balancer.moveCalledOff(at: now, into: &effects)
                return perform([])
            }
        }
        primary += 1
        isPrimaryTold = false
        for index in links.indices
        where links[index].server == Balancer.writer && links[index].state == .open
            && !links[index].isHung
        {
            if generator.oneIn(2) { lose(index) } else { links[index].isHung = true }
        }
    }

    private mutating func tellPrimary() {
        isPrimaryTold = true
        let endpoint = Endpoint(address: .v4(IPv4Address(10, 0, 0, 9)), port: 6379)
        let isLate = sabotage == .staysBehind
        let place = WritePlace(
            endpoint: endpoint, runID: isLate ? nil : Array("r\(primary)".utf8),
            epoch: isLate ? 1 : UInt64(primary))
        balancer.update(writes: place, at: now, into: &effects)
        perform([])
    }

    mutating func tick() {
        balancer.tick(at: now, into: &effects)
        perform([])
    }

    /// Lets everything arrive that is on its way.
    mutating func settle() {
        for index in clients.indices where !clients[index].isClosed && clients[index].isFull {
            clients[index].isFull = false
            balancer.clientHasRoom(clients[index].id, at: now, into: &effects)
            perform([])
        }
        if !isPrimaryTold { tellPrimary() }
        for _ in 0..<400 {
            for index in clients.indices { arrive(at: index, all: true) }
            for index in links.indices {
                moveLink(index, all: true)
                moveLink(index, all: true)
            }
            now = now + .milliseconds(20)
            tick()
            if problem != nil { return }
        }
        for client in clients where !client.isClosed && problem == nil {
            guard client.expected.isEmpty else {
                problem = "\(client.expected.count) replies never came, first \(client.expected[0])"
                return
            }
        }
        for (name, count) in runs where count > 1 { problem = "\(name) ran \(count) times" }
        for client in clients {
            for name in client.unserved where runs[name] != nil {
                problem = "\(name) ran, and was said not to have"
            }
        }
    }

    private mutating func connectClient() {
        let service = Service.allCases[generator.number(below: 3)]
        guard clients.count(where: { !$0.isClosed }) < 6,
            let id = balancer.accept(service, at: now)
        else { return }
        clients.append(FakeClient(id: id, service: service))
    }

    private mutating func name() -> String {
        nameCount += 1
        return "n\(nameCount)"
    }

    private mutating func ask() {
        guard let index = someClient() else { return }
        for _ in 0...generator.number(below: 4) {
            let name = name()
            services[name] = clients[index].service
            switch generator.number(below: 24) {
            case 0:
                let database = generator.number(below: 5)
                clients[index].ask("SELECT", "\(database)", expecting: .select(database))
            case 1:
                let password = generator.oneIn(3) ? "wrong" : FakeConnection.password
                clients[index].ask("AUTH", "u", password, expecting: .auth(password))
            case 2:
                let version = 2 + generator.number(below: 2)
                clients[index].ask("HELLO", "\(version)", expecting: .hello(version))
            case 3:
                clients[index].ask("MULTI", expecting: .ok)
                clients[index].ask("SET", name, "v", expecting: .queued(name))
                clients[index].ask("EXEC", expecting: .exec(name))
            case 4: clients[index].ask("BLPOP", name, expecting: .value(name, isWrite: true))
            case 5, 6: clients[index].ask("BIG", name, expecting: .value(name, isWrite: false))
            case 7:
                let value = String(repeating: "y", count: generator.number(below: 5000))
                clients[index].ask(
                    "SET", name, value, expecting: .value(name, isWrite: true))
            case 8...11:
                clients[index].ask("SET", name, "v", expecting: .value(name, isWrite: true))
            case 12:
                clients[index].outgoing += Array("set \(name) v\r\n".utf8)
                clients[index].expected.append(.value(name, isWrite: true))
            case 13:
                clients[index].outgoing += Array("get \(name)\r\n".utf8)
                clients[index].expected.append(.value(name, isWrite: false))
            case _: clients[index].ask("GET", name, expecting: .value(name, isWrite: false))
            }
        }
    }

    private mutating func someClient() -> Int? {
        let alive = clients.indices.filter { !clients[$0].isClosed }
        return alive.isEmpty ? nil : alive[generator.number(below: alive.count)]
    }

    /// Some bytes of a client arrive.
    private mutating func arrive() {
        guard let index = someClient() else { return }
        arrive(at: index, all: generator.oneIn(3))
    }

    private mutating func arrive(at index: Int, all: Bool) {
        guard !clients[index].isClosed, !clients[index].isPaused,
            !clients[index].outgoing.isEmpty
        else { return }
        let count =
            all
            ? clients[index].outgoing.count
            : 1 + generator.number(below: clients[index].outgoing.count)
        clients[index].unread += clients[index].outgoing.prefix(count)
        clients[index].outgoing.removeFirst(count)
        show(index)
    }

    private mutating func show(_ index: Int) {
        let bytes = clients[index].unread
        let reading = balancer.receive(
            from: clients[index].id, bytes.span.bytes, at: now, into: &effects)
        clients[index].unread.removeFirst(reading.consumedByteCount)
        clients[index].isPaused = reading.isPaused
        perform(bytes)
    }

    private mutating func moveLink() {
        guard !links.isEmpty else { return }
        moveLink(generator.number(below: links.count), all: generator.oneIn(3))
    }

    private mutating func part(_ count: Int, _ all: Bool) -> Int {
        all ? count : 1 + generator.number(below: count)
    }

    /// Bytes of a connection go one step further, in both directions.
    private mutating func moveLink(_ index: Int, all: Bool) {
        switch links[index].state {
        case .lost, .closed: return
        case .connecting:
            if mayLose, generator.oneIn(10) { return lose(index) }
            links[index].state = .open
            if links[index].server == Balancer.writer { links[index].far.runID = "r\(primary)" }
            balancer.upstreamOpened(links[index].id, at: now, into: &effects)
            return perform([])
        case .open: break
        }
        let unsent = links[index].outbox.count - links[index].sentByteCount
        if unsent > 0 {
            let count = part(unsent, all)
            let start = links[index].sentByteCount
            links[index].wire += links[index].outbox[start..<start + count]
            if links[index].keepsSent {
                links[index].sentByteCount += count
            } else {
                links[index].outbox.removeFirst(count)
            }
        }
        if links[index].isHung { return }
        if !links[index].wire.isEmpty {
            let count = part(links[index].wire.count, all)
            let bytes = links[index].wire.prefix(count)
            links[index].wire.removeFirst(count)
            var ran: [String] = []
            links[index].replies += links[index].far.take(bytes) { ran.append($0) }
            for name in ran {
                runs[name, default: 0] += 1
                if services[name] != .read, links[index].server != Balancer.writer {
                    fail("\(name) was written elsewhere than where writes go")
                }
            }
        }
        guard !links[index].replies.isEmpty, !links[index].isPaused else { return }
        let count = part(links[index].replies.count, all)
        let bytes = links[index].unread + links[index].replies.prefix(count)
        links[index].replies.removeFirst(count)
        let consumed = balancer.receive(
            fromUpstream: links[index].id, bytes.span.bytes, at: now, into: &effects)
        links[index].unread = Array(bytes[consumed...])
        perform(bytes)
    }

    private mutating func breakLink() {
        let open = links.indices.filter { links[$0].state == .open && !links[$0].isHung }
        guard !open.isEmpty else { return }
        lose(open[generator.number(below: open.count)])
    }

    private mutating func lose(_ index: Int) {
        links[index].state = .lost
        let unsent = links[index].outbox.count - links[index].sentByteCount
        balancer.upstreamLost(
            links[index].id, unsentByteCount: unsent, at: now, into: &effects)
        perform([])
    }

    /// A client's intake fills, or empties.
    private mutating func flow() {
        guard let index = someClient() else { return }
        clients[index].isFull.toggle()
        if clients[index].isFull {
            balancer.clientFull(clients[index].id, at: now, into: &effects)
        } else {
            balancer.clientHasRoom(clients[index].id, at: now, into: &effects)
        }
        perform([])
    }

    private mutating func leave() {
        guard let index = someClient() else { return }
        balancer.clientLost(clients[index].id, at: now, into: &effects)
        perform([])
    }

    // MARK: What the balancer wants

    private mutating func perform(_ shown: [UInt8]) {
        let wanted = effects.effects
        let composed = effects.composed
        effects.clear()
        for effect in wanted { carryOut(effect, shown, composed) }
        while !wakes.isEmpty {
            let id = wakes.removeFirst()
            guard let index = clients.firstIndex(where: { $0.id == id && !$0.isClosed }) else {
                continue
            }
            clients[index].isPaused = false
            if !clients[index].unread.isEmpty { show(index) }
        }
    }

    private mutating func carryOut(
        _ effect: Effect, _ shown: [UInt8], _ composed: ContiguousArray<UInt8>
    ) {
        switch effect {
        case .connect(let id, let server, let keepsSent):
            links.append(Link(id: id, server: server, keepsSent: keepsSent))
        case .forward(let id, let lower, let upper):
            append(shown[lower..<upper], to: id)
        case .compose(let id, let lower, let upper):
            append(Array(composed[lower..<upper])[...], to: id)
        case .carry(let from, let offset, let byteCount, let to):
            guard let source = links.firstIndex(where: { $0.id == from && $0.state != .closed })
            else { return fail("carried from nowhere") }
            append(links[source].outbox[offset..<offset + byteCount], to: to)
        case .release(let id, let byteCount):
            guard let index = link(id) else { return fail("released nowhere") }
            links[index].outbox.removeFirst(byteCount)
            links[index].sentByteCount -= byteCount
        case .closeUpstream(let id):
            guard let index = link(id) else { return fail("closed nowhere") }
            links[index].state = .closed
            links[index].outbox = []
        case .deliver(let id, let lower, let upper):
            deliver(shown[lower..<upper], to: id)
        case .answer(let id, let lower, let upper):
            deliver(Array(composed[lower..<upper])[...], to: id)
        case .closeClient(let id):
            guard let index = clients.firstIndex(where: { $0.id == id && !$0.isClosed }) else {
                return fail("closed twice")
            }
            answeredCount += clients[index].answeredCount
            clients[index].isClosed = true
            balancer.clientClosed(id)
        case .wake(let id): wakes.append(id)
        case .pauseClient(let id):
            if let index = clients.firstIndex(where: { $0.id == id }) {
                clients[index].isPaused = true
            }
        case .pauseUpstream(let id): if let index = link(id) { links[index].isPaused = true }
        case .resumeUpstream(let id): if let index = link(id) { links[index].isPaused = false }
        }
    }

    private func link(_ id: UpstreamID) -> Int? {
        links.firstIndex { $0.id == id && $0.state != .closed }
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>, to id: UpstreamID) {
        guard let index = link(id) else { return fail("forwarded nowhere") }
        links[index].outbox += bytes
        if sabotage == .repeats, links[index].keepsSent, generator.oneIn(40) {
            links[index].outbox += bytes
        }
    }

    private mutating func deliver(_ bytes: ArraySlice<UInt8>, to id: ClientID) {
        guard var index = clients.firstIndex(where: { $0.id == id && !$0.isClosed }) else {
            return fail("delivered nowhere")
        }
        if sabotage == .misdelivers, generator.oneIn(40), let other = someClient() {
            index = other
        }
        if sabotage == .swallows, generator.oneIn(40) { return }
        if let problem = clients[index].hear(bytes) { fail(problem) }
    }

    private mutating func fail(_ text: String) {
        if problem == nil { problem = text }
    }
}
