import Glibc
import MonotonicTime
import Testing

@testable import Laboratory

@Suite("The register of runs", .timeLimit(.minutes(1)))
struct RunRecordTests {
    /// A program that nobody's death ends, as a server is where setpriv is missing.
    private func startSleeper() throws -> Program {
        let output = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer { close(output) }
        let pid = try Spawn(
            executable: try #require(Files.executable("sleep")), arguments: ["300"],
            standardOutput: output
        ).start()
        return Program(name: "sleep", pid: pid, outputPath: "/dev/null")
    }

    /// Enters a run as a crashed one leaves it: not locked by anybody. It appears whole, since
    /// another test's laboratory may sweep at any moment.
    private func enterCrashedRun(_ run: String, _ lines: String) throws {
        try Files.makeDirectory(RunRecord.register)
        let draft = "/tmp/laboratory-test-\(run)"
        try Files.write(lines, to: draft)
        #expect(rename(draft, "\(RunRecord.register)/\(run)") == 0)
    }

    @Test("a crashed run's processes and files are removed by the next run")
    func crashedRun() throws {
        let sleeper = try startSleeper()
        defer { sleeper.kill() }
        let identity = try #require(ProcessTable.identity(of: sleeper.pid))
        let run = "\(getpid())-900001"
        try Files.makeDirectory("/tmp/baton-\(run)")
        try Files.write("", to: "/tmp/baton-\(run)/redis.log")
        try enterCrashedRun(
            run,
            """
            directory /tmp/baton-\(run)
            process \(identity.pid) \(identity.startTicks)

            """)

        let record = try RunRecord()
        defer { record.erase() }
        #expect(sleeper.wait(atMost: .seconds(5)) == .signalled(SIGKILL))
        #expect(access("/tmp/baton-\(run)", F_OK) != 0)
        #expect(!Files.names(in: RunRecord.register).contains(run))
    }

    @Test("a later process with the number of a crashed run's process is spared")
    func reusedNumber() throws {
        let sleeper = try startSleeper()
        defer { sleeper.kill() }
        let identity = try #require(ProcessTable.identity(of: sleeper.pid))
        let run = "\(getpid())-900002"
        try enterCrashedRun(run, "process \(identity.pid) \(identity.startTicks - 1)\n")

        let record = try RunRecord()
        defer { record.erase() }
        #expect(!Files.names(in: RunRecord.register).contains(run))
        #expect(sleeper.isRunning)
    }

    @Test("no directory but the run's own is ever removed, whatever an entry says")
    func foreignDirectory() throws {
        let run = "\(getpid())-900003"
        let foreign = "/tmp/laboratory-test-foreign-\(getpid())"
        try Files.makeDirectory(foreign)
        defer { rmdir(foreign) }
        try enterCrashedRun(run, "directory \(foreign)\ngarbage\n\nprocess x y\nprocess 1\n")

        let record = try RunRecord()
        defer { record.erase() }
        #expect(!Files.names(in: RunRecord.register).contains(run))
        #expect(access(foreign, F_OK) == 0)
    }

    @Test("a living run is left alone")
    func livingRun() throws {
        let living = try RunRecord()
        defer { living.erase() }
        let next = try RunRecord()
        defer { next.erase() }
        #expect(living.run != next.run)
        #expect(access(living.directory, F_OK) == 0)
        #expect(Files.names(in: RunRecord.register).contains(living.run))
    }
}
