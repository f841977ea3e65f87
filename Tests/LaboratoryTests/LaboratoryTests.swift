import Addressing
import Glibc
import MonotonicTime
import RESP
import Testing

@testable import Laboratory

@Suite("A laboratory's life", .needsRoot, .timeLimit(.minutes(1)))
struct LaboratoryTests {
    @Test("building and closing leaves no namespace, no process and no file")
    func leavesNothing() throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let namespaces = laboratory.hosts.compactMap(\.namespace)
        let run = try #require(RunRecord.run(ofDirectory: laboratory.directory))
        let server = try laboratory.startServer(on: laboratory.host("redis01"))
        // A grandchild that its parent leaves behind must go too.
        let shell = try laboratory.host("redis02").launch(
            "sh", ["-c", "sleep 300 & echo $!; exec sleep 300"])
        while shell.output.isEmpty, shell.isRunning { usleep(1_000) }
        let grandchild = try #require(Int32(shell.output.split(separator: "\n")[0]))
        let pids = [try #require(server.program).pid, shell.pid, grandchild]
        #expect(namespaces.count == 4)
        #expect(Namespaces.existing(of: run).count == 6)
        #expect(pids.allSatisfy { ProcessTable.identity(of: $0) != nil })

        laboratory.close()

        #expect(Namespaces.existing(of: run).isEmpty)
        #expect(access(laboratory.directory, F_OK) != 0)
        #expect(!Files.names(in: RunRecord.register).contains(run))
        #expect(!pids.contains(where: isRunning))
        laboratory.close()
    }

    /// A killed grandchild stays listed until whoever inherits it collects it.
    private func isRunning(_ pid: Int32) -> Bool {
        guard let stat = Files.read("/proc/\(pid)/stat") else { return false }
        return !stat.contains(") Z")
    }

    @Test("two laboratories at the same time do not disturb each other")
    func twoAtOnce() throws {
        let first = try Laboratory.build()
        defer { first.close() }
        let second = try Laboratory.build()
        defer { second.close() }
        let endpoint = first.host("redis01").redisEndpoint
        let server = try first.startServer(on: first.host("redis01"))

        let reached = try server.connect(from: first.host("client")).command("PING")
        #expect(reached == .simple("PONG"))
        // The same address in the other laboratory is another host, without a server.
        #expect(throws: ConnectionFailure.refused) {
            try RedisClient(from: second.host("client"), to: endpoint)
        }
        second.close()
        #expect(try server.connect(from: first.host("client")).command("PING") == reached)
    }

    @Test("the root namespace is left as it was")
    func rootNamespace() throws {
        let before = rootInterfaces()
        let laboratory = try Laboratory.build(.note)
        defer { laboratory.close() }
        #expect(rootInterfaces() == before)
        #expect(!before.isEmpty)
    }

    private func rootInterfaces() -> [String] {
        Files.names(in: "/sys/class/net")
    }

    @Test("three servers of the note replicate")
    func replication() throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let servers = try laboratory.startReplication()
        let client = laboratory.host("client")
        let primary = try servers[0].connect(from: client)
        #expect(try primary.command("SET", "a", "1") == .simple("OK"))
        #expect(try primary.command("WAIT", "2", "5000") == .integer(2))
        for replica in servers.dropFirst() {
            #expect(try replica.connect(from: client).command("GET", "a") == .bulk("1"))
        }
    }

    @Test("a process that exits without closing leaves nothing", .timeLimit(.minutes(1)))
    func exitWithoutClose() async throws {
        let note = temporaryFile()
        defer { unlink(note) }
        await #expect(processExitsWith: .success) { [note = note as String] in
            let laboratory = try Laboratory.build()
            try Files.write(laboratory.directory, to: note)
            exit(0)
        }
        try expectNothingLeft(of: note)
    }

    @Test("a process that is asked to end by a signal leaves nothing")
    func signalled() async throws {
        let note = temporaryFile()
        defer { unlink(note) }
        await #expect(processExitsWith: .signal(SIGTERM)) { [note = note as String] in
            Laboratory.closeAllOnSignals()
            let laboratory = try Laboratory.build()
            _ = try laboratory.startServer(on: laboratory.host("redis01"))
            try Files.write(laboratory.directory, to: note)
            kill(getpid(), SIGTERM)
            while true { pause() }
        }
        try expectNothingLeft(of: note)
    }

    @Test(
        "what a killed process leaves is removed by the next laboratory, and its servers are dead")
    func killed() async throws {
        let note = temporaryFile()
        defer { unlink(note) }
        await #expect(processExitsWith: .signal(SIGKILL)) { [note = note as String] in
            let laboratory = try Laboratory.build()
            let server = try laboratory.startServer(on: laboratory.host("redis01"))
            try Files.write("\(laboratory.directory) \(server.program!.pid)", to: note)
            kill(getpid(), SIGKILL)
        }
        let pid = try #require(Files.read(note)?.split(separator: " ").last.flatMap { Int32($0) })
        // The kernel has ended it with its parent; it may be listed until somebody collects it.
        let deadline = Laboratory.now + .seconds(2)
        while isRunning(pid), Laboratory.now < deadline { usleep(1_000) }
        #expect(!isRunning(pid))

        try Laboratory.build().close()
        try expectNothingLeft(of: note)
    }

    private func temporaryFile() -> String {
        "/tmp/laboratory-test-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    }

    private func expectNothingLeft(
        of note: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let text = try #require(Files.read(note), sourceLocation: sourceLocation)
        let directory = String(try #require(text.split(separator: " ").first))
        let run = try #require(RunRecord.run(ofDirectory: directory))
        #expect(Namespaces.existing(of: run).isEmpty, sourceLocation: sourceLocation)
        #expect(access(directory, F_OK) != 0, sourceLocation: sourceLocation)
        #expect(
            !Files.names(in: RunRecord.register).contains(run), sourceLocation: sourceLocation)
    }
}

@Suite("A laboratory on loopback", .enabled(if: Laboratory.availability.permitsLoopback))
struct LoopbackLaboratoryTests {
    @Test("three servers replicate on ports of their own, also beside a second laboratory")
    func replication() throws {
        let first = try Laboratory.buildOnLoopback()
        defer { first.close() }
        let servers = try first.startReplication()
        let second = try Laboratory.buildOnLoopback()
        defer { second.close() }
        let others = try second.startReplication()

        #expect(try servers[0].connect().command("SET", "a", "1") == .simple("OK"))
        #expect(try servers[0].connect().command("WAIT", "2", "5000") == .integer(2))
        #expect(try servers[2].connect().command("GET", "a") == .bulk("1"))
        #expect(try others[2].connect().command("GET", "a") == .null)
        #expect(Set((servers + others).map(\.endpoint)).count == 6)
    }

    @Test("cutting a network is refused with the reason")
    func noFaults() throws {
        let laboratory = try Laboratory.buildOnLoopback()
        defer { laboratory.close() }
        #expect(throws: LaboratoryError.needsNamespaces(operation: "isolate")) {
            try laboratory.isolate(laboratory.host("redis01"))
        }
    }
}
