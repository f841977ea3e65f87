import MonotonicTime
import Testing

@testable import BalancerCore

@Suite("Reads whose data must be new")
struct BalancerFreshnessTests {
    private let bound = Freshness(ageMax: .seconds(1))
    private let own = Freshness(showsOwnWrites: true)

    @Test("go only to servers whose data is known to be as new as the listener wants it")
    func bounded() {
        let scene = Scene(serverCount: 3)
        scene.report(dataAges: [.seconds(2), .milliseconds(900), nil])
        for _ in 0..<6 {
            let client = scene.client(.read, bound)
            scene.send("GET a", from: client)
            #expect(scene.server(client) == 2)
        }
        var served: [Int] = []
        for _ in 0..<6 {
            let client = scene.client(.read)
            scene.send("GET a", from: client)
            served.append(scene.server(client) ?? -1)
        }
        #expect(Set(served) == [1, 3], "these are less busy, and who wants no bound has none")
    }

    @Test("find the data too old once no report comes any more")
    func ageing() {
        let scene = Scene(serverCount: 1)
        scene.name("one", epoch: 1)
        scene.report(dataAges: [.milliseconds(500)])
        let client = scene.client(.auto, bound)
        scene.pass(.milliseconds(500))
        scene.send("GET a", from: client)
        #expect(scene.server(client) == 1)
        scene.pass(.milliseconds(100))
        let late = scene.client(.auto, bound)
        scene.send("GET a", from: late)
        #expect(scene.server(late) == Balancer.writer)
    }

    @Test("are served by the primary where no replica is new enough, though it takes no others")
    func primary() {
        let scene = Scene(serverCount: 2)
        scene.report(dataAges: [.seconds(2), .milliseconds(100)], lastIsPrimary: true)
        let client = scene.client(.read, bound)
        scene.send("GET a", from: client)
        #expect(scene.server(client) == 2)
        let other = scene.client(.read)
        scene.send("GET a", from: other)
        #expect(scene.server(other) == 1)
    }

    @Test("wait until somebody has such data, and are refused when nobody gets it")
    func nobody() {
        let scene = Scene(serverCount: 1)
        scene.report(dataAges: [.seconds(2)])
        let client = scene.client(.read, bound)
        scene.send("GET a", from: client)
        #expect(scene.server(client) == nil)
        scene.report(dataAges: [.zero])
        scene.pass(.milliseconds(100))
        #expect(scene.server(client) == 1)

        scene.report(dataAges: [nil])
        let other = scene.client(.read, bound)
        scene.send("GET a", from: other)
        scene.pass(.seconds(2) + .milliseconds(200))
        #expect(scene.heard(other).hasPrefix("-BATON_UNSERVED"))
    }

    @Test("show a client what it has written, from a replica once that has it")
    func ownWrites() throws {
        let scene = Scene(serverCount: 1)
        scene.name("one", epoch: 1)
        scene.report(dataAges: [.zero])
        let client = scene.client(.auto, own)
        scene.send("GET a", from: client)
        #expect(scene.server(client) == 1, "it has written nothing yet")
        scene.reply("$-1\r\n", from: try #require(scene.upstream(of: client)))
        scene.pass(.milliseconds(100))
        try write(client, scene)
        scene.pass(.milliseconds(100))
        try read(client, at: Balancer.writer, scene)
        // The primary was asked before the write was answered.
        scene.report(dataAges: [.milliseconds(101)])
        try read(client, at: Balancer.writer, scene)
        scene.report(dataAges: [.milliseconds(100)])
        try read(client, at: 1, scene)
        let other = scene.client(.auto, own)
        scene.report(dataAges: [nil])
        scene.send("GET a", from: other)
        #expect(scene.server(other) == 1, "another's writes are not its own")
    }

    @Test("follow a transaction as any write")
    func transaction() throws {
        let scene = Scene(serverCount: 1)
        scene.name("one", epoch: 1)
        scene.report(dataAges: [.zero])
        let client = scene.client(.auto, own)
        scene.send("MULTI", from: client)
        let upstream = try #require(scene.own(client))
        scene.reply("+PONG\r\n", from: upstream)
        scene.pass(.milliseconds(100))
        scene.sendAtOnce(["SET a v;EXEC"], from: client)
        scene.reply("+OK\r\n+QUEUED\r\n*1\r\n+OK\r\n", from: try #require(scene.own(client)))
        scene.send("GET a", from: client)
        #expect(scene.server(client) == Balancer.writer)
    }

    @Test("are asked of nobody with older data when their server dies")
    func loss() throws {
        let scene = Scene(serverCount: 2)
        scene.report(dataAges: [.zero, .seconds(5)])
        let client = scene.client(.read, bound)
        let modest = (0..<3).map { _ in scene.client(.read) }
        scene.send("GET a", from: client)
        let lost = try #require(scene.upstream(of: client))
        #expect(scene.server(client) == 1)
        for other in modest { scene.send("GET b", from: other) }
        #expect(modest.contains { scene.server($0) == 1 })
        scene.refusesConnections = true
        scene.lose(lost, unsent: 0)
        #expect(modest.allSatisfy { scene.server($0) == 2 })
        #expect(scene.server(client) != 2)
        scene.pass(.seconds(3))
        #expect(scene.heard(client).hasPrefix("-BATON_UNSURE"))
        #expect(!scene.isClosed(client))
    }

    private func write(_ client: ClientID, _ scene: Scene) throws {
        scene.send("SET a v", from: client)
        #expect(scene.server(client) == Balancer.writer)
        scene.reply("+OK\r\n", from: try #require(scene.upstream(of: client)))
    }

    private func read(_ client: ClientID, at server: Int, _ scene: Scene) throws {
        scene.send("GET a", from: client)
        #expect(scene.server(client) == server)
        scene.reply("$1\r\nv\r\n", from: try #require(scene.upstream(of: client)))
    }
}
