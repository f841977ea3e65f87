import MonotonicTime
import Testing

@testable import BalancerCore

@Suite("Held requests")
struct BalancerHeldTests {
    @Test("a request waits for whoever takes writes, and is refused when that takes too long")
    func patience() {
        let scene = Scene(serverCount: 1)
        let client = scene.client(.write)
        scene.send("SET a v", from: client)
        #expect(scene.heldCount == 1)
        scene.pass(.seconds(9))
        #expect(scene.heard(client).isEmpty)
        scene.pass(.seconds(2))
        #expect(scene.heard(client) == Refusal.unserved)
        #expect(scene.heldCount == 0)
    }

    @Test("what came behind a request that waited for too long waited as long, and is refused too")
    func pipeline() {
        let scene = Scene(serverCount: 1)
        let client = scene.client(.write)
        for text in ["SET a v", "SET b v", "SET c v"] { scene.send(text, from: client) }
        scene.pass(.milliseconds(10_200))
        #expect(scene.heard(client) == Refusal.unserved + Refusal.unserved + Refusal.unserved)
        scene.send("SET d v", from: client)
        #expect(scene.heldCount == 1, "what comes later waits anew")
    }

    @Test("what is held is executed once, in its order, when there is somebody")
    func order() throws {
        let scene = Scene(serverCount: 1)
        let client = scene.client(.write)
        scene.send("SET a v", from: client)
        scene.send("SET b v", from: client)
        scene.name("one", epoch: 1)
        let upstream = try #require(scene.upstream(of: client))
        #expect(scene.outbox(upstream) == "SET a v; SET b v")
        #expect(scene.heldCount == 0)
    }

    @Test("nothing is run for a client that was held for long and has hung up")
    func hungUp() {
        let scene = Scene(serverCount: 1)
        let gone = scene.client(.write)
        let quick = scene.client(.write)
        scene.send("SET a v", from: gone)
        scene.pass(.seconds(2))
        scene.hangUp(gone)
        #expect(scene.isClosed(gone))
        scene.send("SET b v", from: quick)
        scene.hangUp(quick)
        #expect(!scene.isClosed(quick), "it may have closed its half only")
        scene.name("one", epoch: 1)
        #expect(scene.upstream(of: quick) != nil)
    }

    @Test("no more is held than the limit allows")
    func limit() {
        var settings = BalancerSettings()
        settings.heldByteCountMax = 60
        let scene = Scene(serverCount: 1, settings: settings)
        let clients = (0..<4).map { _ in scene.client(.write) }
        for client in clients { scene.send("SET a v", from: client) }
        #expect(clients.map { scene.heard($0) } == ["", "", "", Refusal.unserved])
        scene.leave(clients[0])
        scene.leave(clients[1])
        #expect(scene.heldCount == 1)
        let another = scene.client(.write)
        scene.send("SET a v", from: another)
        #expect(scene.heard(another).isEmpty)
    }

    @Test("a read waits for a server too, but not as long")
    func reads() {
        let scene = Scene(serverCount: 1)
        let client = scene.client(.read)
        scene.send("GET a", from: client)
        scene.refusesConnections = true
        if let upstream = scene.upstream(of: client) { scene.lose(upstream, unsent: 0) }
        scene.pass(.seconds(3))
        scene.send("GET b", from: client)
        #expect(scene.heldCount == 1)
        scene.pass(.seconds(3))
        #expect(scene.heard(client).hasSuffix(Refusal.unserved))
    }
}
