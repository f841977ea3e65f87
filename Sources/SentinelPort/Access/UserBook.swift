/// All users.
struct UserBook: Sendable {
    static let defaultName = "default"

    /// Users that may be kept: each takes a few kilobytes.
    static let userCountMax = 10_000

    /// In the order of their names' bytes, as Redis lists them; the default user is always there.
    private(set) var users = [AccessUser.unlimited(name: UserBook.defaultName)]

    /// Why users cannot be taken from lines; ``UserBook/read(_:rules:)``.
    struct LineError: Error, Equatable {
        /// The index of the line.
        var line: Int
        var text: String
    }

    subscript(name: String) -> AccessUser? {
        users.first { $0.name.utf8.elementsEqual(name.utf8) }
    }

    /// The user without a name of its own.
    var defaultUser: AccessUser {
        self[Self.defaultName] ?? .unlimited(name: Self.defaultName)
    }

    /// Whether a connection must authenticate before it may do anything.
    var needsAuthentication: Bool {
        let user = defaultUser
        return !user.needsNoPassword || !user.isOn
    }

    mutating func put(_ user: AccessUser) {
        if let index = users.firstIndex(where: { $0.name == user.name }) {
            users[index] = user
        } else {
            let index = users.firstIndex {
                user.name.utf8.lexicographicallyPrecedes($0.name.utf8)
            }
            users.insert(user, at: index ?? users.endIndex)
        }
    }

    /// Whether there was one. The default user cannot be removed.
    mutating func remove(_ name: String) -> Bool {
        guard name != Self.defaultName, let index = users.firstIndex(where: { $0.name == name })
        else { return false }
        users.remove(at: index)
        return true
    }

    /// A changed user, or why a rule is wrong, as `ACL SETUSER` answers. Nothing is put.
    func changed(
        _ name: String, _ words: [String], rules: AccessRules
    ) -> Result<AccessUser, PortRefusal> {
        var user =
            self[name]
            ?? AccessUser(name: name, hasAllChannels: rules.newUsersHaveAllChannels)
        let merged: [String]
        switch Self.merged(words) {
        case .success(let words): merged = words
        case .failure(let failure): return .failure(failure)
        }
        for word in merged {
            do throws(AccessRuleError) {
                try rules.apply(word, to: &user)
            } catch {
                return .failure(
                    PortRefusal("Error in ACL SETUSER modifier '\(word)': \(error.text)"))
            }
        }
        return .success(user)
    }

    /// Joins the words of selectors that are in parentheses.
    private static func merged(_ words: [String]) -> Result<[String], PortRefusal> {
        var merged: [String] = []
        var open: String?
        var opening = ""
        for word in words {
            if let text = open {
                open = text + " " + word
                guard word.hasSuffix(")") else { continue }
                merged.append(text + " " + word)
                open = nil
            } else if word.hasPrefix("("), !word.hasSuffix(")") {
                open = word
                opening = word
            } else {
                merged.append(word)
            }
        }
        guard open == nil else {
            return .failure(
                PortRefusal("Unmatched parenthesis in acl selector starting at '\(opening)'."))
        }
        return .success(merged)
    }

    /// The lines of a file with all users.
    var lines: [String] { users.map { "user \($0.name) \($0.text)" } }

    /// Users from the words of `user` lines, those after `user`. A default user is added where
    /// none is named.
    static func read(
        _ lines: [[String]], rules: AccessRules
    ) throws(LineError) -> UserBook {
        var book = UserBook()
        var named: [String] = []
        for (index, words) in lines.enumerated() {
            guard let name = words.first else {
                throw LineError(line: index, text: "a user needs a name")
            }
            guard !AccessRules.hasBlank(name) else {
                throw LineError(line: index, text: "usernames can't contain spaces")
            }
            guard !named.contains(name) else {
                throw LineError(
                    line: index,
                    text: "Duplicate user found. A user can only be defined once in config files")
            }
            guard named.count < userCountMax else {
                throw LineError(line: index, text: "there are more than \(userCountMax) users")
            }
            named.append(name)
            // A line says all of a user: what the default user was before counts for nothing.
            var fresh = UserBook()
            if name == defaultName {
                fresh.put(AccessUser(name: name, hasAllChannels: rules.newUsersHaveAllChannels))
            }
            switch fresh.changed(name, Array(words.dropFirst()), rules: rules) {
            case .success(let user): book.put(user)
            case .failure(let failure): throw LineError(line: index, text: failure.text)
            }
        }
        return book
    }
}
