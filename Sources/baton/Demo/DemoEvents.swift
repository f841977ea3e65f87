import Glibc
import Laboratory

/// One thing that happened, as the demonstration tells it.
struct DemoEvent: Equatable {
    /// `15:22:01.123`, local time.
    var time: String
    /// Who says so: a host, or `you`.
    var source: String
    var text: String

    /// Reads a line of Sentinel's log: `1234:X 22 Nov 2026 15:22:01.123 * +sdown …`. A line of
    /// another form is `nil`.
    init?(logLine: Substring, source: String) {
        let words = logLine.split(separator: " ", maxSplits: 6, omittingEmptySubsequences: false)
        guard words.count == 7, words[0].hasSuffix(":X"), words[4].utf8.count == 12,
            words[4].split(separator: ":").count == 3
        else { return nil }
        time = String(words[4])
        self.source = source
        text = String(words[6])
    }

    /// Something that happens now.
    init(now text: String, source: String) {
        var moment = timespec()
        clock_gettime(CLOCK_REALTIME, &moment)
        var seconds = moment.tv_sec
        var date = tm()
        localtime_r(&seconds, &date)
        func digits(_ number: Int, _ width: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        time =
            "\(digits(Int(date.tm_hour), 2)):\(digits(Int(date.tm_min), 2)):"
            + "\(digits(Int(date.tm_sec), 2)).\(digits(moment.tv_nsec / 1_000_000, 3))"
        self.source = source
        self.text = text
    }

    /// What is said again after every change of the primary and tells nothing new.
    var isRoutine: Bool {
        ["+slave", "+slave-reconf-inprog"].contains(text.prefix { $0 != " " })
    }

    /// The text with hosts by their names in place of their addresses and ports, and with the first
    /// characters of run ids, so that a line of a terminal holds it.
    func brief(naming hosts: [(name: String, address: String)]) -> String {
        var words: [String] = []
        var wasAddress = false
        for word in text.split(separator: " ") {
            // The port that stands behind an address as a word of its own.
            if wasAddress, UInt16(word) != nil {
                wasAddress = false
                continue
            }
            let parts = word.split(separator: ":", maxSplits: 1)
            let host = hosts.first { $0.address == parts.first.map(String.init) }
            wasAddress = host != nil && parts.count == 1
            if let host {
                // `slave 10.0.0.2:6379 10.0.0.2 6379`: Sentinel's name of a replica is its address.
                if words.last != host.name { words.append(host.name) }
            } else if word.utf8.count == 40, word.allSatisfy(\.isHexDigit) {
                words.append(word.prefix(7) + "…")
            } else {
                words.append(String(word))
            }
        }
        return words.joined(separator: " ")
    }

    var style: StyledText.Style {
        if source == "you" { return .title }
        let name = text.prefix { $0 != " " }
        switch name {
        case "+switch-master", "+address", "-sdown", "-odown", "+failover-end": return .good
        case "+sdown", "+odown", "+evidence", "!address": return .bad
        case "-address", "+try-failover", "+elected-leader", "+promoted-slave",
            "+convert-to-slave":
            return .warning
        case _: return name.hasPrefix("-failover-abort") ? .bad : .plain
        }
    }
}

/// The events of all nodes in one list: their log files, read on and on.
struct DemoEvents {
    /// More than any terminal has lines.
    private static let eventsMax = 200
    /// Bytes read of one log at a time.
    private static let partMax = 1 << 16

    private struct Tail {
        var source: String
        var path: String
        var offset: Int64 = 0
        var rest: [UInt8] = []
    }

    /// Oldest first.
    private(set) var events: [DemoEvent] = []
    private var tails: [Tail]

    init(of nodes: [DemoNode]) {
        tails = nodes.map { Tail(source: $0.host.name, path: $0.logPath) }
    }

    mutating func add(_ event: DemoEvent) {
        events.append(event)
        events.removeFirst(max(0, events.count - Self.eventsMax))
    }

    /// Reads what the nodes have written since; returns what is new, in the order of time.
    @discardableResult
    mutating func readOn() -> [DemoEvent] {
        var new: [DemoEvent] = []
        for index in tails.indices { new += Self.readOn(&tails[index]) }
        // Of one moment, the first host's first; hosts write at the same time.
        let ordered = new.enumerated().sorted {
            ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
        }.map(\.element)
        ordered.forEach { add($0) }
        return ordered
    }

    private static func readOn(_ tail: inout Tail) -> [DemoEvent] {
        let descriptor = open(tail.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var part = [UInt8](repeating: 0, count: partMax)
        let count = part.withUnsafeMutableBytes {
            pread(descriptor, $0.baseAddress, $0.count, off_t(tail.offset))
        }
        guard count > 0 else { return [] }
        tail.offset += Int64(count)
        tail.rest += part[..<count]
        guard let end = tail.rest.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        let text = String(decoding: tail.rest[...end], as: UTF8.self)
        tail.rest.removeFirst(end + 1)
        return text.split(separator: "\n").compactMap { line in
            DemoEvent(logLine: line, source: tail.source)
        }
    }
}
