import Addressing
import Glibc
import NodeCore
import RESP
import SentinelCore
import Synchronization
import Testing

@testable import SentinelDriver

@Suite("The node's own port, by raw sockets", .timeLimit(.minutes(1)))
struct NodeServerTests {
    @Test("inline requests, empty lines and pipelines are answered in order")
    func inline() async throws {
        let stage = try await Stage()
        let client = try RawSocket(port: stage.port)
        client.send("PING\r\n\r\nSENTINEL get-master-addr-by-name orders\r\nPING x\r\n")
        #expect(try client.value() == .simple("PONG"))
        #expect(try client.value() == .array([.bulk("10.0.0.1"), .bulk("6379")]))
        #expect(try client.value() == .bulk("x"))
        try await stage.stop()
    }

    @Test("replies keep the order of the requests, however long the node thinks")
    func order() async throws {
        let stage = try await Stage(secret: .none)
        let client = try RawSocket(port: stage.port)
        client.send("SENTINEL FAILOVER orders\r\nPING\r\nSENTINEL FAILOVER other\r\n")
        guard case .failoverOrdered(let query, group: "orders", _) = try await stage.nextEvent()
        else {
            Issue.record("no order")
            return
        }
        stage.perform([.respond(query, error: "INPROG Failover already in progress")])
        #expect(try client.value() == .failure("INPROG Failover already in progress"))
        #expect(try client.value() == .simple("PONG"))
        #expect(try client.value() == .failure("ERR No such master with that name"))
        try await stage.stop()
    }

    @Test("HELLO 3 makes maps of the lists and pushes of the messages")
    func resp3() async throws {
        let stage = try await Stage()
        let client = try RawSocket(port: stage.port)
        guard case .map = try client.ask("HELLO", "3") else {
            Issue.record("no map")
            return
        }
        guard case .map = try client.ask("SENTINEL", "MASTER", "orders") else {
            Issue.record("no map")
            return
        }
        #expect(try client.ask("CLIENT", "GETNAME") == .null)
        #expect(
            try client.ask("SUBSCRIBE", "+sdown")
                == .push([.bulk("subscribe"), .bulk("+sdown"), .integer(1)]))
        stage.perform([
            .announce(
                Announcement(
                    .subjectivelyDown, .primary(group: "orders", PeerWireTests.primary)))
        ])
        #expect(
            try client.value()
                == .push([
                    .bulk("message"), .bulk("+sdown"), .bulk("master orders 10.0.0.1 6379"),
                ]))
        try await stage.stop()
    }

    @Test("events reach subscribers and the log, remarks only the log")
    func events() async throws {
        let stage = try await Stage()
        let client = try RawSocket(port: stage.port)
        #expect(try client.ask("PSUBSCRIBE", "*").elements?.count == 3)
        stage.perform([
            .announce(Announcement(.remark, detail: "only for the log")),
            .announce(Announcement(.newEpoch, detail: "8")),
        ])
        #expect(
            try client.value()
                == .array([.bulk("pmessage"), .bulk("*"), .bulk("+new-epoch"), .bulk("8")]))
        try await stage.stop()
        #expect(stage.log.text.contains(" * only for the log\n"))
        #expect(stage.log.text.contains(" # +new-epoch 8\n"))
    }

    @Test("a hello that a node publishes here reaches the core")
    func publish() async throws {
        let stage = try await Stage()
        let client = try RawSocket(port: stage.port)
        #expect(try client.ask("PUBLISH", "__sentinel__:hello", "hi").isError("NOAUTH"))
        #expect(try client.ask("AUTH", "geheim") == .simple("OK"))
        #expect(try client.ask("PUBLISH", "__sentinel__:hello", "hi") == .integer(1))
        #expect(try await stage.nextEvent() == .published("hi"))
        try await stage.stop()
    }

    @Test("a node's words reach the core under its seal, and the answer comes back under ours")
    func sealed() async throws {
        let stage = try await Stage()
        let client = try RawSocket(port: stage.port)
        let nonce = [UInt8](repeating: 3, count: PeerSession.nonceByteCount)
        let hello = try client.ask("BATON", "HELLO", Hexadecimal.text(nonce))
        let (other, proof) = try #require(PeerWire.introduction(hello))
        var session = try #require(
            PeerSession(
                secret: "geheim", askingNonce: nonce, answeringNonce: other,
                answerer: .v4(IPv4Address(127, 0, 0, 1)), side: .asking))
        #expect(session.proof == proof)
        var ping: [UInt8] = []
        RESPEncoder.appendRequest(["PING"], to: &ping)
        let tag = session.seal(ping)
        let reply = try client.ask("BATON", "SEALED", tag, String(decoding: ping, as: UTF8.self))
        let (answer, answerTag) = try #require(PeerWire.unsealed(reply))
        let isSealed = session.accepts(answer, tag: answerTag)
        #expect(isSealed)
        #expect(String(decoding: answer, as: UTF8.self) == "+PONG\r\n")

        // The same again is a replay: it is refused, and the connection ends.
        let replay = try client.ask("BATON", "SEALED", tag, String(decoding: ping, as: UTF8.self))
        #expect(replay.isError("WRONGPASS"))
        #expect(client.isClosedByPeer())
        try await stage.stop()
        #expect(stage.log.text.contains("offered a wrong secret"))
    }

    @Test("a request beyond the limits is refused and the connection closed")
    func limits() async throws {
        let stage = try await Stage()
        for bytes in ["*100000\r\n", "*1\r\n$999999999\r\n", "*1\r\n+x\r\n", "PING \"x\r\n"] {
            let client = try RawSocket(port: stage.port)
            client.send(bytes)
            #expect(try client.value().text?.hasPrefix("ERR Protocol error") == true)
            #expect(client.isClosedByPeer())
        }
        let endless = try RawSocket(port: stage.port)
        endless.send([UInt8](repeating: UInt8(ascii: "x"), count: 20_000))
        #expect(try endless.value().text == "ERR Protocol error: too big inline request")
        #expect(endless.isClosedByPeer())
        try await stage.stop()
    }

    @Test("an HTTP client is sent away")
    func http() async throws {
        let stage = try await Stage()
        let client = try RawSocket(port: stage.port)
        client.send("POST / HTTP/1.1\r\nHost: x\r\n\r\nSENTINEL FAILOVER orders\r\n")
        #expect(client.isClosedByPeer())
        let next = try RawSocket(port: stage.port)
        #expect(try next.ask("PING") == .simple("PONG"))
        try await stage.stop()
    }

    @Test("QUIT is answered, then the connection ends")
    func quit() async throws {
        let stage = try await Stage()
        let client = try RawSocket(port: stage.port)
        #expect(try client.ask("QUIT") == .simple("OK"))
        #expect(client.isClosedByPeer())
        try await stage.stop()
    }

    @Test("a subscriber that does not read is dropped, and nobody waits for it")
    func slowReader() async throws {
        let stage = try await Stage()
        let slow = try RawSocket(port: stage.port, receiveBufferBytes: 65536)
        #expect(try slow.ask("SUBSCRIBE", "+reboot").elements?.count == 3)
        let detail = String(repeating: "x", count: 100_000)
        // 12 MB: more than the buffers of both sockets (about 4 MB) and the limit.
        for _ in 0..<6 {
            stage.perform(
                (0..<20).map { _ in .announce(Announcement(.reboot, detail: detail)) })
            // They are carried out with this event, before the loop answers the next question.
            stage.loop.deliver(.vanished(group: "orders"))
            #expect(try await stage.next() == .address(.vanished(group: "orders")))
            _ = try await stage.loop.status()
        }
        let other = try RawSocket(port: stage.port)
        #expect(try other.ask("PING") == .simple("PONG"))
        // The end itself is not awaited here: after seconds without a reader the kernel may take
        // seconds to bring it.
        try await stage.stop()
        withExtendedLifetime(slow) {}
        #expect(stage.log.text.contains("reads too slowly and was dropped"))
    }

    @Test("the thousandth client is served, the next is turned away until one leaves")
    func clientCount() async throws {
        // Both ends of every connection are in this process.
        var files = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
        files.rlim_cur = min(files.rlim_max, 8192)
        try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files) == 0)
        let stage = try await Stage()
        var clients: [RawSocket] = []
        for _ in 0..<NodeServer.clientCountMax {
            clients.append(try RawSocket(port: stage.port))
        }
        #expect(try clients[clients.count - 1].ask("PING") == .simple("PONG"))
        let late = try RawSocket(port: stage.port)
        #expect(try late.value() == .failure("ERR max number of clients reached"))
        #expect(try clients.removeLast().ask("QUIT") == .simple("OK"))
        // The place is free once the loop has seen the end.
        _ = try await stage.loop.status()
        let next = try RawSocket(port: stage.port)
        #expect(try next.ask("PING") == .simple("PONG"))
        try await stage.stop()
    }

    @Test("BATON STATUS is JSON, the same for every client")
    func status() async throws {
        let stage = try await Stage()
        let client = try RawSocket(port: stage.port)
        #expect(try client.ask("BATON", "STATUS").text == NodeStatus.example.json)
        try await stage.stop()
    }
}
