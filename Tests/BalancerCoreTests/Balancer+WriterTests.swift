import MonotonicTime
import Testing

@testable import BalancerCore

@Suite("Whoever takes writes")
struct BalancerWriterTests {
    @Test("`write` sends everything to whoever takes writes, `read` nothing")
    func services() {
        let scene = Scene(serverCount: 2)
        scene.name("one", epoch: 1)
        for text in ["GET a", "SET a v", "PING"] {
            let writer = scene.client(.write)
            scene.send(text, from: writer)
            #expect(scene.server(writer) == Balancer.writer)
            let reader = scene.client(.read)
            scene.send(text, from: reader)
            #expect(scene.server(reader) != Balancer.writer)
        }
    }

    @Test("`auto` sends what changes nothing to those that share the reads, all else to the writer")
    func auto() {
        let scene = Scene(serverCount: 2)
        scene.name("one", epoch: 1)
        for (text, isRead) in [("GET a", true), ("SET a v", false), ("INFO", false)] {
            let client = scene.client(.auto)
            scene.send(text, from: client)
            #expect((scene.server(client) != Balancer.writer) == isRead, "\(text)")
        }
    }

    @Test("behind a write of the same client a read stays where that went, and sees it")
    func readBehindWrite() throws {
        let scene = Scene(serverCount: 2)
        scene.name("one", epoch: 1)
        let client = scene.client(.auto)
        scene.send("SET a v", from: client)
        scene.send("GET a", from: client)
        let upstream = try #require(scene.upstream(of: client))
        scene.reply("+OK\r\n$1\r\nv\r\n", from: upstream)
        #expect(scene.heard(client) == "+OK\r\n$1\r\nv\r\n")
    }

    @Test("a write behind reads waits for their replies")
    func writeBehindRead() throws {
        let scene = Scene(serverCount: 1)
        scene.name("one", epoch: 1)
        let client = scene.client(.auto)
        scene.send("GET a", from: client)
        let reader = try #require(scene.upstream(of: client))
        scene.send("SET a v", from: client)
        #expect(scene.outbox(reader) == "GET a")
        scene.reply("$1\r\n1\r\n", from: reader)
        #expect(scene.server(client) == Balancer.writer)
    }

    @Test("a write that was never sent is executed by the next primary, one that was is unsure")
    func failover() throws {
        let scene = Scene(serverCount: 1)
        scene.name("one", epoch: 1)
        let sure = scene.client(.write)
        let unsure = scene.client(.write)
        scene.send("SET a v", from: unsure)
        let lost = try #require(scene.upstream(of: unsure))
        scene.send("SET b v", from: sure)
        scene.refusesConnections = true
        scene.lose(lost, unsent: 1)
        #expect(scene.heard(sure).isEmpty)
        scene.refusesConnections = false
        scene.primary = "two"
        scene.name("two", epoch: 2)
        let found = try #require(scene.upstream(of: sure))
        #expect(scene.outbox(found) == "SET b v")
        scene.reply("+OK\r\n", from: found)
        #expect(scene.heard(sure) == "+OK\r\n")
        #expect(scene.heard(unsure) == Refusal.unsure)
    }

    @Test("a connection that leads to the former primary is given up, even if it is silent")
    func silentFormer() throws {
        let scene = Scene(serverCount: 1)
        scene.name("one", epoch: 1)
        let client = scene.client(.write)
        scene.send("SET a v", from: client)
        scene.primary = "two"
        scene.name("two", epoch: 2)
        #expect(scene.heard(client) == Refusal.unsure)
    }

    @Test("a connection that found the new primary by itself is kept when the nodes name it")
    func foundBefore() throws {
        let scene = Scene(serverCount: 1)
        scene.name("one", epoch: 1)
        let client = scene.client(.write)
        scene.send("SET a v", from: client)
        scene.primary = "two"
        scene.lose(try #require(scene.upstream(of: client)), unsent: 0)
        scene.send("SET b v", from: client)
        let found = try #require(scene.upstream(of: client))
        scene.name("two", epoch: 2)
        scene.reply("+OK\r\n", from: found)
        #expect(scene.heard(client) == Refusal.unsure + "+OK\r\n")
    }

    @Test("a server that takes no writes is not written to", arguments: ["slave"])
    func replica(_ role: String) {
        let scene = Scene(serverCount: 1)
        scene.role = role
        scene.name("one", epoch: 1)
        let client = scene.client(.write)
        scene.send("SET a v", from: client)
        #expect(scene.upstream(of: client) == nil)
        #expect(scene.heldCount == 1)
        scene.role = "master"
        scene.pass(.milliseconds(200))
        #expect(scene.upstream(of: client) != nil)
    }

    @Test("where the primary itself is the place, another one is connected to at once")
    func otherPlace() throws {
        let scene = Scene(serverCount: 1)
        scene.name("one", epoch: 1, at: 50)
        let client = scene.client(.write)
        scene.send("SET a v", from: client)
        scene.primary = "two"
        scene.name("two", epoch: 2, at: 51)
        scene.send("SET b v", from: client)
        let found = try #require(scene.upstream(of: client))
        #expect(scene.outbox(found) == "SET b v")
        #expect("\(scene.balancer.endpoint(ofServer: Balancer.writer))" == "10.0.0.51:6379")
    }

    // MARK: Planned moves

    @Test("after the notice of a move no write is sent until the other server has it")
    func move() throws {
        let scene = Scene(serverCount: 1)
        scene.name("one", epoch: 1)
        let early = scene.client(.write)
        scene.send("SET a v", from: early)
        let before = try #require(scene.upstream(of: early))
        scene.announceMove()
        let late = scene.client(.write)
        scene.send("SET b v", from: late)
        scene.send("SET c v", from: early)
        #expect(scene.outbox(before) == "SET a v")
        scene.reply("+OK\r\n", from: before)
        #expect(scene.heard(early) == "+OK\r\n")
        scene.pass(.milliseconds(300))
        #expect(scene.upstream(of: late) == nil)
        scene.primary = "two"
        scene.name("two", epoch: 2)
        for client in [early, late] {
            let after = try #require(scene.upstream(of: client))
            #expect(scene.outbox(after).contains("SET"))
        }
    }

    @Test("writes go on where they went when the move is called off, or never ends")
    func calledOff() throws {
        for callsOff in [true, false] {
            let scene = Scene(serverCount: 1)
            scene.name("one", epoch: 1)
            let client = scene.client(.write)
            scene.announceMove()
            scene.send("SET a v", from: client)
            #expect(scene.upstream(of: client) == nil)
            if callsOff { scene.callMoveOff() } else { scene.pass(.seconds(6)) }
            #expect(scene.upstream(of: client) != nil)
        }
    }

    @Test("reads of `auto` go on through a move")
    func readsGoOn() {
        let scene = Scene(serverCount: 1)
        scene.name("one", epoch: 1)
        let client = scene.client(.auto)
        scene.announceMove()
        scene.send("GET a", from: client)
        #expect(scene.upstream(of: client) != nil)
    }

    @Test(
        "what was replaced is not written to where it is still found, but is once it is there anew")
    func formerReturns() throws {
        let scene = Scene(serverCount: 1)
        scene.name("one", epoch: 1)
        let first = scene.client(.write)
        scene.send("SET a v", from: first)
        scene.reply("+OK\r\n", from: try #require(scene.upstream(of: first)))
        // No node is heard any more after this; the address is still, or again, where it was.
        scene.name("two", epoch: 2)
        scene.send("SET b v", from: first)
        scene.pass(.seconds(10))
        #expect(scene.heard(first) == "+OK\r\n" + Refusal.unserved)
        scene.pass(.seconds(6))
        scene.send("SET c v", from: first)
        scene.pass(.milliseconds(200))
        scene.reply("+OK\r\n", from: try #require(scene.upstream(of: first)))
        #expect(scene.heard(first).hasSuffix(Refusal.unserved + "+OK\r\n"))
    }

    @Test("a primary that is named again before its life is known is the same")
    func namedAnew() throws {
        let scene = Scene(serverCount: 1)
        scene.name("one", epoch: 1)
        let old = scene.client(.write)
        scene.send("SET a v", from: old)
        scene.name(nil, epoch: 1)
        let link = try #require(scene.upstream(of: old))
        scene.reply("+OK\r\n", from: link)
        scene.lose(link, unsent: 0)
        let new = scene.client(.write)
        scene.send("SET b v", from: new)
        #expect(scene.upstream(of: new) != nil, "it is taken for one that was replaced")
        #expect(scene.heard(old) == "+OK\r\n")
    }

    @Test("a server that is there and does not answer gets ever more time, up to a second")
    func slowGreeting() {
        let scene = Scene(serverCount: 1)
        scene.isSilent = true
        scene.name("one", epoch: 1)
        let client = scene.client(.write)
        let before = scene.connectionCount
        scene.send("SET a v", from: client)
        scene.pass(.seconds(8))
        // At 300 ms each they would be twenty.
        let count = scene.connectionCount - before
        #expect((6...11).contains(count), "\(count)")
    }

    @Test("one that is silent is given up at once when the nodes name another")
    func slowAndReplaced() throws {
        let scene = Scene(serverCount: 1)
        scene.name("one", epoch: 1)
        scene.isSilent = true
        let client = scene.client(.write)
        scene.send("SET a v", from: client)
        scene.pass(.seconds(5))
        scene.isSilent = false
        scene.primary = "two"
        scene.name("two", epoch: 2)
        scene.reply("+OK\r\n", from: try #require(scene.upstream(of: client)))
        #expect(scene.heard(client) == "+OK\r\n")
    }
}
