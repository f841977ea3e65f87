import Addressing
import DirectiveFile
import MonotonicTime
import SentinelCore

/// The lines that begin with `sentinel`.
extension ConfigurationReader {
    static let sentinelOptions = [
        "monitor", "down-after-milliseconds", "failover-timeout", "parallel-syncs", "auth-pass",
        "auth-user", "notification-script", "client-reconfig-script", "announce-ip",
        "announce-port", "deny-scripts-reconfig", "sentinel-user", "sentinel-pass",
        "rename-command", "resolve-hostnames", "announce-hostnames",
        "master-reboot-down-after-period", "myid", "current-epoch", "config-epoch",
        "leader-epoch", "known-replica", "known-slave", "known-sentinel",
    ]

    /// Options that tell Sentinels who they are to each other.
    private static let membershipOptions = [
        "announce-ip", "announce-port", "sentinel-user", "sentinel-pass", "announce-hostnames",
    ]

    mutating func readMonitor(_ directive: Directive) {
        let words = directive.words
        guard let settings = monitored(directive) else {
            if words.count > 2 { draft.unreadGroups.append(words[2].text) }
            return
        }
        if let first = draft.groups.first(where: { $0.word.text == words[2].text }) {
            return refuse(
                words[2],
                "group '\(words[2].text)' is monitored already, by line \(first.word.line)")
        }
        if let first = draft.groups.first(where: {
            $0.group.settings.primary == settings.primary
        }) {
            draft.unreadGroups.append(words[2].text)
            return refuse(
                words[3],
                "\(settings.primary) is the primary of '\(first.word.text)' already, by line "
                    + "\(first.word.line)")
        }
        draft.groups.append(
            Draft.Group(
                word: words[2], quorumWord: words[5], primaryWord: words[3],
                group: Configuration.Group(settings: settings)))
    }

    /// What a `monitor` line says, if it says it rightly.
    private mutating func monitored(_ directive: Directive) -> Settings.Group? {
        guard hasArity(directive, 6...6, "sentinel monitor NAME ADDRESS PORT QUORUM") else {
            return nil
        }
        let words = directive.words
        let isPlain = isPlainName(words[2], of: "group")
        let address = hostAddress(words[3])
        let port = integer(words[4], in: 1...65535, "a port")
        let quorum = integer(words[5], in: 1...64, "a quorum")
        guard isPlain, let address, let port, let quorum else { return nil }
        return Settings.Group(
            name: words[2].text, primary: Endpoint(address: address, port: UInt16(port)),
            quorum: quorum)
    }

    mutating func readSentinel(_ directive: Directive) {
        let words = directive.words
        guard words.count > 1 else {
            return refuse(words[0], "'sentinel' needs an option, such as 'monitor'")
        }
        switch words[1].text.lowercased() {
        case "monitor":
            break  // Read in the first pass.
        case "down-after-milliseconds", "failover-timeout", "parallel-syncs":
            readNumber(directive)
        case "auth-pass", "auth-user":
            readCredential(directive)
        case "notification-script", "client-reconfig-script":
            readScript(directive)
        case "announce-ip", "announce-port", "sentinel-user", "sentinel-pass", "rename-command",
            "resolve-hostnames", "announce-hostnames", "master-reboot-down-after-period",
            "deny-scripts-reconfig":
            warn(
                words[1],
                "'sentinel \(words[1].text)' has no effect under `baton run`"
                    + (Self.membershipOptions.contains(words[1].text.lowercased())
                        ? ": the `baton host` lines say who the members are" : ""))
        case "myid", "current-epoch", "config-epoch", "leader-epoch", "known-replica",
            "known-slave", "known-sentinel":
            warn(
                words[1],
                "'sentinel \(words[1].text)' is a running Sentinel's state and is not read: "
                    + "Baton keeps its state in a file of its own")
        default:
            refuseUnknown("option of 'sentinel'", words[1], among: Self.sentinelOptions)
        }
    }

    private mutating func readNumber(_ directive: Directive) {
        let words = directive.words
        let option = words[1].text.lowercased()
        guard hasArity(directive, 4...4, "sentinel \(option) NAME NUMBER"),
            let group = group(words[2])
        else { return }
        switch option {
        case "down-after-milliseconds":
            guard let value = integer(words[3], in: 1...86_400_000, "a time in milliseconds")
            else { return }
            draft.groups[group].group.settings.downAfter = .milliseconds(value)
            if value < 500 {
                warn(
                    words[3],
                    "below 500 ms a server that is merely busy (a long command, a fork) is "
                        + "replaced; a dead process is found at once anyway, by evidence")
            }
        case "failover-timeout":
            guard let value = integer(words[3], in: 1...86_400_000, "a time in milliseconds")
            else { return }
            draft.groups[group].group.settings.failoverTimeout = .milliseconds(value)
        default:
            guard let value = integer(words[3], in: 1...128, "a number of replicas") else {
                return
            }
            draft.groups[group].group.settings.parallelSyncs = value
        }
    }

    private mutating func readCredential(_ directive: Directive) {
        let words = directive.words
        let option = words[1].text.lowercased()
        guard hasArity(directive, 4...4, "sentinel \(option) NAME VALUE"),
            let group = group(words[2])
        else { return }
        if option == "auth-pass" {
            draft.groups[group].group.credentials.password = words[3].text
        } else {
            draft.groups[group].userWord = words[1]
            draft.groups[group].group.credentials.user = words[3].text
        }
    }

    private mutating func readScript(_ directive: Directive) {
        let words = directive.words
        let option = words[1].text.lowercased()
        guard hasArity(directive, 4...4, "sentinel \(option) NAME PATH"),
            let group = group(words[2])
        else { return }
        // Sentinel switches a script off by an empty path.
        guard !words[3].text.isEmpty else { return }
        let path = resolved(words[3].text)
        if let facts {
            switch facts.files[path] ?? .missing {
            case .missing:
                return refuse(words[3], "the script \(path) does not exist on this host")
            case .directory:
                return refuse(words[3], "\(path) is a directory; a script is needed")
            case .unreadable, .present(isExecutable: false, _, _):
                return refuse(
                    words[3],
                    "the script \(path) can't be executed by this user; try: chmod +x \(path)")
            case .present(isExecutable: true, _, _):
                break
            }
        }
        if option == "notification-script" {
            draft.groups[group].group.notificationScript = words[3].text
        } else {
            draft.groups[group].group.clientReconfigScript = words[3].text
        }
    }
}
