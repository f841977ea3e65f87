internal import Addressing
internal import SentinelCore
internal import Subprocess

#if canImport(System)
internal import System
#else
internal import SystemPackage
#endif

/// Runs the operator's scripts as Sentinel does: at most 16 at a time, each for at most a minute,
/// again after a while when one exits with 1 or is killed, up to ten times.
///
/// Nothing waits for a script and nothing depends on one: the write address needs none.
final class ScriptRunner: Sendable {
    private let scripts: [String: GroupScripts]
    private let queue = ScriptQueue()
    private let log: @Sendable (LogLine) -> Void

    init(_ scripts: [String: GroupScripts], log: @escaping @Sendable (LogLine) -> Void) {
        self.scripts = scripts
        self.log = log
    }

    /// Tells the group's notification script of an event of the warning level.
    func notify(_ announcement: Announcement) {
        guard announcement.name.level == .warning, let group = announcement.subject.group,
            let path = scripts[group]?.notification
        else { return }
        start(path, [announcement.name.rawValue, announcement.message])
    }

    /// Tells the group's client-reconfig-script of a new primary.
    func clientsMoved(group: String, by part: FailoverPart, from: Endpoint, to: Endpoint) {
        guard let path = scripts[group]?.clientReconfiguration else { return }
        start(
            path,
            [
                group, part.rawValue, "start", "\(from.address)", "\(from.port)", "\(to.address)",
                "\(to.port)",
            ])
    }

    private func start(_ path: String, _ arguments: [String]) {
        Task { [queue, log] in
            guard await queue.enter() else {
                return log(
                    LogLine(
                        .warning,
                        "The script \(path) was not called: \(ScriptQueue.waitingMax) scripts are"
                            + " waiting already"))
            }
            await Self.attempt(path, arguments, log: log)
            await queue.leave()
        }
    }

    /// Sentinel's limits.
    private static let attemptsMax = 10
    private static let runtimeMax = Duration.seconds(60)
    private static let retryDelay = Duration.seconds(30)

    private static func attempt(
        _ path: String, _ arguments: [String], log: @Sendable (LogLine) -> Void
    ) async {
        for attempt in 0..<attemptsMax {
            let ending = await runOnce(path, arguments)
            switch ending {
            case .exited(0):
                return
            case .exited(1), .signalled, .timedOut:
                log(LogLine(.warning, event: "-script-error", "\(path) \(ending.text)"))
                try? await Task.sleep(for: retryDelay * (1 << attempt))
            case .exited, .failed:
                return log(LogLine(.warning, event: "-script-error", "\(path) \(ending.text)"))
            }
        }
    }

    private enum Ending {
        case exited(Int32)
        case signalled(Int32)
        case timedOut
        case failed(String)

        /// Sentinel writes the signal, then the exit code.
        var text: String {
            switch self {
            case .exited(let code): "0 \(code)"
            case .signalled(let signal): "\(signal) 0"
            case .timedOut: "9 0 (killed after a minute)"
            case .failed(let reason): "99 0 (\(reason))"
            }
        }
    }

    private static func runOnce(_ path: String, _ arguments: [String]) async -> Ending {
        await withTaskGroup(of: Ending?.self) { group in
            group.addTask {
                do {
                    let result = try await run(
                        .path(FilePath(path)), arguments: Arguments(arguments), input: .none,
                        output: .discarded, error: .discarded)
                    switch result.terminationStatus {
                    case .exited(let code): return .exited(Int32(code))
                    case .signaled(let signal): return .signalled(Int32(signal))
                    }
                } catch is CancellationError {
                    return .timedOut
                } catch {
                    return .failed("\(error)")
                }
            }
            group.addTask {
                try? await Task.sleep(for: runtimeMax)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? .timedOut
        }
    }
}

/// Lets 16 scripts run and 256 wait, in the order in which they were called.
private actor ScriptQueue {
    static let runningMax = 16
    static let waitingMax = 256

    private var runningCount = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// False when too many wait already.
    func enter() async -> Bool {
        if runningCount < Self.runningMax {
            runningCount += 1
            return true
        }
        guard waiting.count < Self.waitingMax else { return false }
        await withCheckedContinuation { waiting.append($0) }
        return true
    }

    func leave() {
        if waiting.isEmpty {
            runningCount -= 1
        } else {
            waiting.removeFirst().resume()
        }
    }
}
