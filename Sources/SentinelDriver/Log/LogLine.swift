internal import Glibc
public import SentinelCore

/// One thing to be told in the event log.
public struct LogLine: Equatable, Sendable {
    /// How urgent it is, in Sentinel's words.
    public var level: Announcement.Level
    /// The event's name, as `+sdown`; `nil` for a remark.
    public var event: String?
    /// What follows the name.
    public var message: String
    /// Nanoseconds since 1970. Logged, and never used for anything else.
    public var wallClockNanoseconds: Int64

    /// A line of this moment.
    public init(_ level: Announcement.Level, event: String? = nil, _ message: String) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        self.level = level
        self.event = event
        self.message = message
        wallClockNanoseconds = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// What the core announces, at the level that Sentinel gives it.
    public init(_ announcement: Announcement) {
        let isEvent = announcement.name.isPublished
        self.init(
            announcement.name.level, event: isEvent ? announcement.name.rawValue : nil,
            announcement.message)
    }

    /// Sentinel's: `<pid>:X <dd Mon yyyy hh:mm:ss.mmm> <level> <text>`, in local time.
    public func sentinelText(processID: Int32) -> String {
        var seconds = time_t(wallClockNanoseconds / 1_000_000_000)
        var date = tm()
        localtime_r(&seconds, &date)
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let day = "\(padded(date.tm_mday, 2)) \(months[Int(date.tm_mon)]) \(date.tm_year + 1900)"
        let text = (event.map { $0 + " " } ?? "") + message
        return "\(processID):X \(day) \(clockTime(date)) \(level.rawValue) \(Self.oneLine(text))"
    }

    /// One JSON object, keys in this order: `time` (RFC 3339, UTC, milliseconds), `pid`, `level`
    /// (debug, verbose, notice, warning), `event` (`null` for a remark), `message`.
    public func jsonText(processID: Int32) -> String {
        var seconds = time_t(wallClockNanoseconds / 1_000_000_000)
        var date = tm()
        gmtime_r(&seconds, &date)
        let day =
            "\(date.tm_year + 1900)-\(padded(date.tm_mon + 1, 2))-\(padded(date.tm_mday, 2))"
        var json = JSONText()
        json.object {
            $0.string("time", "\(day)T\(clockTime(date))Z")
            $0.integer("pid", Int(processID))
            $0.string("level", levelName)
            $0.string("event", event)
            $0.string("message", message)
        }
        return json.text
    }

    private var levelName: String {
        switch level {
        case .debug: "debug"
        case .verbose: "verbose"
        case .notice: "notice"
        case .warning: "warning"
        }
    }

    private func clockTime(_ date: tm) -> String {
        let milliseconds = Int32(wallClockNanoseconds / 1_000_000 % 1_000)
        return "\(padded(date.tm_hour, 2)):\(padded(date.tm_min, 2)):\(padded(date.tm_sec, 2))"
            + ".\(padded(milliseconds, 3))"
    }

    private func padded(_ number: Int32, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// A peer's words may stand in a message; they must not forge lines of the log.
    private static func oneLine(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var clean = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { clean.append(isControl(scalar) ? "?" : scalar) }
        return String(clean)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }
}
