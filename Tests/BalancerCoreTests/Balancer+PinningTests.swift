import MonotonicTime
import Testing

@testable import BalancerCore

@Suite("Connections of one client's own")
struct BalancerPinningTests {
    @Test("what ends a script goes past it, on a connection that is closed afterwards")
    func rescue() throws {
        let scene = Scene(serverCount: 1)
        scene.name("one", epoch: 1)
        let client = scene.client(.write)
        scene.send("SELECT 1", from: client)
        scene.reply("+OK\r\n", from: try #require(scene.upstream(of: client)))
        let other = scene.client(.write)
        scene.send("EVAL loop 0", from: other)
        scene.send("SCRIPT KILL", from: client)
        let own = try #require(scene.own(client))
        #expect(own != scene.upstream(of: other))
        #expect(scene.outbox(own) == "INFO; SCRIPT KILL", "and no SELECT before it")
        scene.reply("+OK\r\n", from: own)
        #expect(scene.heard(client) == "+OK\r\n+OK\r\n")
        #expect(scene.own(client) == nil)
        scene.send("GET a", from: client)
        #expect(scene.upstream(of: client) != nil)
    }

    @Test("a name that is given later is brought to the next connection of one's own")
    func rename() throws {
        let scene = Scene(serverCount: 1)
        scene.name("one", epoch: 1)
        let client = scene.client(.write)
        scene.send("CLIENT INFO", from: client)
        let first = try #require(scene.own(client))
        scene.reply("$4\r\nid=1\r\n", from: first)
        scene.send("CLIENT SETNAME me", from: client)
        scene.send("CLIENT SETINFO badger x", from: client)
        scene.send("CLIENT INFO", from: client)
        #expect(scene.own(client) != first)
        #expect(scene.heard(client).hasSuffix("+OK\r\n-ERR Unrecognized option 'badger'\r\n"))
    }
}
