import Glibc
import MonotonicTime
import Testing

@testable import Laboratory

@Suite(
    "A program of the laboratory", .enabled(if: Laboratory.availability.permitsLoopback),
    .timeLimit(.minutes(1)))
struct ProgramTests {
    private func withHost(_ body: (Host) throws -> Void) throws {
        let laboratory = try Laboratory.buildOnLoopback()
        defer { laboratory.close() }
        try body(laboratory.host("client"))
    }

    @Test("how it ended is known: its status, or the signal")
    func endings() throws {
        try withHost { host in
            let failing = try host.launch("sh", ["-c", "exit 7"], name: "failing")
            let killed = try host.launch("sleep", ["300"], name: "killed")
            #expect(failing.wait(atMost: .seconds(10)) == .exited(7))
            #expect(killed.wait(atMost: .zero) == nil)
            killed.kill()
            #expect(killed.ending == .signalled(SIGKILL))
            killed.send(signal: SIGTERM)
        }
    }

    @Test("its output can be waited for while it runs")
    func output() throws {
        try withHost { host in
            let program = try host.launch("sh", ["-c", "echo ready; exec sleep 300"])
            #expect(program.waitForOutput("ready", atMost: .seconds(10)))
            #expect(program.isRunning)
            #expect(!program.waitForOutput("done", atMost: .milliseconds(10)))
        }
    }

    @Test("waiting for the output of a program that has ended does not last")
    func outputOfEnded() throws {
        try withHost { host in
            let program = try host.launch("sh", ["-c", "echo last"])
            #expect(!program.waitForOutput("never", atMost: .seconds(3_600)))
            #expect(program.waitForOutput("last", atMost: .zero))
        }
    }

    @Test("Ctrl-C at the terminal does not reach it: it has a process group of its own")
    func processGroup() throws {
        try withHost { host in
            let program = try host.launch("sleep", ["300"])
            #expect(getpgid(program.pid) == program.pid)
        }
    }
}
