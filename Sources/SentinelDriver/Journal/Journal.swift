internal import Glibc
internal import MonotonicTime
internal import NIOPosix
internal import SentinelCore
internal import Synchronization

/// The failovers of this node's lives, one JSON line each, newest last.
///
/// Lives on the node's loop; the file is written on a thread of its own, whole each time and
/// renamed into place: it is small, and half a line helps nobody.
final class Journal {
    /// Older ones are dropped: a year of weekly failovers, and some bad days.
    static let recordsMax = 256
    /// More is not a journal that Baton wrote.
    static let sizeBytesMax = 4 * 1024 * 1024

    private let node: String
    private let file: JournalFile
    private var lines: [String]
    /// The records of this life, which may be told more fully later, and where they stand.
    private var known: [(group: String, begin: Instant, index: Int)] = []

    /// Reads what former lives wrote; lines that are none of Baton's are left out.
    ///
    /// - Parameter complain: is given a sentence when the file can't be read or written.
    init(path: String, node: String, complain: @escaping @Sendable (String) -> Void) {
        self.node = node
        file = JournalFile(path: path, complain: complain)
        lines = file.read(bytesMax: Self.sizeBytesMax).filter {
            $0.hasPrefix("{\"schema\":1,") && $0.hasSuffix("}")
        }.suffix(Self.recordsMax)
    }

    func note(_ record: FailoverRecord) {
        let line = record.json(node: node, now: (BootClock.now(), WallTime.now()))
        let begin = record.steps.first?.at ?? BootClock.now()
        if let entry = known.first(where: { $0.group == record.group && $0.begin == begin }) {
            lines[entry.index] = line
        } else {
            known.append((record.group, begin, lines.count))
            lines.append(line)
            trim()
        }
        file.write(lines)
    }

    private func trim() {
        let surplus = lines.count - Self.recordsMax
        guard surplus > 0 else { return }
        lines.removeFirst(surplus)
        known = known.map { ($0.group, $0.begin, $0.index - surplus) }.filter { $0.index >= 0 }
    }

    /// All of them as one JSON array.
    var json: String { "[" + lines.joined(separator: ",") + "]" }

    /// Ends the thread, when everything is written.
    func writer() -> JournalFile { file }
}

/// The journal's file, and the thread that writes it.
final class JournalFile: Sendable {
    private let path: String
    private let complain: @Sendable (String) -> Void
    private let pool = NIOThreadPool(numberOfThreads: 1)
    private let waiting = Mutex<[String]?>(nil)
    private let lastComplaint = Mutex<String>("")

    init(path: String, complain: @escaping @Sendable (String) -> Void) {
        self.path = path
        self.complain = complain
        pool.start()
    }

    func read(bytesMax: Int) -> [String] {
        guard let file = fopen(path, "re") else {
            if errno != ENOENT { say("open") }
            return []
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: bytesMax)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }

    func write(_ lines: [String]) {
        waiting.withLock { $0 = lines }
        pool.submit { _ in self.writeWaiting() }
    }

    func shutDown() async throws {
        try await pool.shutdownGracefully()
        writeWaiting()
    }

    private func writeWaiting() {
        guard let lines = waiting.withLock({ $0.take() }) else { return }
        let temporary = path + ".new"
        guard let file = fopen(temporary, "we") else { return say("open") }
        let bytes = Array(lines.map { $0 + "\n" }.joined().utf8)
        // Renamed before it is on the disk, it could be empty after a loss of power.
        let isWritten =
            fwrite(bytes, 1, bytes.count, file) == bytes.count && fflush(file) == 0
            && fsync(fileno(file)) == 0
        guard fclose(file) == 0, isWritten else { return say("write") }
        guard rename(temporary, path) == 0 else { return say("rename") }
        lastComplaint.withLock { $0 = "" }
    }

    /// Each trouble once.
    private func say(_ call: String) {
        let text =
            "The journal \(path) can't be kept (\(call): \(String(cString: strerror(errno)))). "
            + "Failovers go on; what they cost is not remembered."
        let isNew = lastComplaint.withLock { last in
            defer { last = text }
            return last != text
        }
        if isNew { complain(text) }
    }
}
