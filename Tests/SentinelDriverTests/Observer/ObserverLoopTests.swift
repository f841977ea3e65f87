import Addressing
import Glibc
import MonotonicTime
import ObserverCore
import RESP
import Synchronization
import Testing

@testable import SentinelDriver

@Suite("An observer on loopback, with real servers and a real Sentinel", .timeLimit(.minutes(1)))
struct ObserverLoopTests {
    /// What was said so far, and the last view.
    private final class Ear: Sendable {
        private let state = Mutex<(view: GroupView?, lines: [String])>((nil, []))

        var view: GroupView? { state.withLock { $0.view } }
        var lines: [String] { state.withLock { $0.lines } }

        func see(_ view: GroupView) { state.withLock { $0.view = view } }
        func hear(_ line: LogLine) { state.withLock { $0.lines.append("\(line)") } }

        /// Waits, ten seconds at the most.
        func wait(_ isSo: (Ear) -> Bool) async throws -> Bool {
            for _ in 0..<500 {
                if isSo(self) { return true }
                try await Task.sleep(for: .milliseconds(20))
            }
            return false
        }
    }

    private func endpoint(_ server: RedisServer) -> Endpoint { .loopback(server.port) }

    private func start(
        primary: RedisServer, nodes: [RedisServer], credentials: Credentials? = nil, _ ear: Ear
    ) async throws -> ObserverLoop {
        let settings = ObserverSettings(
            group: "orders", primary: endpoint(primary), nodes: nodes.map(endpoint),
            downAfter: .milliseconds(500))
        return try await ObserverLoop.start(
            [.init(settings: settings, credentials: credentials)], log: { ear.hear($0) },
            report: { _, view in ear.see(view) })
    }

    private func replica(of primary: RedisServer) throws -> RedisServer {
        try RedisServer([
            "--replicaof", "127.0.0.1 \(primary.port)", "--repl-diskless-sync-delay", "0",
        ])
    }

    @Test("finds a replica by its primary, and loses it when it dies")
    func replicas() async throws {
        let primary = try RedisServer(["--repl-diskless-sync-delay", "0"])
        let other = try replica(of: primary)
        let ear = Ear()
        let loop = try await start(primary: primary, nodes: [], ear)
        let finds = try await ear.wait { ear in
            ear.view?.servers.map(\.state) == [.serving, .serving]
        }
        #expect(finds, "\(String(describing: ear.view))")
        #expect(ear.view?.servers.map(\.endpoint) == [endpoint(primary), endpoint(other)])
        other.end()
        #expect(try await ear.wait { $0.view?.servers.last?.state == .down })
        #expect(ear.view?.servers.first?.state == .serving)
        try await loop.stop()
    }

    @Test("hears of a new primary from a real Sentinel")
    func sentinel() async throws {
        let directory = try TemporaryDirectory()
        let primary = try RedisServer(["--repl-diskless-sync-delay", "0"])
        let other = try replica(of: primary)
        let sentinel = try RedisServer(sentinelOf: primary, in: directory)
        let ear = Ear()
        let loop = try await start(primary: primary, nodes: [sentinel], ear)
        #expect(
            try await ear.wait { $0.view?.servers.map(\.state) == [.serving, .serving] },
            "\(String(describing: ear.view))")
        let client = try RawSocket(port: Int(sentinel.port))
        // The Sentinel has to have found the replica, and may be asked too early.
        let isOrdered = try await ear.wait { _ in
            (try? client.ask("SENTINEL", "FAILOVER", "orders")) == .simple("OK")
        }
        #expect(isOrdered)
        #expect(
            try await ear.wait { ear in
                guard let view = ear.view, view.primary == endpoint(other) else { return false }
                return view.servers.first { $0.isPrimary }?.state == .serving
            }, "\(String(describing: ear.view))")
        #expect(try #require(ear.view).epoch > 0)
        try await loop.stop()
    }

    @Test("complains once of a server that lets nobody in, and serves when it does")
    func passwords() async throws {
        let primary = try RedisServer(["--requirepass", "shk9Hjwe"])
        let ear = Ear()
        let loop = try await start(
            primary: primary, nodes: [], credentials: Credentials(password: "wrong"), ear)
        #expect(try await ear.wait { !$0.lines.isEmpty })
        try await Task.sleep(for: .milliseconds(1_200))
        #expect(ear.lines.count == 1)
        #expect(ear.lines.first?.contains("lets nobody in: WRONGPASS") == true, "\(ear.lines)")
        #expect(ear.view?.servers.first?.state == .down)
        try await loop.stop()

        let right = Ear()
        let second = try await start(
            primary: primary, nodes: [], credentials: Credentials(password: "shk9Hjwe"), right)
        #expect(try await right.wait { $0.view?.servers.first?.state == .serving })
        try await second.stop()
    }

    @Test("gives up a server that accepts and says nothing, again and again")
    func silent() async throws {
        let listener = try RawListener()
        let ear = Ear()
        let settings = ObserverSettings(
            group: "orders", primary: .loopback(listener.port), nodes: [],
            downAfter: .milliseconds(500))
        let loop = try await ObserverLoop.start(
            [.init(settings: settings, credentials: Credentials(password: "quiet-please"))],
            log: { ear.hear($0) }, report: { _, view in ear.see(view) })
        // Ports are shared with other tests of this process, whose observers come here too: the
        // password tells this one, whoever else comes is let pass.
        var closed = 0
        for _ in 0..<10 where closed < 2 {
            let socket = try listener.accept()
            let greeting = String(decoding: socket.receive() ?? [], as: UTF8.self)
            guard greeting.contains("quiet-please") else { continue }
            #expect(socket.isClosedByPeer())
            closed += 1
        }
        #expect(closed == 2)
        #expect(ear.view?.servers.first?.state == .down)
        try await loop.stop()
    }
}
