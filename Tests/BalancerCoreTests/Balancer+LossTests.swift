import MonotonicTime
import Testing

@testable import BalancerCore

/// The same rules as in the random worlds, one at a time.
@Suite("Loss of a server's connection")
struct BalancerLossTests {
    @Test("a read that was sent is asked of another server, a write is not")
    func readAndWrite() throws {
        let scene = Scene(serverCount: 2)
        let client = scene.client()
        scene.send("GET a", from: client)
        scene.send("SET b v", from: client)
        let lost = try #require(scene.upstream(of: client))
        scene.transmit(lost)
        scene.lose(lost, unsent: 0)
        #expect(scene.heard(client).isEmpty)
        let other = try #require(scene.upstream(of: client))
        #expect(scene.outbox(other) == "GET a")
        scene.reply("$1\r\n1\r\n", from: other)
        #expect(
            scene.heard(client) == "$1\r\n1\r\n" + Refusal.unsure, "in the order of the requests")
    }

    @Test("a write of which the kernel was not given the last byte never ran, and is sent again")
    func unsent() throws {
        let scene = Scene(serverCount: 2)
        let client = scene.client()
        scene.send("SET b v", from: client)
        let lost = try #require(scene.upstream(of: client))
        scene.lose(lost, unsent: 1)
        let other = try #require(scene.upstream(of: client))
        #expect(scene.outbox(other) == "SET b v")
    }

    @Test("a request that was sent twice is not sent a third time")
    func attempts() throws {
        let scene = Scene(serverCount: 3)
        let client = scene.client()
        scene.send("GET a", from: client)
        scene.lose(try #require(scene.upstream(of: client)), unsent: 0)
        scene.lose(try #require(scene.upstream(of: client)), unsent: 0)
        #expect(scene.heard(client) == Refusal.unsure)
    }

    @Test("a server that says it serves nothing is answered for by another")
    func loading() throws {
        let scene = Scene(serverCount: 2)
        let client = scene.client()
        scene.send("GET a", from: client)
        let first = try #require(scene.upstream(of: client))
        scene.reply("-LOADING Redis is loading the dataset in memory\r\n", from: first)
        #expect(scene.heard(client).isEmpty)
        let other = try #require(scene.upstream(of: client))
        #expect(other != first)
        scene.reply("$1\r\n1\r\n", from: other)
        #expect(scene.heard(client) == "$1\r\n1\r\n")
    }

    @Test("a large reply that is cut in its middle closes its client, and no other")
    func cut() throws {
        let scene = Scene(serverCount: 1)
        let client = scene.client()
        let other = scene.client()
        scene.send("GET a", from: client)
        scene.send("GET b", from: other)
        let upstream = try #require(scene.upstream(of: client))
        scene.reply("$100000\r\n" + String(repeating: "x", count: 50_000), from: upstream)
        #expect(scene.heard(client).utf8.count > 50_000)
        scene.lose(upstream, unsent: 0)
        #expect(scene.isClosed(client))
        #expect(!scene.isClosed(other))
    }

    @Test("what a client that has gone had asked is not sent again, and its reply goes to nobody")
    func gone() throws {
        let scene = Scene(serverCount: 1)
        let client = scene.client()
        let other = scene.client()
        scene.send("GET a", from: client)
        scene.send("GET b", from: other)
        let upstream = try #require(scene.upstream(of: other))
        scene.leave(client)
        scene.reply("$1\r\n1\r\n$1\r\n2\r\n", from: upstream)
        #expect(scene.heard(client).isEmpty)
        #expect(scene.heard(other) == "$1\r\n2\r\n")
    }

    @Test("what arrives from a connection that is lost is nobody's")
    func late() throws {
        let scene = Scene(serverCount: 1)
        let client = scene.client()
        scene.send("SET a v", from: client)
        scene.send("GET a", from: client)
        scene.refusesConnections = true
        let lost = try #require(scene.upstream(of: client))
        scene.lose(lost, unsent: 0)
        scene.reply("+OK\r\n$1\r\nv\r\n", from: lost)
        #expect(scene.heard(client).isEmpty)
        scene.pass(.seconds(3))
        #expect(scene.heard(client) == Refusal.unsure + Refusal.unsure)
    }

    @Test("with no other server, a read waits for one, for so long and no longer")
    func patience() throws {
        let scene = Scene(serverCount: 1)
        let client = scene.client()
        scene.send("GET a", from: client)
        scene.refusesConnections = true
        scene.lose(try #require(scene.upstream(of: client)), unsent: 0)
        scene.pass(.seconds(1))
        #expect(scene.heard(client).isEmpty)
        scene.pass(.seconds(2))
        #expect(scene.heard(client) == Refusal.unsure)
        #expect(!scene.isClosed(client))
    }
}
