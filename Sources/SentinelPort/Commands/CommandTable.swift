/// Every command that the port knows, and nothing else: Redis 7.2's set for a Sentinel.
///
/// Valkey's PRIMARY names are read as the old ones (``alias(of:)``) and are in no list, so that
/// tools that compare lists see Redis's.
enum CommandTable {
    /// Containers stand before their subcommands.
    static let entries: [CommandEntry] =
        connectionRows + serverRows + sentinelRows
        + subscriptionRows

    /// Positions in ``entries`` by name; its order never reaches an effect.
    private static let positions: [String: Int] = Dictionary(
        uniqueKeysWithValues: entries.enumerated().map { ($1.name, $0) })

    /// Where the command stands in ``entries``; the name in lower case.
    static func position(of name: String) -> Int? { positions[name] }

    static func entry(_ name: String) -> CommandEntry? { positions[name].map { entries[$0] } }

    /// The subcommands' positions: those that follow their container.
    static func subcommands(of position: Int) -> Range<Int> {
        let name = entries[position].name
        var end = position + 1
        while end < entries.count, entries[end].container == name[...] { end += 1 }
        return position + 1..<end
    }

    /// Commands that are no subcommand, as `COMMAND COUNT` counts.
    static let topLevel: [Int] = entries.indices.filter { entries[$0].container == nil }

    /// Redis's categories, in the order of `ACL CAT`.
    static let categories = [
        "keyspace", "read", "write", "set", "sortedset", "list", "hash", "string", "bitmap",
        "hyperloglog", "geo", "stream", "pubsub", "admin", "fast", "slow", "blocking",
        "dangerous", "connection", "transaction", "scripting",
    ]

    /// The old name that Valkey 8's stands for; the name itself where it is none of these.
    static func alias(of subcommand: String) -> String {
        switch subcommand {
        case "primary": "master"
        case "primaries": "masters"
        case "get-primary-addr-by-name": "get-master-addr-by-name"
        case "is-primary-down-by-addr": "is-master-down-by-addr"
        case _: subcommand
        }
    }

    /// What a request names.
    enum Lookup {
        case found(Int)
        case unknown
        /// Of a container that is known.
        case unknownSubcommand(container: Int)
    }

    /// Looks the first words of a request up, without regard to case.
    static func look(up words: [String]) -> Lookup {
        guard let first = words.first, let position = position(of: first.lowercasedASCII),
            entries[position].container == nil
        else { return .unknown }
        let hasSubcommands = !subcommands(of: position).isEmpty
        guard hasSubcommands, words.count > 1 else { return .found(position) }
        let container = entries[position].name
        var name = words[1].lowercasedASCII
        if container == "sentinel" { name = alias(of: name) }
        guard let inner = self.position(of: container + "|" + name) else {
            return .unknownSubcommand(container: position)
        }
        return .found(inner)
    }
}

extension StringProtocol {
    /// As C's `tolower` makes it, which leaves all but ASCII alone.
    var lowercasedASCII: String {
        String(
            decoding: utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    /// As C's `toupper` makes it.
    var uppercasedASCII: String {
        String(
            decoding: utf8.map { (0x61...0x7A).contains($0) ? $0 & 0xDF : $0 }, as: UTF8.self)
    }
}
