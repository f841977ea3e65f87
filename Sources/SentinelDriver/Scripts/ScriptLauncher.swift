internal import CLinux
internal import DropInCore
internal import Glibc
internal import NIOPosix
internal import Synchronization

/// Starts scripts as Sentinel does: with its environment, its standard streams and no other
/// descriptor.
///
/// A thread waits for each, since the core lets only a few run; the threads are made when the
/// first script is called.
final class ScriptLauncher: Sendable {
    /// As many as the core lets run at a time.
    private static let threadCount = 16

    private struct State {
        var pool: NIOThreadPool?
        /// Only looked up.
        var running: [ScriptID: pid_t] = [:]
    }

    private let state = Mutex(State())
    private let report: @Sendable (DropInEvent) -> Void

    /// `report` is called on any thread.
    init(report: @escaping @Sendable (DropInEvent) -> Void) {
        self.report = report
    }

    func run(_ script: ScriptID, path: String, arguments: [String]) {
        pool().submit { _ in
            guard let processID = Self.spawn(path, arguments) else {
                return self.report(.scriptEnded(script, .failed))
            }
            self.state.withLock { $0.running[script] = processID }
            self.report(.scriptStarted(script, processID: processID))
            let ending = self.wait(for: processID, script)
            self.report(.scriptEnded(script, ending))
        }
    }

    /// Kills it unless it has ended.
    func kill(_ script: ScriptID) {
        state.withLock { state in
            if let processID = state.running[script] { _ = Glibc.kill(processID, SIGKILL) }
        }
    }

    /// Kills what runs, and ends the threads.
    func shutDown() async throws {
        let pool = state.withLock { state in
            for processID in state.running.values { _ = Glibc.kill(processID, SIGKILL) }
            return state.pool
        }
        try await pool?.shutdownGracefully()
    }

    private func pool() -> NIOThreadPool {
        state.withLock { state in
            if let pool = state.pool { return pool }
            let pool = NIOThreadPool(numberOfThreads: Self.threadCount)
            pool.start()
            state.pool = pool
            return pool
        }
    }

    private static func spawn(_ path: String, _ arguments: [String]) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What this process ignores or blocks, a script must not.
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var argv: [UnsafeMutablePointer<CChar>?] =
            ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in argv { free(word) } }
        var processID: pid_t = 0
        guard posix_spawn(&processID, path, &actions, &attributes, &argv, environ) == 0 else {
            return nil
        }
        return processID
    }

    /// Waits in two steps, so that an identity is never used for killing once another process may
    /// have it.
    private func wait(for processID: pid_t, _ script: ScriptID) -> ScriptEnding {
        var information = siginfo_t()
        while waitid(P_PID, id_t(processID), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {
        }
        state.withLock { $0.running[script] = nil }
        var status: Int32 = 0
        while waitpid(processID, &status, 0) < 0 {
            guard errno == EINTR else { return .failed }
        }
        let signal = status & 0x7F
        return signal == 0 ? .exited(status >> 8 & 0xFF) : .signalled(signal)
    }
}
