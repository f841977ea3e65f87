public import MonotonicTime
import SentinelCore

/// One call of a script. Never used twice.
public struct ScriptID: Hashable, Sendable {
    public var number: UInt64

    public init(number: UInt64) {
        self.number = number
    }
}

/// How a script's process ended.
public enum ScriptEnding: Equatable, Sendable {
    case exited(Int32)
    case signalled(Int32)
    /// It could not be started.
    case failed
}

/// One entry of `SENTINEL PENDING-SCRIPTS`.
public struct PendingScript: Equatable, Sendable {
    /// Whether it runs. How long ago it began, and in how long it will.
    public enum State: Equatable, Sendable {
        case running(processID: Int32, since: Interval)
        /// `after` is zero when it is due.
        case scheduled(after: Interval)
    }

    /// The path, then the arguments.
    public var words: [String]
    public var state: State
    /// How often it was started.
    public var tryCount: Int

    public init(words: [String], state: State, tryCount: Int) {
        self.words = words
        self.state = state
        self.tryCount = tryCount
    }
}

/// The operator's scripts, called as Sentinel calls them: at most 16 at a time, each for at most
/// a minute, again after a while when one exits with 1 or is killed, up to ten times.
///
/// Nothing waits for a script and nothing depends on one.
struct ScriptQueue: Sendable {
    private struct Entry: Sendable {
        let id: ScriptID
        let path: String
        let arguments: [String]
        var state: State
        var tryCount = 0
    }

    private enum State: Equatable, Sendable {
        case waiting(until: Instant)
        case running(since: Instant, processID: Int32, isKilled: Bool)
    }

    private var entries: [Entry] = []
    private var nextNumber: UInt64 = 1

    /// Sentinel's figures.
    static let countMax = 256
    static let runningMax = 16
    static let triesMax = 10
    /// A year: the last pause is 256 times as long.
    private static let delayMax = Interval.seconds(365 * 86_400)

    var count: Int { entries.count }

    var runningCount: Int { entries.count { Self.isRunning($0) } }

    /// The oldest that does not run gives way when there are too many.
    mutating func add(path: String, arguments: [String], at now: Instant) {
        entries.append(
            Entry(
                id: ScriptID(number: nextNumber), path: path, arguments: arguments,
                state: .waiting(until: now)))
        nextNumber += 1
        guard entries.count > Self.countMax else { return }
        if let oldest = entries.firstIndex(where: { !Self.isRunning($0) }) {
            entries.remove(at: oldest)
        }
    }

    /// Starts what is due and kills what runs for too long.
    mutating func run(
        at now: Instant, runTimeMax: Interval, into effects: inout [DropInEffect]
    ) {
        guard !entries.isEmpty else { return }
        var runningCount = runningCount
        for index in entries.indices {
            switch entries[index].state {
            case .waiting(let until):
                guard now >= until, runningCount < Self.runningMax else { continue }
                entries[index].state = .running(since: now, processID: 0, isKilled: false)
                entries[index].tryCount += 1
                runningCount += 1
                effects.append(
                    .runScript(
                        entries[index].id, path: entries[index].path,
                        arguments: entries[index].arguments))
            case .running(let since, let processID, false) where now - since > runTimeMax:
                entries[index].state = .running(
                    since: since, processID: processID, isKilled: true)
                effects.append(
                    .announce(
                        Announcement(
                            .scriptTimeout, detail: "\(entries[index].path) \(processID)")))
                effects.append(.killScript(entries[index].id))
            case .running:
                continue
            }
        }
    }

    mutating func started(
        _ id: ScriptID, processID: Int32, into effects: inout [DropInEffect]
    ) {
        guard let index = entries.firstIndex(where: { $0.id == id }),
            case .running(let since, _, let isKilled) = entries[index].state
        else { return }
        entries[index].state = .running(since: since, processID: processID, isKilled: isKilled)
        effects.append(.announce(Announcement(.scriptStarted, detail: "\(processID)")))
    }

    mutating func ended(
        _ id: ScriptID, _ ending: ScriptEnding, delay: Interval, at now: Instant,
        _ effects: inout [DropInEffect]
    ) {
        guard let index = entries.firstIndex(where: { $0.id == id }),
            case .running(_, let processID, _) = entries[index].state
        else { return }
        let path = entries[index].path
        let (signal, code, isRetried) =
            switch ending {
            case .exited(let code): (Int32(0), code, code == 1)
            case .signalled(let signal): (signal, Int32(0), true)
            case .failed: (Int32(99), Int32(0), false)
            }
        if ending != .failed {
            effects.append(
                .announce(
                    Announcement(.scriptEnded, detail: "\(processID) \(code) \(signal)")))
        }
        if isRetried, entries[index].tryCount < Self.triesMax {
            let pause = min(delay, Self.delayMax) * (1 << (entries[index].tryCount - 1))
            entries[index].state = .waiting(until: now + pause)
            return
        }
        entries.remove(at: index)
        guard ending != .exited(0) else { return }
        effects.append(
            .announce(Announcement(.scriptError, detail: "\(path) \(signal) \(code)")))
    }

    func pending(at now: Instant) -> [PendingScript] {
        entries.map { entry in
            let state: PendingScript.State =
                switch entry.state {
                case .waiting(let until): .scheduled(after: max(.zero, until - now))
                case .running(let since, let processID, _):
                    .running(processID: processID, since: now - since)
                }
            return PendingScript(
                words: [entry.path] + entry.arguments, state: state, tryCount: entry.tryCount)
        }
    }

    private static func isRunning(_ entry: Entry) -> Bool {
        switch entry.state {
        case .running: true
        case .waiting: false
        }
    }
}
