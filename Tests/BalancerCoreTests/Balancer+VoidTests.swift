import MonotonicTime
import Testing

@testable import BalancerCore

/// The connection is lost while a client has it for itself.
@Suite("Loss of a client's own connection")
struct BalancerVoidTests {
    /// A client of a `write` listener whose own connection is open and has answered so much.
    private func client(
        _ scene: Scene, _ exchange: (request: String, reply: String)...
    ) throws -> ClientID {
        scene.name("one", epoch: 1)
        let client = scene.client(.write)
        for (request, reply) in exchange {
            scene.send(request, from: client)
            scene.reply(reply, from: try #require(scene.upstream(of: client)))
        }
        return client
    }

    @Test("an unsent EXEC never ran: the transaction is refused as Redis refuses one that failed")
    func transaction() throws {
        let scene = Scene(serverCount: 1)
        let client = try client(scene, ("MULTI", "+OK\r\n"), ("SET a v", "+QUEUED\r\n"))
        scene.lose(try #require(scene.own(client)), unsent: 0)
        #expect(!scene.isClosed(client))
        scene.send("SET b v", from: client)
        scene.send("EXEC", from: client)
        #expect(
            scene.heard(client) == "+OK\r\n+QUEUED\r\n" + Refusal.unserved + Refusal.aborted)
        scene.send("SET c v", from: client)
        #expect(scene.upstream(of: client) != nil, "afterwards it goes on")
    }

    @Test("a MULTI without an answer is begun, and its transaction fails as a whole")
    func unansweredBegin() throws {
        let scene = Scene(serverCount: 1)
        let client = try client(scene)
        scene.send("MULTI", from: client)
        scene.send("SET a v", from: client)
        scene.lose(try #require(scene.own(client)), unsent: 0)
        scene.send("EXEC", from: client)
        #expect(scene.heard(client) == "+OK\r\n" + Refusal.unserved + Refusal.aborted)
    }

    @Test("an EXEC that was sent is unsure")
    func sentEnd() throws {
        let scene = Scene(serverCount: 1)
        let client = try client(scene, ("MULTI", "+OK\r\n"), ("SET a v", "+QUEUED\r\n"))
        scene.send("EXEC", from: client)
        scene.lose(try #require(scene.own(client)), unsent: 0)
        #expect(scene.heard(client).hasSuffix(Refusal.unsure))
        scene.send("GET a", from: client)
        #expect(scene.upstream(of: client) != nil)
    }

    @Test("what was watched counts as changed: the next EXEC is answered with nil, once")
    func watch() throws {
        let scene = Scene(serverCount: 1)
        let client = try client(scene, ("WATCH a", "+OK\r\n"))
        scene.lose(try #require(scene.own(client)), unsent: 0)
        scene.send("GET a", from: client)
        scene.reply("$1\r\n1\r\n", from: try #require(scene.upstream(of: client)))
        for text in ["MULTI", "SET a 2", "EXEC"] { scene.send(text, from: client) }
        #expect(scene.heard(client) == "+OK\r\n$1\r\n1\r\n+OK\r\n+QUEUED\r\n*-1\r\n")
        scene.send("MULTI", from: client)
        #expect(scene.upstream(of: client) != nil, "the next is a server's again")
    }

    @Test("UNWATCH forgets what was lost")
    func unwatch() throws {
        let scene = Scene(serverCount: 1)
        let client = try client(scene, ("WATCH a", "+OK\r\n"))
        scene.lose(try #require(scene.own(client)), unsent: 0)
        scene.send("UNWATCH", from: client)
        scene.send("MULTI", from: client)
        #expect(scene.upstream(of: client) != nil)
    }

    @Test("a blocked pop is unsure, and its client stays")
    func blocked() throws {
        let scene = Scene(serverCount: 1)
        let client = try client(scene)
        scene.send("BLPOP a 0", from: client)
        scene.lose(try #require(scene.own(client)), unsent: 0)
        #expect(scene.heard(client) == Refusal.unsure)
        #expect(!scene.isClosed(client))
    }

    @Test("who has subscribed is disconnected: what was missed can't be told otherwise")
    func subscribed() throws {
        let scene = Scene(serverCount: 1)
        let client = try client(scene)
        scene.send("SUBSCRIBE a", from: client)
        scene.lose(try #require(scene.own(client)), unsent: 0)
        #expect(scene.isClosed(client))
    }

    @Test("who has asked for its number keeps the connection that it is the number of")
    func numbered() throws {
        let scene = Scene(serverCount: 1)
        let client = try client(scene, ("CLIENT ID", ":7\r\n"))
        let own = try #require(scene.own(client))
        for text in ["GET a", "MULTI", "EXEC", "SET a v"] {
            scene.send(text, from: client)
            #expect(scene.own(client) == own)
            scene.reply("+OK\r\n", from: own)
        }
        scene.lose(own, unsent: 0)
        scene.send("GET a", from: client)
        let shared = try #require(scene.upstream(of: client))
        scene.reply("$-1\r\n", from: shared)
        #expect(scene.heard(client).hasSuffix("$-1\r\n"))
    }

    @Test("WAIT on a kept connection comes behind a command that tells it of the last write")
    func wait() throws {
        let scene = Scene(serverCount: 1)
        let client = try client(scene, ("BLPOP a 0", "*-1\r\n"), ("SET a v", "+OK\r\n"))
        scene.send("WAIT 1 0", from: client)
        let own = try #require(scene.own(client))
        #expect(scene.outbox(own).hasSuffix("PING; WAIT 1 0"))
        scene.reply("+PONG\r\n:1\r\n", from: own)
        #expect(scene.heard(client).hasSuffix("+OK\r\n:1\r\n"))
        scene.send("WAIT 1 0", from: client)
        scene.lose(own, unsent: 0)
        #expect(scene.heard(client).hasSuffix(":1\r\n" + Refusal.unsure))
    }

    @Test("behind a MULTI that no server takes nothing runs by itself, read or unread")
    func refusedBegin() throws {
        let scene = Scene(serverCount: 1)
        let client = scene.client(.write)
        for text in ["MULTI", "INCR a", "EXEC"] { scene.send(text, from: client) }
        scene.pass(.seconds(11))
        #expect(scene.heard(client) == "+OK\r\n" + Refusal.unserved + Refusal.aborted)
    }

    @Test("a transaction at a server that is busy fails, and nothing of it runs")
    func busy() throws {
        let scene = Scene(serverCount: 1)
        scene.name("one", epoch: 1)
        let client = scene.client(.write)
        scene.send("SELECT 1", from: client)
        scene.reply("+OK\r\n", from: try #require(scene.upstream(of: client)))
        scene.isBusy = true
        for text in ["MULTI", "INCR a", "EXEC"] { scene.send(text, from: client) }
        #expect(scene.heard(client) == "+OK\r\n+OK\r\n" + Refusal.unserved + Refusal.aborted)
        scene.isBusy = false
        scene.send("MULTI", from: client)
        #expect(scene.own(client) != nil)
    }

    @Test("thousands of transactions that no server takes are refused without a step deeper")
    func many() {
        var settings = BalancerSettings()
        settings.privateCountMax = 0
        let scene = Scene(serverCount: 1, settings: settings)
        scene.name("one", epoch: 1)
        let client = scene.client(.write)
        scene.sendAtOnce(Array(repeating: "MULTI; EXEC", count: 50_000), from: client)
        #expect(scene.heard(client).utf8.count == 50_000 * ("+OK\r\n" + Refusal.aborted).utf8.count)
    }
}
