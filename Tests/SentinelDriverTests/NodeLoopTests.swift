import Addressing
import Glibc
import MonotonicTime
import NodeCore
import RESP
import SentinelCore
import Synchronization
import Testing

@testable import SentinelDriver

@Suite("A node on loopback, with real servers", .timeLimit(.minutes(1)))
struct NodeLoopTests {
    static let link = LinkID(number: 1)
    static let at = Instant(nanoseconds: 42)

    /// What opening a link comes to.
    private func open(_ target: LinkTarget, on stage: Stage) async throws -> SentinelCore.Event {
        stage.perform([.open(Self.link, target)])
        return try await stage.nextEvent()
    }

    @Test("a server without password is pinged and reports")
    func plain() async throws {
        let server = try RedisServer()
        let stage = try await Stage()
        #expect(
            try await open(.server(.loopback(server.port), group: "orders"), on: stage)
                == .linkOpened(Self.link))
        stage.perform([.request(Self.link, .ping(sentAt: Self.at))])
        #expect(try await stage.nextEvent() == .replied(Self.link, .pong(sentAt: Self.at)))
        stage.perform([.request(Self.link, .info(sentAt: Self.at))])
        guard case .replied(_, .report(_, let report)) = try await stage.nextEvent() else {
            Issue.record("no report")
            return
        }
        #expect(report.isPrimary)
        #expect(report.processID == server.processID)
        let client = try RawSocket(port: Int(server.port))
        let list = try #require(try client.ask("CLIENT", "LIST").text)
        #expect(list.contains(#/ name=sentinel-[0-9a-f]{8}-cmd /#))
        try await stage.stop()
    }

    @Test("a password opens the server, alone or with an ACL user")
    func passwords() async throws {
        let server = try RedisServer([
            "--requirepass", "shk9Hjwe", "--user", "watcher", "on", ">s3cret", "~*", "&*",
            "+@all",
        ])
        for credentials in [
            Credentials(password: "shk9Hjwe"), Credentials(user: "watcher", password: "s3cret"),
        ] {
            let stage = try await Stage(credentials: ["orders": credentials])
            #expect(
                try await open(.server(.loopback(server.port), group: "orders"), on: stage)
                    == .linkOpened(Self.link))
            stage.perform([.request(Self.link, .ping(sentAt: Self.at))])
            #expect(try await stage.nextEvent() == .replied(Self.link, .pong(sentAt: Self.at)))
            try await stage.stop()
        }
    }

    @Test("a wrong password, or none where one is wanted, is a denial in the server's words")
    func wrongPassword() async throws {
        let server = try RedisServer(["--requirepass", "shk9Hjwe"])
        for (credentials, word) in [
            (Credentials(password: "wrong"), "WRONGPASS"),
            (Credentials(user: "nobody", password: "shk9Hjwe"), "WRONGPASS"), (nil, "NOAUTH"),
        ] {
            let stage = try await Stage(credentials: credentials.map { ["orders": $0] } ?? [:])
            let event = try await open(.server(.loopback(server.port), group: "orders"), on: stage)
            guard case .linkClosed(Self.link, .denied(let text)) = event else {
                Issue.record("\(event)")
                return
            }
            #expect(text.hasPrefix(word))
            try await stage.stop()
        }
    }

    @Test("a replica follows, and is promoted, each in one round trip")
    func followAndPromote() async throws {
        let primary = try RedisServer()
        let replica = try RedisServer()
        let stage = try await Stage()
        #expect(
            try await open(.server(.loopback(replica.port), group: "orders"), on: stage)
                == .linkOpened(Self.link))
        stage.perform([
            .request(Self.link, .follow(.loopback(primary.port), sentAt: Self.at)),
            .request(Self.link, .info(sentAt: Self.at)),
        ])
        #expect(
            try await stage.nextEvent()
                == .replied(Self.link, .reconfigured(sentAt: Self.at, error: nil)))
        guard case .replied(_, .report(_, let following)) = try await stage.nextEvent() else {
            Issue.record("no report")
            return
        }
        #expect(following.role == .replica(of: .loopback(primary.port)))
        stage.perform([
            .request(Self.link, .promote(sentAt: Self.at)),
            .request(Self.link, .info(sentAt: Self.at)),
        ])
        #expect(
            try await stage.nextEvent()
                == .replied(Self.link, .reconfigured(sentAt: Self.at, error: nil)))
        guard case .replied(_, .report(_, let promoted)) = try await stage.nextEvent() else {
            Issue.record("no report")
            return
        }
        #expect(promoted.isPrimary)
        try await stage.stop()
    }

    @Test("a hello that is published on a server is heard by who subscribed there")
    func hello() async throws {
        let server = try RedisServer()
        let stage = try await Stage()
        #expect(
            try await open(.server(.loopback(server.port), group: "orders"), on: stage)
                == .linkOpened(Self.link))
        let ear = LinkID(number: 2)
        stage.perform([.open(ear, .subscription(.loopback(server.port), group: "orders"))])
        #expect(try await stage.nextEvent() == .linkOpened(ear))
        stage.perform([.request(Self.link, .publish(PeerWireTests.hello))])
        let events = [try await stage.nextEvent(), try await stage.nextEvent()]
        #expect(events.contains(.heard(ear, PeerWireTests.hello.text)))
        #expect(events.contains(.replied(Self.link, .published)))
        try await stage.stop()
    }

    @Test("nobody there, a stopped server and an ended one are told apart")
    func unreachable() async throws {
        let stage = try await Stage()
        #expect(
            try await open(.server(.loopback(try FreePort.next()), group: "orders"), on: stage)
                == .linkClosed(Self.link, .refused))
        let server = try RedisServer()
        kill(server.processID, SIGSTOP)
        #expect(
            try await open(.server(.loopback(server.port), group: "orders"), on: stage)
                == .linkClosed(Self.link, .unreachable))
        kill(server.processID, SIGCONT)
        #expect(
            try await open(.server(.loopback(server.port), group: "orders"), on: stage)
                == .linkOpened(Self.link))
        server.end()
        #expect(try await stage.nextEvent() == .linkClosed(Self.link, .closed))
        try await stage.stop()
    }

    @Test("an HTTP server on the port is named, a reply without end is cut off")
    func otherProtocols() async throws {
        let stage = try await Stage()
        let http = try RawListener()
        stage.perform([.open(Self.link, .server(.loopback(http.port), group: "orders"))])
        let httpSide = try http.accept()
        httpSide.send("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        #expect(
            try await stage.nextEvent()
                == .linkClosed(Self.link, .confused("an HTTP server answers on this port")))

        let endless = try RawListener()
        stage.perform([.open(Self.link, .server(.loopback(endless.port), group: "orders"))])
        let endlessSide = try endless.accept()
        endlessSide.send("+OK\r\n")
        #expect(try await stage.nextEvent() == .linkOpened(Self.link))
        stage.perform([.request(Self.link, .info(sentAt: Self.at))])
        _ = endlessSide.receive()
        let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 65536)
        endlessSide.send("*1000\r\n")
        var sent = 0
        while endlessSide.send("$65536\r\n"), endlessSide.send(chunk), endlessSide.send("\r\n") {
            sent += chunk.count
            try #require(sent < 256 * 1024 * 1024, "nobody cut it off")
        }
        guard case .linkClosed(Self.link, .confused(let reason)) = try await stage.nextEvent()
        else {
            Issue.record("not cut off")
            return
        }
        #expect(reason.contains("larger than"))
        try await stage.stop()
    }

    @Test("two nodes of one cluster speak, one with another secret is not listened to")
    func peers() async throws {
        let answering = try await Stage()
        answering.answer { _, message in
            if case .evidence = message { .noted } else { .refused(.unknownGroup) }
        }
        let peer = LinkTarget.peer(.loopback(UInt16(answering.port)))
        let asking = try await Stage()
        #expect(try await open(peer, on: asking) == .linkOpened(Self.link))
        let evidence = PeerMessage.evidence(
            Evidence(group: "orders", server: PeerWireTests.primary, runID: PeerWireTests.id))
        asking.perform([
            .request(Self.link, .tell(evidence, sentAt: Self.at)),
            .request(
                Self.link, .tell(.greeting(Greeting(hello: PeerWireTests.hello)), sentAt: Self.at)),
            .request(Self.link, .ping(sentAt: Self.at)),
        ])
        #expect(
            try await asking.nextEvent()
                == .replied(Self.link, .peer(.noted, sentAt: Self.at)))
        #expect(
            try await asking.nextEvent()
                == .replied(Self.link, .peer(.refused(.unknownGroup), sentAt: Self.at)))
        #expect(try await asking.nextEvent() == .replied(Self.link, .pong(sentAt: Self.at)))

        let stranger = try await Stage(secret: .shared("another"))
        guard case .linkClosed(_, .denied(let text)) = try await open(peer, on: stranger) else {
            Issue.record("a stranger was let in")
            return
        }
        #expect(text == "it has another secret, or another address")
        try await stranger.stop()
        try await asking.stop()
        try await answering.stop()
    }

    @Test("the state is on disk when it is reported")
    func persisted() async throws {
        let directory = try TemporaryDirectory()
        let file = StateFile(path: directory.path + "/state")
        let stage = try await Stage(stateFile: file)
        stage.perform([.persist(StateTextTests.state, sequence: 3)])
        #expect(try await stage.nextEvent() == .persisted(sequence: 3))
        #expect(try file.read() == StateTextTests.state)
        try await stage.stop()
    }

    @Test("a damaged state file is never written, and the core is told why")
    func damagedState() async throws {
        let directory = try TemporaryDirectory()
        directory.put(Array("garbage".utf8), "state")
        let stage = try await Stage(stateFile: StateFile(path: directory.path + "/state"))
        stage.perform([.persist(StateTextTests.state, sequence: 3)])
        guard case .persistFailed(sequence: 3, let reason) = try await stage.nextEvent() else {
            Issue.record("written")
            return
        }
        #expect(reason.contains(directory.path + "/state"))
        #expect(directory.contents("state") == "garbage")
        try await stage.stop()
    }

    @Test("the end of a watched process is told, and why one cannot be watched is logged once")
    func processes() async throws {
        let server = try RedisServer()
        let stage = try await Stage()
        let endpoint = Endpoint.loopback(server.port)
        stage.perform([
            .open(Self.link, .server(endpoint, group: "orders")),
            .watchProcess(endpoint, processID: server.processID),
            .watchProcess(.loopback(1), processID: server.processID),
            .watchProcess(.loopback(1), processID: server.processID),
        ])
        #expect(try await stage.nextEvent() == .linkOpened(Self.link))
        // The watch takes its orders in turn: once the second is refused, the first stands.
        while !stage.log.text.contains("127.0.0.1:1 ") { await Task.yield() }
        server.end()
        let events = [try await stage.nextEvent(), try await stage.nextEvent()]
        #expect(events.contains(.processEnded(endpoint, processID: server.processID)))
        #expect(events.contains(.linkClosed(Self.link, .closed)))
        try await stage.stop()
        let told = stage.log.text.split(separator: "\n").filter { $0.contains("127.0.0.1:1 ") }
        #expect(told.count == 1)
        #expect(told.first?.contains("does not listen on port 1") == true)
    }

    @Test("steps with an address are carried, and what the kernel says reaches the core")
    func addresses() async throws {
        let stage = try await Stage()
        stage.perform(.take(group: "orders", port: 6379, until: Self.at))
        #expect(try await stage.next() == .address(.done(group: "orders", .take)))
        stage.loop.deliver(.vanished(group: "orders"))
        #expect(try await stage.next() == .address(.vanished(group: "orders")))
        try await stage.stop()
    }

    @Test("a machine that stood still is told to the core at the next wake-up, and logged once")
    func standstill() async throws {
        let step = Mutex(Interval.zero)
        let stage = try await Stage(readClocks: {
            ClockReading(
                boot: Self.at, monotonic: Self.at, real: Self.at + step.withLock { $0 },
                spread: .zero)
        })
        step.withLock { $0 = .milliseconds(5200) }
        #expect(try await stage.next() == .stoodStill)
        stage.loop.deliver(.vanished(group: "orders"))
        #expect(try await stage.next() == .address(.vanished(group: "orders")))
        try await stage.stop()
        let told = stage.log.text.split(separator: "\n").filter {
            $0.contains("set forward by 5200")
        }
        #expect(told.count == 1)
    }

    @Test("a link that the core closes is silent from then on")
    func closedByCore() async throws {
        let server = try RedisServer()
        let stage = try await Stage()
        let target = LinkTarget.server(.loopback(server.port), group: "orders")
        #expect(try await open(target, on: stage) == .linkOpened(Self.link))
        let other = LinkID(number: 2)
        stage.perform([
            .request(Self.link, .ping(sentAt: Self.at)), .close(Self.link), .open(other, target),
        ])
        #expect(try await stage.nextEvent() == .linkOpened(other))
        try await stage.stop()
    }

    @Test("a port that is taken is refused with its number")
    func portTaken() async throws {
        let taken = try RawListener()
        let directory = try TemporaryDirectory()
        let log = try LogCapture()
        let options = NodeLoop.Options(
            settings: Settings(
                name: "redis01", endpoint: .loopback(taken.port), peers: [], groups: [],
                localAddresses: []),
            stateFile: StateFile(path: directory.path + "/state"), secret: .none, version: "1")
        await #expect(throws: NodeLoop.StartFailure.self) {
            try await NodeLoop.start(options, carrier: NoAddresses(), log: log.log)
        }
        await log.log.shutDown()
    }

    private struct NoAddresses: AddressCarrier {
        func carry(_ effect: AddressEffect, report: @escaping @Sendable (AddressEvent) -> Void) {}
    }
}
