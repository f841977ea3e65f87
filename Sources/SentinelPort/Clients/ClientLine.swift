internal import MonotonicTime
internal import RESP

extension PortClient {
    /// One line of `CLIENT LIST`, without its end. What the port does not measure is 0.
    func line(now: Instant) -> String {
        let fields: [(String, String)] = [
            ("id", String(id)), ("addr", remote), ("laddr", local), ("fd", String(descriptor)),
            ("name", Self.text(name)), ("age", Self.seconds(now - connectedAt)),
            ("idle", Self.seconds(now - lastRequestAt)), ("flags", flags), ("db", "0"),
            ("sub", String(channels.count)), ("psub", String(patterns.count)), ("ssub", "0"),
            ("multi", "-1"), ("qbuf", "0"), ("qbuf-free", "0"), ("argv-mem", "0"),
            ("multi-mem", "0"), ("rbs", "0"), ("rbp", "0"), ("obl", "0"), ("oll", "0"),
            ("omem", "0"), ("tot-mem", "0"), ("events", "r"), ("cmd", lastCommand ?? "NULL"),
            ("user", user), ("redir", tracking.map { String($0.redirection ?? 0) } ?? "-1"),
            ("resp", String(version.rawValue)), ("lib-name", Self.text(libraryName)),
            ("lib-ver", Self.text(libraryVersion)),
        ]
        return fields.map { "\($0)=\($1)" }.joined(separator: " ")
    }

    private var flags: String {
        var flags = ""
        if isSubscribed { flags += "P" }
        if isWaiting { flags += "b" }
        if let tracking {
            flags += "t"
            if tracking.isBroadcast { flags += "B" }
        }
        if isClosing { flags += "c" }
        if isExemptFromEviction { flags += "e" }
        return flags.isEmpty ? "N" : flags
    }

    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    private static func seconds(_ age: Interval) -> String {
        String(max(0, age.milliseconds / 1000))
    }
}
