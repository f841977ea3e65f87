internal import RESP

extension Port {
    /// `ACL` and its subcommands.
    mutating func runAccess(
        _ name: String, _ request: Request, _ client: PortClient, _ now: Moment,
        _ surroundings: some PortSurroundings
    ) {
        let id = client.id
        switch name {
        case "whoami": reply(id, .bulk(client.user))
        case "users": reply(id, .array(book.users.map { .bulk($0.name) }))
        case "list": reply(id, .array(book.lines.map { .bulk($0) }))
        case "getuser": showUser(request, id)
        case "setuser": setUser(request, client, surroundings)
        case "deluser": deleteUsers(request, id)
        case "cat": listCategories(request, id)
        case "genpass": drawPassword(request, id, surroundings)
        case "dryrun": tryOut(request, id)
        case "log": showLog(request, id, now)
        case "save": saveUsers(id)
        case "load": loadUsers(id)
        case _: reply(id, HelpText.value("ACL", HelpText.access))
        }
    }

    private mutating func showUser(_ request: Request, _ id: PortClient.ID) {
        guard let user = book[request.words[2]] else { return reply(id, .null) }
        let selectors = user.selectors.map { RESPValue.map(Self.pairs($0)) }
        reply(
            id,
            .map(
                [
                    RESPPair(.bulk("flags"), .set(user.flags.map { .bulk($0) })),
                    RESPPair(.bulk("passwords"), .array(user.passwords.map { .bulk($0) })),
                ] + Self.pairs(user.root) + [RESPPair(.bulk("selectors"), .array(selectors))]))
    }

    private static func pairs(_ selector: AccessSelector) -> [RESPPair] {
        [
            RESPPair(.bulk("commands"), .bulk(selector.commandText)),
            RESPPair(.bulk("keys"), .bulk(selector.keyText)),
            RESPPair(.bulk("channels"), .bulk(selector.channelText)),
        ]
    }

    private mutating func setUser(
        _ request: Request, _ client: PortClient,
        _ surroundings: some PortSurroundings
    ) {
        let name = request.words[2]
        guard !AccessRules.hasBlank(name) else {
            return refuse(client.id, "ERR Usernames can't contain spaces or null characters")
        }
        guard book[name] != nil || book.users.count < UserBook.userCountMax else {
            return refuse(client.id, "ERR there are \(UserBook.userCountMax) users already")
        }
        let words = Array(request.words.dropFirst(3))
        switch book.changed(name, words, rules: rules(surroundings)) {
        case .failure(let failure):
            refuse(client.id, "ERR " + failure.text)
        case .success(let user):
            let isNew = book[name] == nil
            book.put(user)
            reply(client.id, .simple("OK"))
            if !isNew { closeSubscribersWithoutRight(of: user) }
        }
    }

    func rules(_ host: some PortHost) -> AccessRules {
        AccessRules(
            newUsersHaveAllChannels: settings.newUsersHaveAllChannels,
            hash: { Self.hexadecimal(host.digest(Array($0.utf8))) })
    }

    private mutating func deleteUsers(_ request: Request, _ id: PortClient.ID) {
        var removed: [String] = []
        var isRefused = false
        for name in request.words.dropFirst(2) {
            isRefused = name == UserBook.defaultName
            if isRefused { break }
            if book.remove(name) { removed.append(name) }
        }
        if isRefused {
            refuse(id, "ERR The 'default' user cannot be removed")
        } else {
            reply(id, .integer(removed.count))
        }
        // The caller's own connection may be among them: its answer comes first.
        for name in removed { closeClients(of: name) }
    }

    private mutating func listCategories(_ request: Request, _ id: PortClient.ID) {
        guard request.count <= 3 else { return refuse(id, Self.unknownOrWrongCount(request)) }
        guard request.count == 3 else {
            return reply(id, .array(CommandTable.categories.map { .bulk($0) }))
        }
        let category = request.option(2)
        guard CommandTable.categories.contains(category) else {
            return refuse(id, "ERR Unknown category '\(request.words[2])'")
        }
        let entries = CommandTable.entries.filter { $0.categories.contains(category) }
        reply(id, .array(entries.map { .bulk($0.name) }))
    }

    private mutating func drawPassword(
        _ request: Request, _ id: PortClient.ID,
        _ surroundings: some PortSurroundings
    ) {
        guard request.count <= 3 else { return refuse(id, Self.unknownOrWrongCount(request)) }
        var bitCount = 256
        if request.count == 3 {
            guard let asked = request.integer(2) else { return refuse(id, Self.noInteger) }
            guard (1...4096).contains(asked) else {
                return refuse(
                    id,
                    "ERR ACL GENPASS argument must be the number of bits for the output password,"
                        + " a positive number up to 4096")
            }
            bitCount = asked
        }
        let digitCount = (bitCount + 3) / 4
        let digits = Self.hexadecimal(surroundings.randomBytes((digitCount + 1) / 2))
        reply(id, .bulk(digits.prefix(digitCount)))
    }

    private mutating func tryOut(_ request: Request, _ id: PortClient.ID) {
        guard let user = book[request.words[2]] else {
            return refuse(id, "ERR User '\(request.words[2])' not found")
        }
        let tried = Request(Array(request.arguments.dropFirst(3)))
        guard case .found(let position) = CommandTable.look(up: tried.words) else {
            return refuse(id, "ERR Command '\(request.words[3])' not found")
        }
        let name = CommandTable.entries[position].name
        guard CommandTable.entries[position].allows(wordCount: tried.count) else {
            return refuse(id, Self.wrongCount(name))
        }
        switch user.denial(of: tried, command: position) {
        case nil:
            reply(id, .simple("OK"))
        case .command?:
            reply(
                id, .bulk("User \(user.name) has no permissions to run the '\(name)' command"))
        case .channel(let index)?:
            reply(
                id,
                .bulk(
                    "User \(user.name) has no permissions to access the '\(tried.words[index])'"
                        + " channel"))
        }
    }

    private mutating func showLog(_ request: Request, _ id: PortClient.ID, _ now: Moment) {
        guard request.count <= 3 else { return refuse(id, Self.unknownOrWrongCount(request)) }
        var count = 10
        if request.count == 3 {
            if request.option(2) == "reset" {
                accessLog.reset()
                return reply(id, .simple("OK"))
            }
            guard let asked = request.integer(2) else { return refuse(id, Self.noInteger) }
            count = asked
        }
        reply(id, accessLog.value(count: count, now: now))
    }
}
