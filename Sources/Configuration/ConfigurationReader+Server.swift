import Addressing
import DirectiveFile
import SentinelCore

/// The directives that Sentinel shares with redis-server, and the distribution to the others.
extension ConfigurationReader {
    static let serverDirectives = [
        "sentinel", "baton", "port", "bind", "dir", "logfile", "loglevel", "daemonize", "pidfile",
        "protected-mode",
    ]

    /// Directives of redis.conf that are legal in a sentinel.conf and mean nothing here yet.
    static let ignoredDirectives = [
        "requirepass", "masterauth", "maxclients", "timeout", "tcp-keepalive", "tcp-backlog",
        "user", "aclfile", "acllog-max-len", "supervised", "syslog-enabled", "syslog-ident",
        "syslog-facility", "tls-port", "tls-cert-file", "tls-key-file", "tls-ca-cert-file",
        "tls-replication", "latency-tracking-info-percentiles", "bind-source-addr", "unixsocket",
        "rename-command",
    ]

    mutating func readFirst(_ directive: Directive) {
        let option = directive.words.count > 1 ? directive.words[1].text.lowercased() : ""
        switch (directive.name, option) {
        case ("sentinel", "monitor"): readMonitor(directive)
        case ("baton", "host"): readHost(directive)
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
        default:
            let word = directive.words[0]
            if Self.ignoredDirectives.contains(directive.name) {
                warn(word, "'\(word.text)' has no effect under `baton run`")
            } else {
                refuseUnknown(
                    "directive", word, among: Self.serverDirectives + Self.ignoredDirectives)
            }
        }
    }

    private mutating func readServer(_ directive: Directive) {
        let words = directive.words
        if directive.name == "bind" {
            draft.bind = words.dropFirst().compactMap { word in
                word.text == "*" || word.text == "::*" || word.text == "-::*"
                    ? nil : address(word)
            }
            return
        }
        guard hasArity(directive, 2...2, "\(directive.name) VALUE") else { return }
        switch directive.name {
        case "port":
            if let port = integer(words[1], in: 1...65535, "a port") { draft.port = UInt16(port) }
        case "dir":
            draft.directory = words[1].text
        case "logfile":
            draft.logFile = words[1].text.isEmpty ? nil : words[1].text
        case "pidfile":
            draft.pidFile = words[1].text.isEmpty ? nil : words[1].text
        case "daemonize":
            if let value = yesOrNo(words[1]) { draft.daemonizes = value }
        case "loglevel":
            readLogLevel(words[1])
        default:
            _ = yesOrNo(words[1])  // protected-mode: the secret protects the port.
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
