import Addressing
import DropInCore
import Glibc
import MonotonicTime
import NIOCore
import RESP
import SentinelCore
import Synchronization
import Testing

@testable import SentinelDriver

@Suite(
    "A drop-in Sentinel among real Sentinels and real servers", .serialized,
    .timeLimit(.minutes(3)))
struct DropInLoopTests {
    /// Keeps what was saved in memory; fails where it is told to.
    private final class Storage: DropInStorage {
        let saved = Mutex<Ledger?>(nil)
        let problem = Mutex<String?>(nil)

        func save(
            _ ledger: Ledger, _ globals: GlobalSettings
        ) throws(DropInSaveFailure) {
            if let problem = problem.withLock({ $0 }) { throw DropInSaveFailure(problem) }
            saved.withLock { $0 = ledger }
        }
    }

    /// A primary, two replicas, one of ours and two real Sentinels.
    private final class Fleet {
        let servers: [RedisServer]
        let sentinels: [RedisServer]
        let directories: [TemporaryDirectory]
        let loop: DropInLoop
        let port: UInt16
        let listener: any Channel
        let log: LogCapture
        let storage = Storage()

        init(
            quorum: Int, downAfter: Int, realDownAfter: Int,
            _ change: (inout MasterSettings) -> Void = { _ in }
        ) async throws {
            directories = try (0..<5).map { _ in try TemporaryDirectory() }
            let primary = try RedisServer(
                ["--repl-diskless-sync-delay", "0", "--dir", directories[0].path])
            var servers = [primary]
            for number in 1...2 {
                servers.append(
                    try RedisServer([
                        "--replicaof", "127.0.0.1 \(primary.port)", "--dir",
                        directories[number].path, "--repl-diskless-sync-delay", "0",
                    ]))
            }
            self.servers = servers
            sentinels = try (3...4).map { [directories] in
                try RedisServer(
                    sentinelOf: primary, in: directories[$0], quorum: 2,
                    downAfter: realDownAfter)
            }
            port = try FreePort.next()
            var settings = MasterSettings(name: "orders", quorum: quorum)
            settings.downAfter = .milliseconds(downAfter)
            change(&settings)
            var ledger = Ledger()
            ledger.entries = [.init(settings: settings, primary: Place(.loopback(primary.port)))]
            var globals = GlobalSettings()
            globals.port = port
            log = try LogCapture()
            loop = try await DropInLoop.start(
                .init(ledger: ledger, globals: globals, storage: storage), log: log.log)
            listener = try await SmallPort.open(port, for: loop)
        }

        func stop() async throws {
            try await listener.close().get()
            try await loop.stop()
            await log.log.shutDown()
        }

        /// Waits, thirty seconds at the most.
        func wait(_ isSo: (Fleet) async throws -> Bool) async throws -> Bool {
            for _ in 0..<1500 {
                if try await isSo(self) { return true }
                try await Task.sleep(for: .milliseconds(20))
            }
            return false
        }

        var group: GroupPortrait? {
            get async throws { try await loop.portrait().groups.first }
        }

        /// What a real Sentinel takes for the primary's port.
        func port(by sentinel: RedisServer) throws -> Int? {
            let client = try RawSocket(port: Int(sentinel.port))
            let value = try client.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "orders")
            return value.elements?.last?.number
        }

        /// Everybody found everybody.
        func settle() async throws -> Bool {
            try await wait { fleet in
                let group = try await fleet.group
                guard group?.sentinels.count == 2, group?.replicas.count == 2,
                    group?.replicas.allSatisfy({ $0.flags == ["slave"] }) == true,
                    group?.usableSentinelCount == 3
                else { return false }
                return try fleet.sentinels.allSatisfy { sentinel in
                    let client = try RawSocket(port: Int(sentinel.port))
                    let pairs = try client.ask("SENTINEL", "MASTER", "orders").pairs ?? []
                    return pairs.first { $0.key.string == "num-other-sentinels" }?.value.number == 2
                }
            }
        }

        /// Everybody takes the same server for the primary, which is not the first, and the
        /// remaining one follows it.
        func agrees() async throws -> Bool {
            try await wait { fleet in
                guard let port = try await fleet.group?.master.port,
                    port != fleet.servers[0].port
                else { return false }
                let other = fleet.servers[1].port == port ? fleet.servers[2] : fleet.servers[1]
                let client = try RawSocket(port: Int(other.port))
                let info = try client.ask("INFO", "replication").text ?? ""
                return try fleet.sentinels.allSatisfy { try fleet.port(by: $0) == Int(port) }
                    && info.contains("master_port:\(port)")
            }
        }

        /// The moment of the first line that holds this, in milliseconds of its day.
        func moment(_ text: String) -> Int? {
            guard let line = log.text.split(separator: "\n").first(where: { $0.contains(text) })
            else { return nil }
            let words = line.split(separator: " ")
            guard words.count > 4 else { return nil }
            let parts = words[4].split(whereSeparator: { $0 == ":" || $0 == "." }).compactMap {
                Int($0)
            }
            guard parts.count == 4 else { return nil }
            return ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * 1000 + parts[3]
        }
    }

    @Test("leads a failover by the votes of real ones, within 300 ms of +sdown")
    func leads() async throws {
        let fleet = try await Fleet(quorum: 1, downAfter: 1000, realDownAfter: 5000)
        #expect(try await fleet.settle())
        fleet.servers[0].end()
        #expect(try await fleet.agrees())
        try await fleet.stop()
        let log = fleet.log.text
        #expect(log.contains(" voted for \(fleet.loop.id) 1"), "\(log)")
        #expect(log.contains("+elected-leader master orders"), "\(log)")
        let down = try #require(fleet.moment("+sdown master"))
        let moved = try #require(fleet.moment("+switch-master"))
        #expect((0...300).contains(moved - down), "\(log)")
        let saved = fleet.storage.saved.withLock { $0 }
        #expect(saved?.entries[0].configEpoch == 1)
        #expect(saved?.entries[0].primary.port != fleet.servers[0].port)
        #expect(saved?.entries[0].sentinels.count == 2)
    }

    @Test("votes for a real one and takes over what it announces")
    func follows() async throws {
        let fleet = try await Fleet(quorum: 2, downAfter: 20_000, realDownAfter: 1000)
        #expect(try await fleet.settle())
        fleet.servers[0].end()
        #expect(try await fleet.agrees())
        try await fleet.stop()
        let log = fleet.log.text
        #expect(log.contains("+vote-for-leader "), "\(log)")
        #expect(log.contains("+config-update-from sentinel "), "\(log)")
        #expect(!log.contains("+try-failover"), "\(log)")
        #expect(fleet.storage.saved.withLock { $0 }?.entries[0].leaderEpoch == 1)
    }

    @Test(
        "agrees with real ones whoever of them is first, and the old primary comes back a replica")
    func race() async throws {
        let fleet = try await Fleet(quorum: 2, downAfter: 1000, realDownAfter: 1000)
        #expect(try await fleet.settle())
        fleet.servers[0].end()
        #expect(try await fleet.agrees())
        try await fleet.stop()
        #expect(fleet.log.text.contains("+switch-master orders"))
    }

    @Test("obeys orders, says when it cannot save, and votes again when it can")
    func orders() async throws {
        let fleet = try await Fleet(quorum: 2, downAfter: 5000, realDownAfter: 5000)
        #expect(try await fleet.settle())
        fleet.storage.problem.withLock { $0 = "No space left on device" }
        #expect(try await fleet.loop.order(.flush) == .refused(.notSaved))
        fleet.storage.problem.withLock { $0 = nil }
        #expect(try await fleet.loop.order(.flush) == .done)
        #expect(try await fleet.loop.order(.failover("orders", isCoordinated: false)) == .done)
        #expect(try await fleet.agrees())
        #expect(
            try await fleet.wait { fleet in
                let client = try RawSocket(port: Int(fleet.servers[0].port))
                let role = try client.ask("ROLE").elements?.first?.string
                return role == "slave"
            })
        try await fleet.stop()
        #expect(fleet.log.text.contains("was not able to save the new configuration on disk"))
    }

    @Test("has the primary hand over where the failover is coordinated")
    func coordinated() async throws {
        let fleet = try await Fleet(quorum: 2, downAfter: 5000, realDownAfter: 5000)
        #expect(try await fleet.settle())
        #expect(try await fleet.loop.order(.failover("orders", isCoordinated: true)) == .done)
        #expect(try await fleet.agrees())
        try await fleet.stop()
        let client = try RawSocket(port: Int(fleet.servers[0].port))
        #expect(try client.ask("ROLE").elements?.first?.string == "slave")
        #expect(fleet.log.text.contains("+elected-leader"), "\(fleet.log.text)")
    }

    @Test("calls a script with no descriptor of its own open")
    func scripts() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/script"
        let output = directory.path + "/output"
        directory.put(
            Array("#!/bin/sh\necho \"$@\" $(ls /proc/self/fd | wc -l) >> \(output)\n".utf8),
            "script")
        chmod(path, 0o755)
        let fleet = try await Fleet(quorum: 2, downAfter: 5000, realDownAfter: 5000) {
            $0.clientReconfigScript = path
        }
        #expect(try await fleet.settle())
        #expect(try await fleet.loop.order(.failover("orders", isCoordinated: false)) == .done)
        #expect(try await fleet.agrees())
        #expect(try await fleet.wait { _ in directory.contents("output")?.isEmpty == false })
        try await fleet.stop()
        let words = (directory.contents("output") ?? "").split(separator: " ")
        #expect(words.prefix(4) == ["orders", "leader", "start", "127.0.0.1"])
        // Standard streams, the directory that ls reads, and nothing else.
        #expect(words.last?.prefix(1) == "4", "\(words)")
    }
}
