internal import DropInCore
internal import MonotonicTime
internal import RESP

/// What `SENTINEL SET` was told: options up to the first that is wrong, and what is wrong then.
struct SetRequest: Equatable {
    var options: [MasterOption] = []
    var complaint: String?

    /// What a script may be depends on the Sentinel: whether scripts may be set at all, and whether
    /// the path can be run.
    init(
        _ request: Request, deniesScripts: Bool, isExecutable: (String) -> Bool
    ) {
        var index = 3
        while index < request.count, complaint == nil {
            let name = request.option(index)
            let valueCount = name == "rename-command" ? 2 : 1
            guard index + valueCount < request.count else {
                complaint = Self.unknown(request.words[index])
                return
            }
            if name == "notification-script" || name == "client-reconfig-script" {
                readScript(name, request.words[index + 1], deniesScripts, isExecutable)
            } else {
                read(name, request, index)
            }
            index += 1 + valueCount
        }
    }

    private static func unknown(_ option: String) -> String {
        "ERR Unknown option or number of arguments for SENTINEL SET '\(option)'"
    }

    private mutating func read(_ name: String, _ request: Request, _ index: Int) {
        let value = request.words[index + 1]
        let count = request.integer(index + 1).flatMap {
            (1...Int(Int32.max)).contains($0) ? $0 : nil
        }
        var option: MasterOption?
        switch name {
        case "down-after-milliseconds":
            option = request.interval(index + 1, from: 1).map { .downAfter($0) }
        case "failover-timeout":
            option = request.interval(index + 1, from: 1).map { .failoverTimeout($0) }
        case "parallel-syncs": option = count.map { .parallelSyncs($0) }
        case "quorum": option = count.map { .quorum($0) }
        case "master-reboot-down-after-period", "primary-reboot-down-after-period":
            option = request.interval(index + 1, from: 0).map { .rebootDownAfter($0) }
        case "auth-pass": option = .authPassword(value.isEmpty ? nil : value)
        case "auth-user": option = .authUser(value.isEmpty ? nil : value)
        case "rename-command": return readRenaming(request, index)
        case _:
            complaint = Self.unknown(request.words[index])
            return
        }
        guard let option else { return refuse(value, request.words[index]) }
        options.append(option)
    }

    private mutating func readRenaming(_ request: Request, _ index: Int) {
        let original = request.words[index + 1]
        let renamed = request.words[index + 2]
        guard !original.isEmpty, !renamed.isEmpty else {
            return refuse("", request.words[index])
        }
        options.append(
            .renamedCommand(
                MasterSettings.RenamedCommand(original: original, renamed: renamed)))
    }

    private mutating func refuse(_ value: String, _ option: String) {
        complaint = "ERR Invalid argument '\(value)' for SENTINEL SET '\(option)'"
    }

    private mutating func readScript(
        _ name: String, _ path: String, _ isDenied: Bool, _ isExecutable: (String) -> Bool
    ) {
        let isNotification = name == "notification-script"
        guard !isDenied else {
            complaint =
                "ERR Reconfiguration of scripts path is denied for security reasons. Check the"
                + " deny-scripts-reconfig configuration directive in your Sentinel configuration"
            return
        }
        guard path.isEmpty || isExecutable(path) else {
            let kind = isNotification ? "Notification" : "Client reconfiguration"
            complaint = "ERR \(kind) script seems non existing or non executable"
            return
        }
        let value = path.isEmpty ? nil : path
        options.append(isNotification ? .notificationScript(value) : .clientReconfigScript(value))
    }
}

extension Port {
    /// `SENTINEL SET name option value …`: not all or nothing, as in Redis.
    mutating func setOptions(
        _ request: Request, _ id: PortClient.ID,
        _ surroundings: some PortSurroundings
    ) {
        let portrait = surroundings.portrait()
        guard portrait.group(request.words[2]) != nil else {
            return refuse(id, OrderRefusal.unknownMaster.text)
        }
        if let index = request.firstControlCharacter(from: 2) {
            return refuse(id, Self.controlCharacter(at: index, "SET"))
        }
        let asked = SetRequest(
            request, deniesScripts: portrait.globals.deniesScriptChanges,
            isExecutable: { surroundings.isExecutable($0) })
        if asked.options.isEmpty, let complaint = asked.complaint { return refuse(id, complaint) }
        order(.set(request.words[2], asked.options), id, complaint: asked.complaint)
    }

    /// Valkey's words for what Redis and it refuse since 2026: such a character would forge lines
    /// of the configuration file.
    static func controlCharacter(at index: Int, _ subcommand: String) -> String {
        "ERR Invalid argument at index \(index) for SENTINEL \(subcommand): control characters are"
            + " not allowed"
    }
}
