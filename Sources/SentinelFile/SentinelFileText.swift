internal import Addressing
internal import DirectiveFile
public import DropInCore
internal import MonotonicTime
internal import SentinelCore

/// Writes a configuration file as Sentinel does: the user's own lines, and all that it has to
/// remember.
public enum SentinelFileText {
    /// The file's new bytes.
    ///
    /// - Parameters:
    ///   - old: the file as it is now.
    ///   - userLines: what stands behind `user` of each user; `nil`: users have a file of their
    ///     own.
    ///   - directory: where the process works, absolute.
    public static func rewritten(
        _ old: [UInt8], _ server: ServerOptions, globals: GlobalSettings, ledger: Ledger,
        userLines: [String]?, directory: String
    ) -> [UInt8] {
        var rewriting = FileRewriting(old, key: key)
        write(server, directory, to: &rewriting)
        for line in userLines ?? [] {
            rewriting.write("user", "user " + line, mustStand: true)
        }
        rewriting.finish("user")
        write(globals, ledger, to: &rewriting)
        return rewriting.text()
    }

    /// What a line is about: a directive by its newest name, or `sentinel` with the next word.
    private static func key(_ line: String) -> String? {
        guard let directive = Document(reading: Array(line.utf8)).directives.first else {
            return nil
        }
        if directive.name == "sentinel", directive.words.count > 1 {
            return "sentinel " + newest(directive.words[1].text)
        }
        return DirectiveSpec.named(directive.name)?.name ?? directive.name
    }

    private static func newest(_ option: String) -> String {
        let option = DirectiveSpec.lowercased(option)
        return option == "primary-reboot-down-after-period"
            ? "master-reboot-down-after-period" : option
    }

    // MARK: The server

    private static func write(
        _ server: ServerOptions, _ directory: String, to rewriting: inout FileRewriting
    ) {
        for option in server.options {
            guard let spec = DirectiveSpec.named(option.name) else { continue }
            write(spec, option.value, to: &rewriting)
        }
        // A Sentinel saves no data.
        rewriting.finish("save")
        rewriting.write("dir", "dir " + quoted(directory), mustStand: true)
        // A Redis of 7.x always adds this line, by an oversight that its users' files have.
        rewriting.write(
            "latency-tracking-info-percentiles", "latency-tracking-info-percentiles 50 99 99.9",
            mustStand: true)
    }

    private static func write(
        _ spec: DirectiveSpec, _ value: String?, to rewriting: inout FileRewriting
    ) {
        let mustStand = value != spec.defaultValue
        switch spec.kind {
        case .kept, .directory:
            break
        case .text:
            guard let value else { return rewriting.finish(spec.name) }
            rewriting.write(spec.name, "\(spec.name) \(quoted(value))", mustStand: mustStand)
        case .addresses:
            guard mustStand, let value else { return rewriting.finish(spec.name) }
            let shown = value.isEmpty ? "\"\"" : value
            rewriting.write(spec.name, "\(spec.name) \(shown)", mustStand: true)
        case .memory:
            let text = memory(value.flatMap { Int($0) } ?? 0)
            rewriting.write(spec.name, "\(spec.name) \(text)", mustStand: mustStand)
        case .boolean, .number, .octal, .choice, .flags:
            rewriting.write(spec.name, "\(spec.name) \(value ?? "")", mustStand: mustStand)
        }
    }

    private static func memory(_ bytes: Int) -> String {
        for (unit, name) in [(1 << 30, "gb"), (1 << 20, "mb"), (1 << 10, "kb")]
        where bytes != 0 && bytes % unit == 0 {
            return "\(bytes / unit)\(name)"
        }
        return String(bytes)
    }

    // MARK: The Sentinel

    private static func write(
        _ globals: GlobalSettings, _ ledger: Ledger, to rewriting: inout FileRewriting
    ) {
        func line(_ words: [String], mustStand: Bool = true) {
            write(words, mustStand: mustStand, to: &rewriting)
        }
        func yesNo(_ isOn: Bool) -> String { isOn ? "yes" : "no" }
        if let id = ledger.id { line(["myid", id.description]) }
        line(
            ["deny-scripts-reconfig", yesNo(globals.deniesScriptChanges)],
            mustStand: !globals.deniesScriptChanges)
        line(
            ["resolve-hostnames", yesNo(globals.resolvesHostnames)],
            mustStand: globals.resolvesHostnames)
        line(
            ["announce-hostnames", yesNo(globals.announcesHostnames)],
            mustStand: globals.announcesHostnames)
        for entry in ledger.entries {
            write(entry, withNames: globals.announcesHostnames, to: &rewriting)
        }
        line(["current-epoch", String(ledger.currentEpoch)])
        if let host = globals.announceHost {
            rewriting.write(
                "sentinel announce-ip", "sentinel announce-ip " + quoted(host), mustStand: true)
        }
        if let port = globals.announcePort { line(["announce-port", String(port)]) }
        if let user = globals.sentinelUser { line(["sentinel-user", user]) }
        if let password = globals.sentinelPassword { line(["sentinel-pass", password]) }
        for name in processedNames { rewriting.finish("sentinel " + name) }
    }

    /// Lines about these that are left over are about what is no more.
    private static let processedNames = [
        "announce-ip", "announce-port", "sentinel-user", "sentinel-pass", "monitor",
        "down-after-milliseconds", "failover-timeout", "parallel-syncs", "notification-script",
        "client-reconfig-script", "auth-pass", "auth-user", "config-epoch", "leader-epoch",
        "known-replica", "known-slave", "known-sentinel", "rename-command",
        "master-reboot-down-after-period",
    ]

    /// `sentinel` with these words, each as Redis reads it back.
    private static func write(
        _ words: [String], mustStand: Bool = true, to rewriting: inout FileRewriting
    ) {
        let text = (["sentinel"] + words).map(Document.spelled).joined(separator: " ")
        rewriting.write("sentinel " + words[0], text, mustStand: mustStand)
    }

    private static func write(
        _ entry: Ledger.Entry, withNames: Bool, to rewriting: inout FileRewriting
    ) {
        func line(_ words: [String]) { write(words, to: &rewriting) }
        func host(_ place: Place) -> String {
            withNames ? place.host : place.address?.description ?? place.host
        }
        let settings = entry.settings
        let name = settings.name
        let plain = MasterSettings(name: name, quorum: settings.quorum)
        line(
            [
                "monitor", name, host(entry.primary), String(entry.primary.port),
                String(settings.quorum),
            ])
        let numbers: [(String, Int, Int)] = [
            (
                "down-after-milliseconds", settings.downAfter.milliseconds,
                plain.downAfter.milliseconds
            ),
            (
                "failover-timeout", settings.failoverTimeout.milliseconds,
                plain.failoverTimeout.milliseconds
            ),
            ("parallel-syncs", settings.parallelSyncs, plain.parallelSyncs),
        ]
        for (option, number, normal) in numbers where number != normal {
            line([option, name, String(number)])
        }
        let texts = [
            ("notification-script", settings.notificationScript),
            ("client-reconfig-script", settings.clientReconfigScript),
            ("auth-pass", settings.authPassword), ("auth-user", settings.authUser),
        ]
        for case (let option, let text?) in texts { line([option, name, text]) }
        if settings.rebootDownAfter != .zero {
            line(
                [
                    "master-reboot-down-after-period", name,
                    String(settings.rebootDownAfter.milliseconds),
                ])
        }
        line(["config-epoch", name, String(entry.configEpoch)])
        line(["leader-epoch", name, String(entry.leaderEpoch)])
        for place in entry.replicas {
            let words = ["known-replica", name, host(place), String(place.port)]
            // A line of the old name is used up first.
            let text = (["sentinel"] + words).map(Document.spelled).joined(separator: " ")
            if !rewriting.write("sentinel known-slave", text, mustStand: false) { line(words) }
        }
        for known in entry.sentinels {
            guard let id = known.id else { continue }
            line(
                [
                    "known-sentinel", name, host(known.place), String(known.place.port),
                    id.description,
                ])
        }
        for renaming in settings.renamedCommands {
            line(["rename-command", name, renaming.original, renaming.renamed])
        }
    }

    private static func quoted(_ text: String) -> String { Document.quoted(text) }
}
