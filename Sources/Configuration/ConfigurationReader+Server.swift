import Addressing
import DirectiveFile
import SentinelCore

/// The directives that Sentinel shares with redis-server, and the distribution to the others.
extension ConfigurationReader {
    static let serverDirectives = [
        "sentinel", "baton", "port", "bind", "dir", "logfile", "loglevel", "daemonize", "pidfile",
        "protected-mode", "requirepass",
    ]

    /// Directives of redis.conf that are legal in a sentinel.conf and mean nothing here yet.
    static let ignoredDirectives = [
        "masterauth", "maxclients", "timeout", "tcp-keepalive", "tcp-backlog",
        "user", "aclfile", "acllog-max-len", "supervised", "syslog-enabled", "syslog-ident",
        "syslog-facility", "latency-tracking-info-percentiles", "bind-source-addr", "unixsocket",
        "rename-command",
    ]

    mutating func readFirst(_ directive: Directive) {
        let option = directive.words.count > 1 ? directive.words[1].text.lowercased() : ""
        switch (directive.name, option) {
        case ("sentinel", "monitor"): readMonitor(directive)
        case ("baton", "host"): readHost(directive)
        case ("dir", _) where directive.words.count == 2:
            draft.directory = directive.words[1].text  // Paths may stand before it.
        default: break  // The second pass reads the rest, also what is unknown.
        }
    }

    mutating func readSecond(_ directive: Directive) {
        switch directive.name {
        case "sentinel": readSentinel(directive)
        case "baton": readBaton(directive)
        case "port", "bind", "dir", "logfile", "loglevel", "daemonize", "pidfile",
            "protected-mode":
            readServer(directive)
        case "include":
            refuse(
                directive.words[0],
                "'include' is not followed: the file is the same on every host as it stands; put "
                    + "the lines of \(directive.arguments.first?.text ?? "the other file") here")
        case "requirepass":
            warn(
                directive.words[0],
                "'requirepass' has no effect under `baton run`: whoever reaches the port may look, "
                    + "and only those who know the secret of `baton secret-file` may act")
        default:
            let word = directive.words[0]
            if Self.securityDirectives.contains(directive.name) {
                readSecurity(directive)
            } else if Self.ignoredDirectives.contains(directive.name) {
                warn(word, "'\(word.text)' has no effect under `baton run`")
            } else {
                refuseUnknown(
                    "directive", word,
                    among: Self.serverDirectives + Self.securityDirectives
                        + Self.ignoredDirectives)
            }
        }
    }

    private mutating func readServer(_ directive: Directive) {
        let words = directive.words
        if directive.name == "bind" { return readBind(directive) }
        guard hasArity(directive, 2...2, "\(directive.name) VALUE") else { return }
        switch directive.name {
        case "port":
            if let port = integer(words[1], in: 1...65535, "a port") { draft.port = UInt16(port) }
        case "dir":
            if words[1].text.isEmpty { refuse(words[1], "'dir' needs the path of a directory") }
        case "logfile":
            draft.logFile = words[1].text.isEmpty ? nil : words[1].text
        case "pidfile":
            draft.pidFile = words[1].text.isEmpty ? nil : words[1].text
        case "daemonize":
            if let value = yesOrNo(words[1]) { draft.daemonizes = value }
        case "loglevel":
            readLogLevel(words[1])
        default:
            // protected-mode: the secret protects the port, so that `no` is what it is anyway.
            if yesOrNo(words[1]) == true {
                warn(
                    words[0],
                    "'protected-mode yes' has no effect under `baton run`; `bind` says which "
                        + "addresses are answered, and the secret who may act")
            }
        }
    }

    /// Redis's forms: addresses, each perhaps with a `-` (may be missing), `*` and `::*`.
    private mutating func readBind(_ directive: Directive) {
        guard hasArity(directive, 2...65, "bind ADDRESS …") else { return }
        draft.bind = []
        for word in directive.arguments {
            let text = word.text.hasPrefix("-") ? word.text.dropFirst() : word.text[...]
            if ["*", "::*", "0.0.0.0", "::"].contains(text) {
                draft.bind.append((word, nil))
            } else if let address = IPAddress(text) {
                draft.bind.append((word, address))
            } else {
                refuse(word, "'\(word.text)' is not an IPv4 or IPv6 address, nor '*'")
            }
        }
    }

    private mutating func readLogLevel(_ word: Directive.Word) {
        let levels: [(String, Announcement.Level)] = [
            ("debug", .debug), ("verbose", .verbose), ("notice", .notice), ("warning", .warning),
        ]
        if let level = levels.first(where: { $0.0 == word.text.lowercased() }) {
            draft.logLevel = level.1
        } else {
            refuseUnknown("log level", word, among: levels.map(\.0))
        }
    }
}
