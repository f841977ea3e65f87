internal import DirectiveFile
internal import RESP

extension Port {
    private static let noFile =
        "ERR This Redis instance is not configured to use an ACL file. You may want to specify"
        + " users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a"
        + " Redis configuration file set) in order to store users in the Redis configuration."

    mutating func saveUsers(_ id: PortClient.ID) {
        guard settings.usersPath != nil else { return refuse(id, Self.noFile) }
        let text = book.lines.map { $0 + "\n" }.joined()
        effects.append(.saveUsers(text, ticket(for: .save(id), id)))
    }

    mutating func loadUsers(_ id: PortClient.ID) {
        guard settings.usersPath != nil else { return refuse(id, Self.noFile) }
        effects.append(.loadUsers(ticket(for: .load(id), id)))
    }

    /// Whether the file of users was written.
    public mutating func saved(_ isSaved: Bool, to ticket: Ticket) -> [PortEffect] {
        guard case .save(let id)? = take(ticket) else { return [] }
        if isSaved {
            reply(id, .simple("OK"))
        } else {
            refuse(
                id,
                "ERR There was an error trying to save the ACLs. Please check the server logs for"
                    + " more information")
        }
        return drain()
    }

    /// The text of the file of users; `nil`: it could not be read.
    public mutating func loaded(
        _ text: [UInt8]?, to ticket: Ticket, _ surroundings: some PortSurroundings
    ) -> [PortEffect] {
        guard case .load(let id)? = take(ticket) else { return [] }
        if let problem = replaceUsers(by: text, surroundings) {
            refuse(id, "ERR " + problem)
        } else {
            reply(id, .simple("OK"))
        }
        return drain()
    }

    /// Takes the users of a file, all or none; the problem where it is none. Connections of users
    /// that changed are closed.
    public mutating func replaceUsers(
        by text: [UInt8]?, _ host: some PortHost
    ) -> String? {
        let path = settings.usersPath ?? "the file of users"
        guard let text else { return "Error loading ACLs, opening file '\(path)' failed" }
        let document = Document(reading: text)
        if let problem = document.problems.first(where: { $0.severity == .error }) {
            return "\(path):\(problem.line): \(problem.message)." + Self.noChange
        }
        var lines: [[String]] = []
        for directive in document.directives {
            guard directive.name == "user", directive.words.count > 1 else {
                return "\(path):\(directive.line) should start with user keyword followed by the"
                    + " username." + Self.noChange
            }
            lines.append(directive.words.dropFirst().map(\.text))
        }
        let numbers = document.directives.map(\.line)
        do throws(UserBook.LineError) {
            let fresh = try UserBook.read(lines, rules: rules(host))
            for user in book.users where fresh[user.name] != user {
                closeClients(of: user.name)
            }
            book = fresh
            return nil
        } catch {
            return "\(path):\(numbers[error.line]): \(error.text)." + Self.noChange
        }
    }

    private static let noChange =
        " WARNING: ACL errors detected, no change to the previously"
        + " active ACL rules was performed"

    /// Users of `user` lines of the configuration file, each the words after `user`, and
    /// `requirepass`; before the first client comes. The index of the line that is wrong, and why.
    public mutating func takeUsers(
        _ lines: [[String]], password: String?,
        _ host: some PortHost
    ) -> (line: Int, problem: String)? {
        do throws(UserBook.LineError) {
            book = try UserBook.read(lines, rules: rules(host))
        } catch {
            return (error.line, error.text)
        }
        if let password {
            var user = book.defaultUser
            user.needsNoPassword = false
            user.passwords = [hash(Array(password.utf8), host)]
            book.put(user)
        }
        return nil
    }

    /// The `user` lines of the configuration file as the rewriting has them, without `user`;
    /// empty when users have a file of their own.
    public var userLines: [String] {
        settings.usersPath == nil ? book.users.map { "\($0.name) \($0.text)" } : []
    }
}
