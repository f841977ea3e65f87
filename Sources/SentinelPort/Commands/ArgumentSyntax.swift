/// One argument of a command, as `COMMAND DOCS` describes it.
///
/// Written `name:type`, then as far as it has them `~display`, `=TOKEN`, `@since`, `!deprecated`,
/// the flags `?` (optional), `*` (may be repeated) and `#` (its token is repeated too), and in
/// parentheses the arguments that it is made of.
struct ArgumentSyntax: Sendable, Equatable {
    var name: String
    var type: String
    /// `nil` where it is the name.
    var display: String?
    var token: String?
    var since: String?
    var deprecatedSince: String?
    var flags: [String] = []
    var parts: [ArgumentSyntax] = []

    /// Reads arguments with blanks between them.
    static func list(_ text: String) -> [ArgumentSyntax] {
        var rest = Substring(text)
        return list(&rest)
    }

    private static func list(_ rest: inout Substring) -> [ArgumentSyntax] {
        var list: [ArgumentSyntax] = []
        while let first = rest.first, first != ")" {
            if first == " " { rest.removeFirst() } else { list.append(one(&rest)) }
        }
        return list
    }

    private static func one(_ rest: inout Substring) -> ArgumentSyntax {
        let name = word(&rest)
        rest = rest.dropFirst()
        var argument = ArgumentSyntax(name: name, type: word(&rest))
        while let mark = rest.first, mark != " ", mark != ")" {
            rest.removeFirst()
            switch mark {
            // A display text may hold a colon, as `ip:port`.
            case "~": argument.display = word(&rest, endedBy: "=@!?*#( )")
            case "=": argument.token = word(&rest)
            case "@": argument.since = word(&rest)
            case "!": argument.deprecatedSince = word(&rest)
            case "?": argument.flags.append("optional")
            case "*": argument.flags.append("multiple")
            case "#": argument.flags.append("multiple_token")
            case "(":
                argument.parts = list(&rest)
                rest = rest.dropFirst()
            default: preconditionFailure("no such mark in an argument: \(mark)")
            }
        }
        return argument
    }

    private static func word(
        _ rest: inout Substring, endedBy marks: String = ":~=@!?*#( )"
    ) -> String {
        let word = rest.prefix { !marks.contains($0) }
        rest = rest[word.endIndex...]
        return String(word)
    }
}
