/// One command, or one subcommand as `container|name`, as Redis 7.2's Sentinel has it.
struct CommandEntry: Sendable {
    /// That another command is to be used instead.
    struct Deprecation: Sendable {
        var since: String
        var replacement: String

        init(since: String, replacement: String) {
            self.since = since
            self.replacement = replacement
        }
    }

    /// What a version changed.
    struct Change: Sendable {
        var version: String
        var text: String

        init(_ version: String, _ text: String) {
            self.version = version
            self.text = text
        }
    }

    /// In lower case; a subcommand's begins with its container's.
    let name: String
    /// The words of a request, the names counted; negative: at least as many.
    let arity: Int
    let flags: [String]
    /// Without `@`.
    let categories: [String]
    let tips: [String]
    let group: String
    let since: String
    let complexity: String?
    let deprecation: Deprecation?
    let summary: String
    let changes: [Change]
    let arguments: [ArgumentSyntax]

    /// `flags`, `categories` and `tips` with blanks between them, `arguments` as
    /// ``ArgumentSyntax/list(_:)`` reads them.
    init(
        _ name: String, arity: Int, flags: String, categories: String, tips: String = "",
        group: String, since: String, complexity: String? = nil,
        deprecated: Deprecation? = nil, summary: String, changes: [Change] = [],
        arguments: String = ""
    ) {
        self.name = name
        self.arity = arity
        self.flags = flags.split(separator: " ").map(String.init)
        self.categories = categories.split(separator: " ").map(String.init)
        self.tips = tips.split(separator: " ").map(String.init)
        self.group = group
        self.since = since
        self.complexity = complexity
        deprecation = deprecated
        self.summary = summary
        self.changes = changes
        self.arguments = ArgumentSyntax.list(arguments)
    }

    /// The command that this is a subcommand of.
    var container: Substring? {
        name.firstIndex(of: "|").map { name[..<$0] }
    }

    /// Its name without its container's.
    var ownName: Substring {
        name.firstIndex(of: "|").map { name[name.index(after: $0)...] } ?? name[...]
    }

    /// Whether a request of so many words is one.
    func allows(wordCount: Int) -> Bool {
        arity >= 0 ? wordCount == arity : wordCount >= -arity
    }

    /// A client may send it before it has authenticated.
    var needsNoAuthentication: Bool { flags.contains("no_auth") }
}
