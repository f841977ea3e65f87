/// Why a rule of `ACL SETUSER` or of a `user` line was refused, in Redis's words.
enum AccessRuleError: Error, Equatable {
    case syntax
    case unknownCommandOrCategory
    case patternAfterAllKeys
    case patternAfterAllChannels
    case noSuchPassword
    case badHash
    case firstWordOfSubcommand

    var text: String {
        switch self {
        case .syntax:
            "Syntax error"
        case .unknownCommandOrCategory:
            "Unknown command or category name in ACL"
        case .patternAfterAllKeys:
            "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does"
                + " not have any effect. Try 'resetkeys' to start with an empty list of patterns"
        case .patternAfterAllChannels:
            "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and"
                + " does not have any effect. Try 'resetchannels' to start with an empty list of"
                + " channels"
        case .noSuchPassword:
            "The password you are trying to remove from the user does not exist"
        case .badHash:
            "The password hash must be exactly 64 characters and contain only lowercase"
                + " hexadecimal characters"
        case .firstWordOfSubcommand:
            "Allowing first-arg of a subcommand is not supported"
        }
    }
}

/// How rules are applied to a user.
struct AccessRules {
    /// `acl-pubsub-default allchannels`.
    var newUsersHaveAllChannels: Bool
    /// SHA-256 as 64 hexadecimal digits.
    var hash: (String) -> String

    /// One word, or one selector in its parentheses.
    func apply(_ rule: String, to user: inout AccessUser) throws(AccessRuleError) {
        switch rule.lowercasedASCII {
        case "": break
        case "on": user.isOn = true
        case "off": user.isOn = false
        case "skip-sanitize-payload": user.sanitizesPayload = false
        case "sanitize-payload": user.sanitizesPayload = true
        case "nopass":
            user.needsNoPassword = true
            user.passwords = []
        case "resetpass":
            user.needsNoPassword = false
            user.passwords = []
        case "clearselectors": user.selectors = []
        case "reset": user = AccessUser(name: user.name, hasAllChannels: newUsersHaveAllChannels)
        case _: try applyToPasswordsOrSelectors(rule, &user)
        }
    }

    private func applyToPasswordsOrSelectors(
        _ rule: String, _ user: inout AccessUser
    ) throws(AccessRuleError) {
        let rest = String(rule.dropFirst())
        switch rule.first {
        case ">", "#":
            if rule.first == "#", !Self.isHash(rest) { throw .badHash }
            let password = rule.first == ">" ? hash(rest) : rest
            if !user.passwords.contains(password) { user.passwords.append(password) }
            user.needsNoPassword = false
        case "<", "!":
            if rule.first == "!", !Self.isHash(rest) { throw .badHash }
            let password = rule.first == "<" ? hash(rest) : rest
            guard let index = user.passwords.firstIndex(of: password) else {
                throw .noSuchPassword
            }
            user.passwords.remove(at: index)
        case "(" where rule.last == ")":
            var selector = AccessSelector(hasAllChannels: newUsersHaveAllChannels)
            for inner in rest.dropLast().split(separator: " ") {
                try Self.apply(String(inner), to: &selector)
            }
            user.selectors.append(selector)
        case _:
            try Self.apply(rule, to: &user.root)
        }
    }

    static func isHash(_ text: String) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    // MARK: Selectors

    private static func apply(
        _ rule: String, to selector: inout AccessSelector
    ) throws(AccessRuleError) {
        switch rule.lowercasedASCII {
        case "allkeys", "~*":
            selector.hasAllKeys = true
            selector.keys = []
        case "resetkeys":
            selector.hasAllKeys = false
            selector.keys = []
        case "allchannels", "&*":
            selector.hasAllChannels = true
            selector.channels = []
        case "resetchannels":
            selector.hasAllChannels = false
            selector.channels = []
        case "allcommands", "+@all": selector.allowAllCommands()
        case "nocommands", "-@all": selector.allowNoCommands()
        case _:
            switch rule.first {
            case "~", "%": try addKeys(rule, &selector)
            case "&": try addChannel(String(rule.dropFirst()), &selector)
            case "+", "-": try changeCommand(rule, &selector)
            case _: throw .syntax
            }
        }
    }

    private static func addKeys(
        _ rule: String, _ selector: inout AccessSelector
    ) throws(AccessRuleError) {
        if selector.hasAllKeys { throw .patternAfterAllKeys }
        var key = AccessSelector.KeyPattern(reads: true, writes: true, pattern: "")
        var rest = rule.dropFirst()
        if rule.first == "%" {
            (key.reads, key.writes) = (false, false)
            scanning: while let letter = rest.popFirst() {
                switch letter {
                case "R", "r": key.reads = true
                case "W", "w": key.writes = true
                case "~" where key.reads || key.writes: break scanning
                case _: throw .syntax
                }
            }
            guard key.reads || key.writes else { throw .syntax }
        }
        key.pattern = String(rest)
        if hasBlank(key.pattern) { throw .syntax }
        if let index = selector.keys.firstIndex(where: { $0.pattern == key.pattern }) {
            selector.keys[index].reads = selector.keys[index].reads || key.reads
            selector.keys[index].writes = selector.keys[index].writes || key.writes
        } else {
            selector.keys.append(key)
        }
    }

    private static func addChannel(
        _ channel: String, _ selector: inout AccessSelector
    ) throws(AccessRuleError) {
        if selector.hasAllChannels { throw .patternAfterAllChannels }
        if hasBlank(channel) { throw .syntax }
        if !selector.channels.contains(channel) { selector.channels.append(channel) }
    }

    private static func changeCommand(
        _ rule: String, _ selector: inout AccessSelector
    ) throws(AccessRuleError) {
        let isAllowed = rule.first == "+"
        let name = rule.dropFirst().lowercasedASCII
        if name.hasPrefix("@") {
            let category = String(name.dropFirst())
            guard CommandTable.categories.contains(category) else {
                throw .unknownCommandOrCategory
            }
            return selector.set(category: category, isAllowed)
        }
        if let position = position(of: name) {
            return selector.set(command: position, isAllowed)
        }
        // A command with a first word that is no subcommand; may only be allowed.
        guard isAllowed, let bar = name.lastIndex(of: "|"),
            let position = position(of: String(name[..<bar]))
        else { throw .unknownCommandOrCategory }
        let word = String(name[name.index(after: bar)...])
        if CommandTable.entries[position].container != nil { throw .firstWordOfSubcommand }
        if !CommandTable.subcommands(of: position).isEmpty { throw .unknownCommandOrCategory }
        if word.isEmpty { throw .syntax }
        selector.allow(command: position, firstWord: word)
    }

    /// Valkey's names are read too.
    private static func position(of name: String) -> Int? {
        guard name.hasPrefix("sentinel|") else { return CommandTable.position(of: name) }
        let own = String(name.dropFirst("sentinel|".count))
        return CommandTable.position(of: "sentinel|" + CommandTable.alias(of: own))
    }

    /// Spaces and zero bytes would not survive in a file.
    static func hasBlank(_ text: String) -> Bool {
        text.utf8.contains { $0 == 0x20 || (0x09...0x0D).contains($0) || $0 == 0 }
    }
}
