internal import MonotonicTime
internal import RESP

/// What was denied lately (`ACL LOG`), the newest first.
struct AccessLog: Sendable {
    /// Why something was denied.
    enum Reason: String, Sendable {
        case command, channel, auth
    }

    struct Entry: Sendable {
        var count = 1
        var reason: Reason
        /// The command, the channel, or the command that was to authenticate.
        var object: String
        var user: String
        /// When it was denied last.
        var at: Moment
        /// The client's line in `CLIENT LIST`.
        var client: String
        var number: Int
        var createdAt: Moment
    }

    /// Denials alike and within this time of each other are one entry.
    private static let span = Interval.seconds(60)
    /// Entries that are looked through for one alike.
    private static let comparedCountMax = 10

    private(set) var entries: [Entry] = []
    /// Redis counts these in `INFO stats`.
    private(set) var commandCount = 0, channelCount = 0, authenticationCount = 0
    private var entryCount = 0

    mutating func add(
        _ reason: Reason, object: String, user: String, client: String, at now: Moment,
        lengthMax: Int
    ) {
        switch reason {
        case .command: commandCount += 1
        case .channel: channelCount += 1
        case .auth: authenticationCount += 1
        }
        let alike = entries.prefix(Self.comparedCountMax).firstIndex {
            $0.reason == reason && $0.object == object && $0.user == user
                && now.monotonic - $0.at.monotonic <= Self.span
        }
        if let alike {
            var entry = entries.remove(at: alike)
            entry.count += 1
            entry.at = now
            entry.client = client
            entries.insert(entry, at: 0)
            return
        }
        entries.insert(
            Entry(
                reason: reason, object: object, user: user, at: now, client: client,
                number: entryCount, createdAt: now), at: 0)
        entryCount += 1
        if entries.count > lengthMax { entries.removeLast(entries.count - lengthMax) }
    }

    mutating func reset() {
        entries = []
    }

    func value(count: Int, now: Moment) -> RESPValue {
        .array(
            entries.prefix(max(0, count)).map { entry in
                let age = max(0, (now.monotonic - entry.at.monotonic).milliseconds)
                return .map([
                    RESPPair(.bulk("count"), .integer(entry.count)),
                    RESPPair(.bulk("reason"), .bulk(entry.reason.rawValue)),
                    RESPPair(.bulk("context"), .bulk("toplevel")),
                    RESPPair(.bulk("object"), .bulk(entry.object)),
                    RESPPair(.bulk("username"), .bulk(entry.user)),
                    RESPPair(.bulk("age-seconds"), .double(Double(age) / 1000)),
                    RESPPair(.bulk("client-info"), .bulk(entry.client)),
                    RESPPair(.bulk("entry-id"), .integer(entry.number)),
                    RESPPair(
                        .bulk("timestamp-created"),
                        .integer(entry.createdAt.wallMicroseconds / 1000)),
                    RESPPair(
                        .bulk("timestamp-last-updated"),
                        .integer(entry.at.wallMicroseconds / 1000)),
                ])
            })
    }
}
