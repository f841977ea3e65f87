import Addressing
import DirectiveFile
import MonotonicTime
import SentinelCore

/// The lines that begin with `baton`.
extension ConfigurationReader {
    static let batonOptions = [
        "host", "write-address", "read-address", "secret-file", "secret", "evidence",
        "lease-milliseconds", "enforcement", "write-safety", "state-file", "log-format", "listen",
        "read-from", "virtual-router",
    ]

    mutating func readHost(_ directive: Directive) {
        guard let host = listed(directive) else {
            draft.hasUnreadHost = true
            return
        }
        let words = directive.words
        if let first = draft.hosts.first(where: { $0.host.name == host.name }) {
            return refuse(
                words[2], "host '\(host.name)' is listed already, by line \(first.word.line)")
        }
        if let first = draft.hosts.first(where: { $0.host.address == host.address }) {
            return refuse(
                words[3],
                "\(host.address) is the address of '\(first.host.name)' already, by line "
                    + "\(first.word.line)")
        }
        draft.hosts.append(Draft.Host(word: words[2], host: host))
    }

    /// What a `host` line says, if it says it rightly.
    private mutating func listed(_ directive: Directive) -> Configuration.Host? {
        guard hasArity(directive, 5...5, "baton host NAME ADDRESS node|balancer") else {
            return nil
        }
        let words = directive.words
        let isPlain = isPlainName(words[2], of: "host")
        let address = hostAddress(words[3])
        guard let role = Configuration.Host.Role(rawValue: words[4].text.lowercased()) else {
            refuseUnknown(
                "role", words[4], among: Configuration.Host.Role.allCases.map(\.rawValue))
            return nil
        }
        guard isPlain, let address else { return nil }
        return Configuration.Host(name: words[2].text, address: address, role: role)
    }

    mutating func readBaton(_ directive: Directive) {
        let words = directive.words
        guard words.count > 1 else {
            return refuse(words[0], "'baton' needs an option, such as 'host'")
        }
        switch words[1].text.lowercased() {
        case "host":
            break  // Read in the first pass.
        case "write-address":
            readWriteAddress(directive)
        case "read-address":
            readReadAddress(directive)
        case "listen":
            readListen(directive)
        case "read-from":
            readReadFrom(directive)
        case "virtual-router":
            readVirtualRouter(directive)
        case "secret-file":
            readSecretFile(directive)
        case "secret":
            guard hasArity(directive, 3...3, "baton secret none") else { return }
            guard words[2].text.lowercased() == "none" else {
                return refuse(
                    words[2],
                    "a secret does not stand in this file; write `baton secret-file PATH`, or "
                        + "`baton secret none` to trust whoever reaches the port")
            }
            setSecret(Configuration.Secret.none, words[1])
        case "evidence":
            guard hasArity(directive, 4...4, "baton evidence GROUP yes|no"),
                let group = group(words[2]), let value = yesOrNo(words[3])
            else { return }
            draft.groups[group].group.settings.trustsEvidence = value
        case "lease-milliseconds":
            readLease(directive)
        case "enforcement":
            readEnforcement(directive)
        case "write-safety":
            readWriteSafety(directive)
        case "state-file":
            guard hasArity(directive, 3...3, "baton state-file PATH") else { return }
            guard !words[2].text.isEmpty else {
                return refuse(words[2], "'state-file' needs a path")
            }
            draft.stateFile = words[2].text
        case "log-format":
            guard hasArity(directive, 3...3, "baton log-format sentinel|json") else { return }
            guard let format = Configuration.LogFormat(rawValue: words[2].text.lowercased()) else {
                return refuseUnknown(
                    "log format", words[2],
                    among: Configuration.LogFormat.allCases.map(\.rawValue))
            }
            draft.logFormat = format
        default:
            refuseUnknown("option of 'baton'", words[1], among: Self.batonOptions)
        }
    }

    private mutating func readWriteAddress(_ directive: Directive) {
        let words = directive.words
        let usage = "baton write-address GROUP ADDRESS/LENGTH [interface NAME]"
        guard hasArity(directive, 4...6, usage), let group = group(words[2]),
            let prefix = prefix(words[3])
        else { return }
        var interface: String?
        if words.count > 4 {
            guard words.count == 6, words[4].text.lowercased() == "interface" else {
                return refuse(words[4], "it is written: \(usage)")
            }
            interface = words[5].text
            if let names = facts?.interfaces.map(\.name), !names.contains(words[5].text) {
                return refuseUnknown("interface of this host", words[5], among: names)
            }
        }
        if let first = draft.groups[group].writeWord {
            return refuse(
                words[3],
                "group '\(words[2].text)' has a write address already, by line \(first.line)")
        }
        draft.groups[group].writeWord = words[3]
        draft.groups[group].group.writeAddress = Configuration.VirtualAddress(
            prefix: prefix, interface: interface)
    }

    private mutating func readWriteSafety(_ directive: Directive) {
        let words = directive.words
        let usage = "baton write-safety GROUP async|bounded SECONDS"
        guard hasArity(directive, 4...5, usage), let group = group(words[2]) else { return }
        if let first = draft.groups[group].safetyWord {
            return refuse(
                words[3],
                "the write safety of '\(words[2].text)' is given already, by line \(first.line)")
        }
        draft.groups[group].safetyWord = words[3]
        switch (words[3].text.lowercased(), words.count) {
        case ("async", 4):
            draft.groups[group].group.settings.writeSafety = .asynchronous
        case ("bounded", 5):
            guard let seconds = bound(words[4]) else { return }
            draft.groups[group].group.settings.writeSafety = .bounded(seconds: seconds)
        case ("async", _), ("bounded", _):
            refuse(words[words.count - 1], "it is written: \(usage)")
        default:
            refuseUnknown("write safety", words[3], among: ["async", "bounded"])
        }
    }

    private mutating func bound(_ word: Directive.Word) -> Int? {
        let (least, most) = (WriteSafety.secondsMin, WriteSafety.secondsMax)
        if let seconds = Int(word.text), seconds < least {
            refuse(
                word,
                "a bound of \(word.text) s can't be kept: a replica speaks once a second, and "
                    + "Redis stops writes up to min-replicas-max-lag + 2 s after its last word; "
                    + "the least is max-lag 1 + 2 = \(least) s")
            return nil
        }
        guard let seconds = integer(word, in: least...most, "a bound in seconds") else {
            return nil
        }
        if seconds < WriteSafety.secondsCalm {
            warn(
                word,
                "with a bound of \(seconds) s (min-replicas-max-lag \(seconds - 2)) a replica that "
                    + "is late for a moment makes the primary refuse writes for up to a second; "
                    + "\(WriteSafety.secondsCalm) s forgives that")
        }
        return seconds
    }

    private mutating func readSecretFile(_ directive: Directive) {
        let words = directive.words
        guard hasArity(directive, 3...3, "baton secret-file PATH") else { return }
        let path = resolved(words[2].text)
        setSecret(.file(words[2].text), words[1])
        guard let facts else { return }
        switch facts.files[path] ?? .missing {
        case .missing:
            refuse(
                words[2],
                "the secret file \(path) does not exist; make it once and copy it to every "
                    + "host: head -c 32 /dev/urandom | base64 > \(path); chmod 600 \(path)")
        case .directory:
            refuse(words[2], "\(path) is a directory; a file with the secret is needed")
        case .unreadable:
            refuse(words[2], "the secret file \(path) can't be read by this user")
        case .present(_, let isOpenToAll, let isEmpty):
            if isEmpty { refuse(words[2], "the secret file \(path) is empty") }
            if isOpenToAll {
                warn(words[2], "any user can read \(path); try: chmod 600 \(path)")
            }
        }
    }

    /// The secret is said once: of two lines the wrong one might be believed.
    private mutating func setSecret(_ secret: Configuration.Secret, _ word: Directive.Word) {
        if let first = draft.secret {
            return refuse(word, "the secret is given already, by line \(first.word.line)")
        }
        draft.secret = (word, secret)
    }
}
