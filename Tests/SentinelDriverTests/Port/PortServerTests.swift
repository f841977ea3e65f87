import DropInCore
import Glibc
import MonotonicTime
import NIOCore
import NIOPosix
import RESP
import SentinelCore
import SentinelFile
import SentinelPort
import Testing

@testable import SentinelDriver

@Suite("A Sentinel's port, by raw sockets", .timeLimit(.minutes(1)))
struct PortServerTests {
    @Test("answers in the order of the requests, however long an order takes")
    func order() async throws {
        let stage = try await PortStage()
        await stage.run { $0.mustWait = true }
        let client = try RawSocket(port: stage.port)
        client.send("SENTINEL FLUSHCONFIG\r\nPING\r\nSENTINEL REMOVE nope\r\nPING x\r\n")
        let other = try RawSocket(port: stage.port)
        #expect(try other.ask("PING") == .simple("PONG"))
        await stage.run { $0.release() }
        #expect(try client.value() == .simple("OK"))
        #expect(try client.value() == .simple("PONG"))
        await stage.run { $0.release() }
        #expect(try client.value() == .failure("ERR No such master with that name"))
        #expect(try client.value() == .bulk("x"))
        try await stage.stop()
    }

    @Test("closes a connection after its answer, not before")
    func killing() async throws {
        let stage = try await PortStage()
        let client = try RawSocket(port: stage.port)
        let other = try RawSocket(port: stage.port)
        #expect(try other.ask("PING") == .simple("PONG"))
        #expect(
            try client.ask("CLIENT", "KILL", "USER", "default", "SKIPME", "no") == .integer(2))
        #expect(client.isClosedByPeer())
        #expect(other.isClosedByPeer())
        try await stage.stop()
    }

    @Test("says what is no protocol, and closes")
    func framing() async throws {
        let stage = try await PortStage()
        let client = try RawSocket(port: stage.port)
        client.send("*1\r\n$-5\r\n")
        #expect(try client.value() == .failure("ERR Protocol error: invalid bulk length"))
        #expect(client.isClosedByPeer())
        try await stage.stop()
    }

    @Test("lets strangers send but little before they have shown a password")
    func strangers() async throws {
        let stage = try await PortStage()
        let owner = try RawSocket(port: stage.port)
        _ = try owner.ask("ACL", "SETUSER", "default", ">secret")
        let client = try RawSocket(port: stage.port)
        client.send("*100\r\n")
        #expect(
            try client.value()
                == .failure("ERR Protocol error: unauthenticated multibulk length"))
        #expect(client.isClosedByPeer())
        try await stage.stop()
    }

    @Test("sends events to subscribers, and drops one that does not read")
    func slowReader() async throws {
        let stage = try await PortStage()
        let fast = try RawSocket(port: stage.port)
        _ = try fast.ask("SUBSCRIBE", "+switch-master")
        let slow = try RawSocket(port: stage.port, receiveBufferBytes: 4096)
        _ = try slow.ask("PSUBSCRIBE", "*")
        let text = String(repeating: "x", count: 64 * 1024)
        for _ in 0..<400 { try await stage.publish("+noise", text) }
        try await stage.publish("+switch-master", "orders 1 2 3 4")
        #expect(try fast.value().elements?.last == .bulk("orders 1 2 3 4"))
        #expect(slow.isClosedByPeer())
        try await stage.stop()
    }

    @Test("holds everybody while it is paused, and goes on by itself")
    func pause() async throws {
        let stage = try await PortStage()
        let client = try RawSocket(port: stage.port)
        #expect(try client.ask("CLIENT", "PAUSE", "200") == .simple("OK"))
        let other = try RawSocket(port: stage.port)
        let begin = BootClock.now()
        #expect(try other.ask("PING") == .simple("PONG"))
        #expect((BootClock.now() - begin).milliseconds >= 100)
        try await stage.stop()
    }

    @Test("keeps serving beside hundreds of idle connections, and forgets those that leave")
    func idle() async throws {
        let stage = try await PortStage()
        var idle: [RawSocket] = []
        for _ in 0..<300 { idle.append(try RawSocket(port: stage.port)) }
        let client = try RawSocket(port: stage.port)
        #expect(try client.ask("PING") == .simple("PONG"))
        idle = []
        // Their ends arrive while these requests are answered.
        for _ in 0..<300 {
            let info = try client.ask("INFO", "clients").string ?? ""
            if info.contains("connected_clients:1\r\n") { break }
        }
        #expect(
            try client.ask("INFO", "clients").string?.contains("connected_clients:1\r\n") == true)
        try await stage.stop()
    }
}

/// A port with a stand-in behind it.
final class PortStage {
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let loop: PortLoop
    private let parts: PortParts
    private let service: NIOLoopBound<StandIn>

    init(_ text: String = "") async throws {
        var portrait = NodePortrait(
            id: .drawn(), currentEpoch: 0, globals: GlobalSettings(), periods: Periods())
        portrait.groups = []
        let configuration = SentinelFileReader.read(
            Array(("bind 127.0.0.1\n" + text).utf8), path: "t",
            SentinelFileReader.Surroundings(
                include: { _ in .success([]) }, isExecutable: { _ in true })
        ).configuration
        let shown = portrait
        let settings = PortSettings(
            runID: .drawn(), processID: getpid(), startedAt: BootClock.now())
        let eventLoop = group.next()
        (parts, service) = try await eventLoop.submit {
            let service = StandIn(shown)
            let parts = try PortParts.standIn(
                service, configuration, settings, eventLoop: eventLoop)
            return (parts, NIOLoopBound(service, eventLoop: eventLoop))
        }.get()
        loop = try await PortLoop.open(parts, configuration.server, group: group, port: 0)
    }

    var port: Int { loop.ports[0] }

    /// On the loop.
    func run(_ change: @escaping @Sendable (StandIn) -> Void) async {
        try? await group.next().submit { [service] in change(service.value) }.get()
    }

    func publish(_ channel: String, _ message: String) async throws {
        try await group.next().submit { [parts] in
            try parts.server.publish(channel: channel, message: message)
        }.get()
    }

    func stop() async throws {
        try await loop.stop()
        try await group.shutdownGracefully()
    }
}
