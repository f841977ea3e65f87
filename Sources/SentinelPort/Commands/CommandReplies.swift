internal import RESP

/// The answers of `COMMAND` about single commands.
enum CommandReplies {
    /// An element of `COMMAND` and `COMMAND INFO`.
    static func info(_ position: Int) -> RESPValue {
        let entry = CommandTable.entries[position]
        return .array([
            .bulk(entry.name), .integer(entry.arity),
            .set(entry.flags.map { .simple($0) }),
            // No command of a Sentinel has keys.
            .integer(0), .integer(0), .integer(0),
            .set(entry.categories.map { .simple("@" + $0) }),
            .set(entry.tips.map { .bulk($0) }),
            .set([]),
            .set(CommandTable.subcommands(of: position).map(info)),
        ])
    }

    /// The value under a name of `COMMAND DOCS`.
    static func documentation(_ position: Int) -> RESPValue {
        let entry = CommandTable.entries[position]
        var pairs = [
            RESPPair(.bulk("summary"), .bulk(entry.summary)),
            RESPPair(.bulk("since"), .bulk(entry.since)),
            RESPPair(.bulk("group"), .bulk(entry.group)),
        ]
        if let complexity = entry.complexity {
            pairs.append(RESPPair(.bulk("complexity"), .bulk(complexity)))
        }
        if let deprecation = entry.deprecation {
            pairs.append(RESPPair(.bulk("doc_flags"), .set([.simple("deprecated")])))
            pairs.append(RESPPair(.bulk("deprecated_since"), .bulk(deprecation.since)))
            pairs.append(
                RESPPair(.bulk("replaced_by"), .bulk("`" + deprecation.replacement + "`")))
        }
        if !entry.changes.isEmpty {
            let changes = entry.changes.map {
                RESPValue.array([.bulk($0.version), .bulk($0.text)])
            }
            pairs.append(RESPPair(.bulk("history"), .set(changes)))
        }
        if !entry.arguments.isEmpty {
            pairs.append(RESPPair(.bulk("arguments"), .array(entry.arguments.map(argument))))
        }
        let inner = CommandTable.subcommands(of: position)
        if !inner.isEmpty {
            let subcommands = inner.map {
                RESPPair(.bulk(CommandTable.entries[$0].name), documentation($0))
            }
            pairs.append(RESPPair(.bulk("subcommands"), .map(subcommands)))
        }
        return .map(pairs)
    }

    private static func argument(_ argument: ArgumentSyntax) -> RESPValue {
        var pairs = [
            RESPPair(.bulk("name"), .bulk(argument.name)),
            RESPPair(.bulk("type"), .bulk(argument.type)),
        ]
        if argument.type != "oneof", argument.type != "block" {
            let display = argument.display ?? argument.name
            pairs.append(RESPPair(.bulk("display_text"), .bulk(display)))
        }
        let texts: [(String, String?)] = [
            ("token", argument.token), ("since", argument.since),
            ("deprecated_since", argument.deprecatedSince),
        ]
        for case (let name, let text?) in texts {
            pairs.append(RESPPair(.bulk(name), .bulk(text)))
        }
        if !argument.flags.isEmpty {
            pairs.append(RESPPair(.bulk("flags"), .set(argument.flags.map { .simple($0) })))
        }
        if !argument.parts.isEmpty {
            pairs.append(RESPPair(.bulk("arguments"), .array(argument.parts.map(self.argument))))
        }
        return .map(pairs)
    }
}
