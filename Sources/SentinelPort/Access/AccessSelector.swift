internal import RESP

/// What one selector of a user allows: commands, keys, channels.
struct AccessSelector: Sendable, Equatable {
    /// Keys that match a pattern may be read, written, or both.
    struct KeyPattern: Sendable, Equatable {
        var reads: Bool
        var writes: Bool
        var pattern: String

        /// As a rule.
        var rule: String {
            switch (reads, writes) {
            case (true, false): "%R~" + pattern
            case (false, true): "%W~" + pattern
            case (_, _): "~" + pattern
            }
        }
    }

    /// One word that a command may be given first where it is not allowed with every word.
    struct FirstWord: Sendable, Equatable {
        var command: Int
        var word: String
    }

    /// Why a request is refused, the graver the later.
    enum Denial: Equatable {
        case command
        /// By which word of the request.
        case channel(Int)
    }

    /// `+@all` was the last of its kind: commands that are to come are allowed too.
    private(set) var beginsWithAll = false
    /// The rules after it, in order.
    private(set) var commandRules: [String] = []
    /// By the position in ``CommandTable/entries``.
    private(set) var allowed = [Bool](repeating: false, count: CommandTable.entries.count)
    private(set) var firstWords: [FirstWord] = []
    var hasAllKeys = false
    var keys: [KeyPattern] = []
    var hasAllChannels: Bool
    var channels: [String] = []

    init(hasAllChannels: Bool = false) {
        self.hasAllChannels = hasAllChannels
    }

    // MARK: What it says

    /// As `ACL GETUSER` shows them.
    var commandText: String {
        ([beginsWithAll ? "+@all" : "-@all"] + commandRules).joined(separator: " ")
    }

    var keyText: String {
        hasAllKeys ? "~*" : keys.map(\.rule).joined(separator: " ")
    }

    var channelText: String {
        hasAllChannels ? "&*" : channels.map { "&" + $0 }.joined(separator: " ")
    }

    /// All of it, as a file has it.
    var text: String {
        var words = hasAllKeys ? ["~*"] : keys.map(\.rule)
        words += hasAllChannels ? ["&*"] : ["resetchannels"] + channels.map { "&" + $0 }
        words.append(commandText)
        return words.joined(separator: " ")
    }

    // MARK: What it is told

    mutating func allowAllCommands() {
        beginsWithAll = true
        commandRules = []
        firstWords = []
        allowed = allowed.map { _ in true }
    }

    mutating func allowNoCommands() {
        beginsWithAll = false
        commandRules = []
        firstWords = []
        allowed = allowed.map { _ in false }
    }

    /// A command, with its subcommands.
    mutating func set(command position: Int, _ isAllowed: Bool) {
        for index in [position] + Array(CommandTable.subcommands(of: position)) {
            allowed[index] = isAllowed
            firstWords.removeAll { $0.command == index }
        }
        note(CommandTable.entries[position].name, isAllowed)
    }

    mutating func set(category: String, _ isAllowed: Bool) {
        for (index, entry) in CommandTable.entries.enumerated()
        where entry.categories.contains(category) {
            allowed[index] = isAllowed
            firstWords.removeAll { $0.command == index }
        }
        note("@" + category, isAllowed)
    }

    /// A command with this first word alone.
    mutating func allow(command position: Int, firstWord: String) {
        let word = FirstWord(command: position, word: firstWord)
        if !firstWords.contains(word) { firstWords.append(word) }
        note(CommandTable.entries[position].name + "|" + firstWord, true)
    }

    /// A new rule takes the place of an old one about the same, or about a part of it.
    private mutating func note(_ rule: String, _ isAllowed: Bool) {
        commandRules.removeAll {
            let old = $0.dropFirst()
            return old == rule[...] || old.hasPrefix(rule + "|")
        }
        commandRules.append((isAllowed ? "+" : "-") + rule.lowercasedASCII)
    }

    // MARK: What it allows

    /// `nil`: the request is allowed.
    func denial(of request: Request, command position: Int) -> Denial? {
        let entry = CommandTable.entries[position]
        if !allowed[position], !entry.needsNoAuthentication {
            let index = entry.container == nil ? 1 : 2
            let isAllowedSo =
                request.count > index
                && firstWords.contains {
                    $0.command == position
                        && $0.word.lowercasedASCII == request.option(index)
                }
            guard isAllowedSo else { return .command }
        }
        guard !hasAllChannels else { return nil }
        for index in Self.channelWords(of: request, entry.name) where !allows(request, index) {
            return .channel(index)
        }
        return nil
    }

    /// Which words of a request are channels or patterns of them.
    private static func channelWords(of request: Request, _ name: String) -> Range<Int> {
        switch name {
        case "publish": 1..<min(2, request.count)
        case "subscribe", "psubscribe": 1..<max(1, request.count)
        case _: 0..<0
        }
    }

    private func allows(_ request: Request, _ index: Int) -> Bool {
        let word = request.arguments[index]
        let isPattern = request.option(0) == "psubscribe"
        return channels.contains { channel in
            // A pattern within a pattern cannot be told, so that only the same one is allowed.
            isPattern
                ? Array(channel.utf8) == word : GlobPattern(Array(channel.utf8)).matches(word)
        }
    }

    /// Whether clients of this user may be subscribed to it.
    func allows(channel: [UInt8], isPattern: Bool) -> Bool {
        hasAllChannels
            || channels.contains {
                isPattern
                    ? Array($0.utf8) == channel : GlobPattern(Array($0.utf8)).matches(channel)
            }
    }
}
