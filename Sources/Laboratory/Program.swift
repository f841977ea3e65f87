import Glibc
public import MonotonicTime

/// A program that runs inside a host: started, watched, hurt and ended by process number.
///
/// It never outlives the laboratory, not even when that is killed.
public final class Program: Sendable {
    /// How a program ended.
    public enum ExitStatus: Equatable, Sendable {
        /// It ended by itself with this status.
        case exited(Int32)
        /// This signal ended it.
        case signalled(Int32)
    }

    private struct Life: Sendable {
        var ending: ExitStatus?
        /// False from the moment in which the process number may belong to another process.
        var ownsPID = true
    }

    /// For messages and the name of the output file.
    public let name: String
    /// Exact: no shell or launcher stands between.
    public let pid: Int32
    /// The file that holds what the program wrote to standard output and standard error.
    public let outputPath: String
    private let life = Shared(Life())

    /// Takes over a child that nobody else waits for.
    init(name: String, pid: Int32, outputPath: String) {
        self.name = name
        self.pid = pid
        self.outputPath = outputPath
        let life = life
        startThread { Self.reap(pid, life) }
    }

    private static func reap(_ pid: Int32, _ life: Shared<Life>) {
        var information = siginfo_t()
        // First only look: until the child is collected, its number can't be given to another.
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        life.with { life in
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7f
            life.ending = signal == 0 ? .exited(status >> 8 & 0xff) : .signalled(signal)
            life.ownsPID = false
        }
    }

    /// How it ended; `nil` while it runs.
    public var ending: ExitStatus? {
        life.with { $0.ending }
    }

    /// Whether it has not ended; a stopped program runs.
    public var isRunning: Bool {
        ending == nil
    }

    /// What it has written so far.
    public var output: String {
        Files.read(outputPath) ?? ""
    }

    /// Sends a signal; nothing happens when the program has ended.
    public func send(signal: Int32) {
        life.with { life in
            if life.ownsPID { Glibc.kill(pid, signal) }
        }
    }

    /// SIGKILL; returns when the program is gone.
    public func kill() {
        send(signal: SIGKILL)
        _ = wait()
    }

    /// SIGSTOP: it hangs, but its connections stay open.
    public func pause() {
        send(signal: SIGSTOP)
    }

    /// SIGCONT: it goes on after ``pause()``.
    public func resume() {
        send(signal: SIGCONT)
    }

    /// Waits for the end; `nil` when the program still runs after `limit`.
    public func wait(atMost limit: Interval? = nil) -> ExitStatus? {
        life.wait(until: limit.map { Laboratory.now + $0 }) { $0.ending }
    }

    /// Waits until the program's output contains `text`; `false` when it does not within `limit`,
    /// or the program has ended without it.
    public func waitForOutput(_ text: String, atMost limit: Interval) -> Bool {
        let deadline = Laboratory.now + limit
        while true {
            // Asked before reading: what an ended program has written is all that will come.
            let isLast = !isRunning || Laboratory.now >= deadline
            if output.contains(text) { return true }
            if isLast { return false }
            usleep(Self.outputPollMicroseconds)
        }
    }

    private static let outputPollMicroseconds: UInt32 = 2_000
}
