import Addressing
import MonotonicTime
import SentinelCore
import Testing

@testable import ObserverCore

/// One observer, with servers and nodes that answer at once what they are told to.
private struct Scene {
    static let group = "orders"
    static func server(_ number: Int) -> Endpoint {
        Endpoint(address: .v4(IPv4Address(10, 0, 0, UInt8(number))), port: 6379)
    }
    static func node(_ number: Int) -> Endpoint {
        Endpoint(address: .v4(IPv4Address(10, 0, 0, UInt8(number))), port: 26379)
    }

    var observer: Observer
    var now = Instant(nanoseconds: 5_000_000_000)
    var reports: [Endpoint: ServerReport] = [:]
    var claims: [Endpoint: Claim?] = [:]
    var opened: [ObserverTarget] = []
    var views: [GroupView] = []
    /// Planned moves that were announced and called off.
    var moves: [ObserverEffect] = []
    /// Whoever is not there refuses connections, or answers nothing.
    var refusing: Set<Endpoint> = []
    var silent: Set<Endpoint> = []

    init(nodes: Int = 3, tellsDataAsOf: Bool = false) {
        observer = Observer(
            ObserverSettings(
                group: Self.group, primary: Self.server(1), nodes: (1...nodes).map(Self.node),
                virtualAddresses: [.v4(IPv4Address(10, 0, 1, 1))], tellsDataAsOf: tellsDataAsOf),
            at: now)
        var primary = ServerReport(role: .primary)
        primary.offset = 1000
        primary.replicationID = RunID(high: 1, middle: 1, low: 1)
        primary.attached = [2, 3].map { .init(endpoint: Self.server($0), offset: 1000) }
        reports[Self.server(1)] = primary
        for number in 2...3 {
            var replica = ServerReport(role: .replica(of: Self.server(1)))
            replica.offset = 1000
            replica.replicationID = primary.replicationID
            reports[Self.server(number)] = replica
        }
        for number in 1...nodes {
            claims[Self.node(number)] = Claim(primary: Self.server(1), epoch: 4)
        }
    }

    var view: GroupView { observer.view(at: now) }

    func state(_ number: Int) -> ServerView.State {
        observer.state(of: Self.server(number), at: now)
    }

    mutating func handle(_ event: ObserverEvent) {
        var effects: [ObserverEffect] = []
        observer.handle(event, at: now, effects: &effects)
        for effect in effects {
            switch effect {
            case .open(let target):
                opened.append(target)
                handle(refusing.contains(Self.endpoint(target)) ? .closed(target) : .opened(target))
            case .close:
                break
            case .ask(.server(let endpoint)):
                guard !silent.contains(endpoint), let report = reports[endpoint] else { continue }
                handle(.reported(endpoint, report))
            case .ask(.node(let endpoint)):
                guard !silent.contains(endpoint), let claim = claims[endpoint] else { continue }
                handle(.claimed(endpoint, claim))
            case .ask(.events):
                break
            case .publish(let view):
                views.append(view)
            case .announceMove, .callOffMove:
                moves.append(effect)
            }
        }
    }

    private static func endpoint(_ target: ObserverTarget) -> Endpoint {
        switch target {
        case .server(let endpoint), .node(let endpoint), .events(let endpoint): endpoint
        }
    }

    mutating func run(_ interval: Interval) {
        let end = now + interval
        while now < end {
            handle(.tick)
            now = now + .milliseconds(10)
        }
    }
}

@Suite("An observer")
struct ObserverTests {
    @Test("finds the replicas by the primary, and sees all of them serve")
    func discovery() {
        var scene = Scene()
        scene.run(.seconds(1))
        #expect(scene.view.servers.map(\.endpoint) == [1, 2, 3].map(Scene.server))
        #expect(scene.view.servers.map(\.state) == [.serving, .serving, .serving])
        #expect(scene.view.servers.map(\.isPrimary) == [true, false, false])
        #expect(scene.view.epoch == 4)
        #expect(scene.view.servers.allSatisfy { $0.lag == .zero && $0.lagBytes == 0 })
    }

    @Test("believes the newest epoch, and no older one afterwards")
    func newestEpoch() {
        var scene = Scene()
        scene.run(.seconds(1))
        scene.claims[Scene.node(2)] = Claim(primary: Scene.server(2), epoch: 5)
        scene.handle(.stirred(Scene.node(2)))
        #expect(scene.view.primary == Scene.server(2))
        scene.run(.seconds(3))
        #expect(scene.view.primary == Scene.server(2))
        #expect(scene.view.epoch == 5)
    }

    @Test("learns of another primary in the moment in which a node stirs")
    func atOnce() {
        var scene = Scene()
        scene.run(.milliseconds(300))
        scene.claims[Scene.node(3)] = Claim(primary: Scene.server(3), epoch: 5)
        scene.handle(.stirred(Scene.node(1)))
        #expect(scene.views.last?.primary == Scene.server(3))
    }

    @Test("takes a node that knows no such group for one that says nothing")
    func stranger() {
        var scene = Scene()
        for number in 1...3 { scene.claims[Scene.node(number)] = .some(nil) }
        scene.run(.seconds(2))
        #expect(scene.view.primary == Scene.server(1))
        #expect(scene.view.epoch == 0)
    }

    @Test(
        "calls a server down that has been silent for down-after, and serving when it speaks again")
    func silence() {
        var scene = Scene()
        scene.run(.seconds(2))
        scene.silent = [Scene.server(2)]
        scene.run(.milliseconds(900))
        #expect(scene.state(2) == .serving)
        scene.run(.milliseconds(1200))
        #expect(scene.state(2) == .down)
        scene.silent = []
        scene.run(.seconds(2))
        #expect(scene.state(2) == .serving)
    }

    @Test("calls a server down at once whose connection is closed and refused")
    func refused() {
        var scene = Scene()
        scene.run(.seconds(2))
        scene.refusing = [Scene.server(2)]
        scene.handle(.closed(.server(Scene.server(2))))
        #expect(scene.state(2) == .down)
    }

    @Test("keeps a server whose connection was ended by a promotion, and is connected anew at once")
    func killed() {
        var scene = Scene()
        scene.run(.seconds(2))
        let count = scene.views.count
        for number in 1...3 { scene.handle(.closed(.server(Scene.server(number)))) }
        #expect((1...3).allSatisfy { scene.state($0) == .serving })
        scene.run(.milliseconds(500))
        #expect(scene.views.count == count)
        #expect(scene.opened.filter { $0 == .server(Scene.server(2)) }.count == 2)
    }

    @Test("does not turn as fast as the network on a server that opens and says nothing of use")
    func storm() {
        var scene = Scene()
        scene.silent = [Scene.server(1)]
        for _ in 0..<300 {
            scene.handle(.tick)
            scene.handle(.closed(.server(Scene.server(1))))
            scene.now = scene.now + .milliseconds(10)
        }
        #expect(scene.opened.filter { $0 == .server(Scene.server(1)) }.count <= 8)
    }

    @Test("follows most nodes of one epoch, and a node that corrects itself")
    func correction() {
        var scene = Scene()
        scene.run(.seconds(1))
        // A Sentinel that leads says the new epoch with the old address for a while.
        scene.claims[Scene.node(1)] = Claim(primary: Scene.server(1), epoch: 5)
        scene.handle(.stirred(Scene.node(1)))
        for number in 2...3 {
            scene.claims[Scene.node(number)] = Claim(primary: Scene.server(2), epoch: 5)
        }
        scene.run(.seconds(2))
        #expect(scene.view.primary == Scene.server(2))

        var alone = Scene(nodes: 1)
        alone.run(.seconds(1))
        alone.claims[Scene.node(1)] = Claim(primary: Scene.server(1), epoch: 5)
        alone.run(.seconds(2))
        alone.claims[Scene.node(1)] = Claim(primary: Scene.server(2), epoch: 5)
        alone.run(.seconds(2))
        #expect(alone.view.primary == Scene.server(2))
    }

    @Test("believes an older epoch only where most say so and nobody knows better")
    func forgotten() {
        var scene = Scene()
        scene.claims[Scene.node(1)] = Claim(primary: Scene.server(1), epoch: 7)
        scene.run(.seconds(2))
        #expect(scene.view.epoch == 7)
        for number in 2...3 {
            scene.claims[Scene.node(number)] = Claim(primary: Scene.server(3), epoch: 1)
        }
        scene.run(.seconds(3))
        #expect(scene.view.primary == Scene.server(1))
        scene.claims[Scene.node(1)] = Claim(primary: Scene.server(3), epoch: 1)
        scene.run(.seconds(3))
        #expect(scene.view.epoch == 1)
        #expect(scene.view.primary == Scene.server(3))
    }

    @Test("gives up both links to a node that is silent")
    func deafNode() {
        var scene = Scene()
        scene.run(.seconds(2))
        scene.silent = [Scene.node(2)]
        scene.run(.seconds(4))
        #expect(scene.opened.filter { $0 == .events(Scene.node(2)) }.count > 1)
        #expect(scene.opened.filter { $0 == .node(Scene.node(2)) }.count > 1)
    }

    @Test("says why a server does not serve")
    func states() {
        var scene = Scene()
        scene.run(.seconds(1))
        scene.reports[Scene.server(2)]?.isLoading = true
        scene.reports[Scene.server(3)]?.isLinkUp = false
        scene.reports[Scene.server(3)]?.linkDownSeconds = 7
        scene.run(.seconds(1))
        #expect(scene.state(2) == .loading)
        #expect(scene.state(3) == .detached)
        #expect(scene.view.servers[2].lag == .seconds(7))
        scene.reports[Scene.server(2)] = ServerReport(role: .primary)
        scene.reports[Scene.server(3)]?.isSyncing = true
        scene.run(.seconds(1))
        #expect(scene.state(2) == .stray)
        #expect(scene.state(3) == .syncing)
        let elsewhere = Endpoint(address: .v4(IPv4Address(10, 9, 9, 9)), port: 6379)
        scene.reports[Scene.server(2)] = ServerReport(role: .replica(of: elsewhere))
        scene.run(.seconds(1))
        #expect(scene.state(2) == .stray)
    }

    @Test("counts a replica of a replica as one")
    func chained() {
        var scene = Scene()
        scene.run(.seconds(1))
        scene.reports[Scene.server(3)]?.role = .replica(of: Scene.server(2))
        scene.run(.seconds(1))
        #expect(scene.state(3) == .serving)
    }

    @Test("tells how far behind a replica is, in bytes and in time")
    func lag() throws {
        var scene = Scene()
        scene.run(.seconds(1))
        for _ in 0..<20 {
            scene.reports[Scene.server(1)]?.offset += 100
            scene.reports[Scene.server(3)]?.offset += 100
            scene.run(.milliseconds(500))
        }
        let behind = try #require(scene.view.servers[1].lag)
        #expect(behind >= .milliseconds(8_500) && behind <= .milliseconds(11_000))
        #expect(scene.view.servers[1].lagBytes == 2000)
        #expect(try #require(scene.view.servers[2].lag) <= .milliseconds(1_000))
    }

    @Test("follows no address that is a service's")
    func virtualAddresses() {
        var scene = Scene()
        let virtual = Endpoint(address: .v4(IPv4Address(10, 0, 1, 1)), port: 6379)
        scene.reports[Scene.server(1)]?.attached.append(.init(endpoint: virtual, offset: 0))
        scene.claims[Scene.node(1)] = Claim(primary: virtual, epoch: 9)
        scene.run(.seconds(2))
        #expect(!scene.view.servers.contains { $0.endpoint == virtual })
        #expect(scene.view.primary == Scene.server(1))
    }

    @Test("opens no link twice, and tries one that is refused twice a second")
    func pace() {
        var scene = Scene()
        scene.refusing = [Scene.server(1)]
        scene.run(.seconds(5))
        let attempts = scene.opened.filter { $0 == .server(Scene.server(1)) }.count
        #expect((9...11).contains(attempts))
        #expect(scene.opened.filter { $0 == .node(Scene.node(1)) }.count == 1)
    }

    @Test("passes on at once that a node announces a planned move, and calls it off")
    func moves() {
        var scene = Scene()
        scene.run(.seconds(1))
        scene.handle(.moveAnnounced(by: Scene.node(1), from: Scene.server(1)))
        #expect(scene.moves == [.announceMove])
        scene.handle(.moveCalledOff(by: Scene.node(1)))
        #expect(scene.moves == [.announceMove, .callOffMove])
    }

    @Test("heeds no announcement of a move that is over, nor of somebody who is no node")
    func lateMoves() {
        var scene = Scene()
        scene.run(.seconds(1))
        for number in 1...3 {
            scene.claims[Scene.node(number)] = Claim(primary: Scene.server(2), epoch: 5)
        }
        scene.handle(.stirred(Scene.node(2)))
        #expect(scene.view.primary == Scene.server(2))
        scene.handle(.moveAnnounced(by: Scene.node(1), from: Scene.server(1)))
        scene.handle(.moveAnnounced(by: Scene.node(9), from: Scene.server(2)))
        scene.handle(.moveCalledOff(by: Scene.node(9)))
        #expect(scene.moves == [])
    }

    @Test("asks often once a move was announced: the next primary will soon be another")
    func hurriesForMove() {
        var scene = Scene()
        scene.run(.seconds(5))
        #expect(!scene.observer.isHurried(at: scene.now))
        scene.handle(.moveAnnounced(by: Scene.node(1), from: Scene.server(1)))
        #expect(scene.observer.isHurried(at: scene.now))
    }

    @Test("tells a newer epoch and another primary in the moment in which it learns of them")
    func viewAtOnce() throws {
        var scene = Scene()
        scene.run(.seconds(1))
        let count = scene.views.count
        scene.handle(.claimed(Scene.node(1), Claim(primary: Scene.server(1), epoch: 5)))
        #expect(scene.views.count == count + 1 && scene.views.last?.epoch == 5)
        scene.handle(.claimed(Scene.node(1), Claim(primary: Scene.server(2), epoch: 6)))
        #expect(scene.views.last?.epoch == 6)
        #expect(scene.views.last?.servers.first { $0.isPrimary }?.endpoint == Scene.server(2))
    }

    @Test("tells which life of the new primary is spoken of, once that is known")
    func lives() throws {
        var scene = Scene()
        let lives = (0...3).map { RunID(high: 7, middle: 7, low: UInt32($0)) }
        for number in 1...3 { scene.reports[Scene.server(number)]?.runID = lives[number] }
        scene.run(.seconds(1))
        #expect(scene.view.servers.map(\.runID) == lives.dropFirst().map(Optional.some))
        // It is one that nobody has heard yet.
        scene.silent = [Scene.server(4)]
        scene.reports[Scene.server(4)] = ServerReport(role: .primary)
        scene.reports[Scene.server(4)]?.runID = lives[0]
        scene.claims[Scene.node(1)] = Claim(primary: Scene.server(4), epoch: 5)
        scene.handle(.stirred(Scene.node(1)))
        let unknown = try #require(scene.views.last?.servers.first { $0.isPrimary })
        #expect(unknown.endpoint == Scene.server(4) && unknown.runID == nil)
        let answer = try #require(scene.reports[Scene.server(4)])
        scene.handle(.reported(Scene.server(4), answer))
        #expect(scene.views.last?.servers.first { $0.isPrimary }?.runID == lives[0])
    }

    @Test("keeps the last life of a server that died, until its next one answers")
    func nextLife() {
        var scene = Scene()
        let lives = (0...1).map { RunID(high: 7, middle: 7, low: UInt32($0)) }
        scene.reports[Scene.server(1)]?.runID = lives[0]
        scene.run(.seconds(1))
        scene.refusing = [Scene.server(1)]
        scene.handle(.closed(.server(Scene.server(1))))
        #expect(scene.state(1) == .down && scene.view.servers[0].runID == lives[0])
        scene.reports[Scene.server(1)]?.runID = lives[1]
        scene.refusing = []
        scene.run(.seconds(1))
        #expect(scene.views.last?.servers[0].runID == lives[1])
    }

    @Test("publishes nothing while nothing changes")
    func quiet() {
        var scene = Scene()
        scene.run(.seconds(5))
        let count = scene.views.count
        scene.run(.seconds(20))
        #expect(scene.views.count == count)
    }

    @Test("tells how new the data of each server is, by when the primary was asked")
    func dataAsOf() throws {
        var scene = Scene(tellsDataAsOf: true)
        scene.run(.seconds(5))
        // All have what the primary had when it was asked last.
        for server in scene.view.servers {
            let age = scene.now - (try #require(server.dataAsOf))
            #expect(age <= .milliseconds(550), "\(server.endpoint)")
        }
        // One falls behind: what it has, the primary had until then.
        let then = scene.now
        scene.reports[Scene.server(1)]?.offset = 2000
        scene.reports[Scene.server(2)]?.offset = 2000
        scene.run(.seconds(5))
        let servers = scene.view.servers
        #expect(try #require(servers[2].dataAsOf) <= then)
        #expect(try #require(servers[1].dataAsOf) > then)
        // Of another history nothing is known.
        scene.reports[Scene.server(3)]?.replicationID = RunID(high: 9, middle: 9, low: 9)
        scene.run(.seconds(1))
        #expect(scene.view.servers[2].dataAsOf == nil)
    }

    @Test("finds the servers without a node, and says that none has named the primary")
    func unheard() {
        var scene = Scene()
        scene.refusing = Set((1...3).map(Scene.node))
        scene.run(.seconds(2))
        #expect(!scene.view.isNamed && scene.view.epoch == 0)
        #expect(scene.view.servers.map(\.state) == [.serving, .serving, .serving])
        scene.refusing = []
        scene.run(.seconds(1))
        #expect(scene.view.isNamed)
        // What was said once is not unsaid by silence.
        scene.refusing = Set((1...3).map(Scene.node))
        for number in 1...3 { scene.handle(.closed(.node(Scene.node(number)))) }
        scene.run(.seconds(2))
        #expect(scene.view.isNamed && scene.view.epoch == 4)
    }

    @Test("without a node it reads by whom the file's primary follows, if that is one")
    func guess() {
        var scene = Scene()
        scene.refusing = Set((1...3).map(Scene.node))
        var primary = scene.reports[Scene.server(1)] ?? ServerReport(role: .primary)
        primary.attached = [1, 3].map { .init(endpoint: Scene.server($0), offset: 1000) }
        var replica = scene.reports[Scene.server(2)] ?? primary
        replica.role = .replica(of: Scene.server(2))
        scene.reports = [
            Scene.server(1): replica, Scene.server(2): primary, Scene.server(3): replica,
        ]
        scene.run(.seconds(2))
        #expect(scene.view.primary == Scene.server(2) && !scene.view.isNamed)
        #expect(scene.view.servers.map(\.state) == [.serving, .serving, .serving])
        // A node knows better.
        scene.claims[Scene.node(1)] = Claim(primary: Scene.server(3), epoch: 0)
        scene.refusing = Set((2...3).map(Scene.node))
        scene.run(.seconds(1))
        #expect(scene.view.primary == Scene.server(3) && scene.view.isNamed)
    }

    @Test("two that follow each other persuade nobody")
    func circle() {
        var scene = Scene()
        scene.refusing = Set((1...3).map(Scene.node))
        scene.reports[Scene.server(1)]?.role = .replica(of: Scene.server(2))
        scene.run(.seconds(5))
        #expect(scene.view.primary == Scene.server(1))
        #expect(scene.views.count < 10)
    }
}
