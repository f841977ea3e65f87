internal import RESP

extension Port {
    /// `COMMAND` and its subcommands.
    mutating func runCommand(_ name: String, _ request: Request, _ id: PortClient.ID) {
        switch name {
        case "command":
            reply(id, .array(CommandTable.topLevel.map(CommandReplies.info)))
        case "count":
            reply(id, .integer(CommandTable.topLevel.count))
        case "info":
            let positions =
                request.count == 2
                ? CommandTable.topLevel.map { $0 as Int? }
                : request.words.dropFirst(2).map { CommandTable.position(of: $0.lowercasedASCII) }
            reply(id, .array(positions.map { $0.map(CommandReplies.info) ?? .null }))
        case "docs":
            let positions =
                request.count == 2
                ? CommandTable.topLevel
                : request.words.dropFirst(2).compactMap {
                    CommandTable.position(of: $0.lowercasedASCII)
                }
            let pairs = positions.map {
                RESPPair(
                    .bulk(CommandTable.entries[$0].name), CommandReplies.documentation($0))
            }
            reply(id, .map(pairs))
        case "list":
            list(request, id)
        case "getkeys", "getkeysandflags":
            // No command of a Sentinel has keys.
            switch CommandTable.look(up: Array(request.words.dropFirst(2))) {
            case .found: refuse(id, "ERR The command has no key arguments")
            case .unknown, .unknownSubcommand: refuse(id, "ERR Invalid command specified")
            }
        case _:
            reply(id, HelpText.value("COMMAND", HelpText.command))
        }
    }

    private mutating func list(_ request: Request, _ id: PortClient.ID) {
        var entries = CommandTable.entries
        if request.count > 2 {
            guard request.count == 5, request.option(2) == "filterby" else {
                return refuse(id, "ERR syntax error")
            }
            let value = request.words[4]
            switch request.option(3) {
            case "module": entries = []
            case "aclcat":
                entries = entries.filter { $0.categories.contains(value.lowercasedASCII) }
            case "pattern":
                let pattern = GlobPattern(Array(value.lowercasedASCII.utf8))
                entries = entries.filter { pattern.matches(Array($0.name.utf8)) }
            case _: return refuse(id, "ERR syntax error")
            }
        }
        reply(id, .array(entries.map { .bulk($0.name) }))
    }
}
