internal import Glibc
internal import NIOPosix
public import SentinelCore
internal import Synchronization

/// Where the node tells what happens: one line an event, on a thread of its own.
///
/// The loop only ever puts a line into a bounded queue. When the disk or the reader of standard
/// output is too slow, lines are dropped and the log says how many.
public final class EventLog: Sendable {
    /// How a line looks.
    public enum Format: Equatable, Sendable {
        /// As Sentinel writes it.
        case sentinel
        /// One object a line.
        case json
    }

    /// Where the lines go.
    public enum Destination: Equatable, Sendable {
        case standardOutput
        /// Appended to, created when missing (mode 0640). Opened again when it was moved or
        /// removed, as logrotate does, or when ``reopen()`` says so.
        case file(String)
    }

    /// Why a log cannot be written.
    public struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
        /// The file.
        public var path: String
        /// The `errno`.
        public var code: Int32
        /// File and reason.
        public var description: String {
            "log file \(path): cannot be opened: \(String(cString: strerror(code)))"
        }
    }

    /// The most lines that wait: about a megabyte, and far more than a failover writes.
    static let waitingLinesMax = 8192

    private struct Queue {
        var lines: [LogLine] = []
        var droppedCount = 0
        var isDraining = false
    }

    /// The host's own log, told the same lines.
    public struct SystemLog: Sendable {
        var name: String
        var facility: String

        /// `facility` is one of user, local0 to local7; another is taken for local0.
        public init(name: String, facility: String) {
            self.name = name
            self.facility = facility
        }
    }

    private let format: Format
    /// The rank of the least level that is told; above all of them: nothing is.
    private let leastRank: Atomic<Int>
    private let isInSystemLog: Bool
    private let queue = Mutex(Queue())
    private let sink: Mutex<LogSink>
    private let pool = NIOThreadPool(numberOfThreads: 1)
    private let mustReopen = Atomic(false)

    /// A log that is open. Lines below `leastLevel` are left out; Sentinel's default is `notice`.
    public init(
        to destination: Destination, format: Format = .sentinel,
        leastLevel: Announcement.Level = .notice, systemLog: SystemLog? = nil
    ) throws(Failure) {
        self.format = format
        leastRank = Atomic(leastLevel.rank)
        isInSystemLog = systemLog != nil
        if let systemLog { Self.open(systemLog) }
        switch destination {
        case .standardOutput: sink = Mutex(LogSink())
        case .file(let path): sink = Mutex(try LogSink(path: path))
        }
        pool.start()
    }

    /// Queues a line and returns at once.
    public func write(_ line: LogLine) {
        guard line.level.rank >= leastRank.load(ordering: .relaxed) else { return }
        let mustSubmit = queue.withLock { queue in
            guard queue.lines.count < Self.waitingLinesMax else {
                queue.droppedCount += 1
                return false
            }
            queue.lines.append(line)
            defer { queue.isDraining = true }
            return !queue.isDraining
        }
        if mustSubmit { pool.submit { _ in self.drain() } }
    }

    /// From now on lines below `level` are left out; `nil`: all are. May be called from any thread.
    public func setLeastLevel(_ level: Announcement.Level?) {
        leastRank.store(level?.rank ?? Int.max, ordering: .relaxed)
    }

    /// Opens the file again before the next line is written. May be called from any thread, also
    /// where only async-signal-safe things may be done.
    public func reopen() {
        mustReopen.store(true, ordering: .relaxed)
    }

    /// From now on `SIGUSR1` means ``reopen()`` to every log of this process.
    public static func reopenOnSIGUSR1() {
        // Touched here, because a handler must not be what initialises a global.
        _ = hangupCount.load(ordering: .relaxed)
        signal(SIGUSR1) { _ in _ = hangupCount.wrappingAdd(1, ordering: .relaxed) }
    }

    /// Writes what is queued, then ends the thread. Lines written later are lost.
    public func shutDown() async {
        // Fails only when it was shut down before.
        try? await pool.shutdownGracefully()
        drain()
    }

    private func drain() {
        while true {
            let (lines, droppedCount) = queue.withLock { queue in
                defer {
                    queue.isDraining = !queue.lines.isEmpty
                    queue.lines = []
                    queue.droppedCount = 0
                }
                return (queue.lines, queue.droppedCount)
            }
            guard !lines.isEmpty else { return }
            let mustReopen = mustReopen.exchange(false, ordering: .relaxed)
            var text = lines.map { self.text($0) }.joined()
            if droppedCount > 0 {
                let remark = "\(droppedCount) lines of this log were dropped: it is not written"
                text += self.text(LogLine(.warning, remark + " as fast as things happen"))
            }
            sink.withLock { $0.write(text, mustReopen: mustReopen) }
            if isInSystemLog { for line in lines { Self.tellSystem(line) } }
        }
    }

    private static func open(_ log: SystemLog) {
        let facilities = [
            "user": LOG_USER, "local1": LOG_LOCAL1, "local2": LOG_LOCAL2, "local3": LOG_LOCAL3,
            "local4": LOG_LOCAL4, "local5": LOG_LOCAL5, "local6": LOG_LOCAL6,
            "local7": LOG_LOCAL7,
        ]
        // The name is kept by the C library for as long as the process lives.
        openlog(
            strdup(log.name), LOG_PID | LOG_NDELAY | LOG_NOWAIT,
            facilities[log.facility] ?? LOG_LOCAL0)
    }

    private static func tellSystem(_ line: LogLine) {
        let level: Int32 =
            switch line.level {
            case .debug: LOG_DEBUG
            case .verbose: LOG_INFO
            case .notice: LOG_NOTICE
            case .warning: LOG_WARNING
            }
        let text = (line.event.map { $0 + " " } ?? "") + line.message
        text.withCString { pointer in
            withVaList([pointer]) { vsyslog(level, "%s", $0) }
        }
    }

    private func text(_ line: LogLine) -> String {
        switch format {
        case .sentinel: line.sentinelText(processID: getpid()) + "\n"
        case .json: line.jsonText(processID: getpid()) + "\n"
        }
    }
}

/// How often `SIGUSR1` came.
private let hangupCount = Atomic<Int>(0)

extension Announcement.Level {
    /// Sentinel's order of levels, the chattiest first.
    fileprivate var rank: Int {
        switch self {
        case .debug: 0
        case .verbose: 1
        case .notice: 2
        case .warning: 3
        }
    }
}

/// The open descriptor of a log; only the log's thread uses it.
private struct LogSink: ~Copyable {
    private let path: String?
    private var descriptor: Int32
    private var seenHangupCount = 0

    init() {
        path = nil
        descriptor = STDOUT_FILENO
    }

    init(path: String) throws(EventLog.Failure) {
        self.path = path
        descriptor = Self.open(path)
        guard descriptor >= 0 else { throw EventLog.Failure(path: path, code: errno) }
    }

    deinit {
        if path != nil { close(descriptor) }
    }

    mutating func write(_ text: String, mustReopen: Bool) {
        if let path { follow(path, mustReopen: mustReopen) }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // A full disk or a closed pipe: there is nowhere left to say so.
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Opens the path anew when it no longer names the open file. If that fails, the old file is
    /// written on.
    private mutating func follow(_ path: String, mustReopen: Bool) {
        let hangups = hangupCount.load(ordering: .relaxed)
        var named = stat()
        var opened = stat()
        let isSame =
            stat(path, &named) == 0 && fstat(descriptor, &opened) == 0
            && named.st_ino == opened.st_ino && named.st_dev == opened.st_dev
        guard !isSame || mustReopen || hangups != seenHangupCount else { return }
        seenHangupCount = hangups
        let fresh = Self.open(path)
        guard fresh >= 0 else { return }
        close(descriptor)
        descriptor = fresh
    }

    private static func open(_ path: String) -> Int32 {
        Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
    }
}
