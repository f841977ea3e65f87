public import RESP

extension Port {
    /// One request of a client. Words as ``RESP/RequestScanner`` gives them; none is nothing.
    public mutating func handle(
        _ arguments: [[UInt8]], from id: PortClient.ID, at now: Moment,
        _ surroundings: some PortSurroundings
    ) -> [PortEffect] {
        guard !arguments.isEmpty, let index = index(of: id), !clients[index].isClosing else {
            return []
        }
        clients[index].lastRequestAt = now.monotonic
        advanceAnswering(index)
        run(Request(arguments), of: clients[index], at: now, surroundings)
        return drain()
    }

    /// `CLIENT REPLY SKIP` holds for one request after it.
    private mutating func advanceAnswering(_ index: Int) {
        switch clients[index].answering {
        case .always, .never: break
        case .notTheNext: clients[index].answering = .notThis
        case .notThis: clients[index].answering = .always
        }
    }

    /// What the scanner refused; the connection can only be closed.
    public mutating func refuse(_ error: RESPError, from id: PortClient.ID) -> [PortEffect] {
        guard self[id] != nil else { return [] }
        reply(id, .error(Array("ERR ".utf8) + error.message))
        close(id)
        return drain()
    }

    private mutating func run(
        _ request: Request, of client: PortClient, at now: Moment,
        _ surroundings: some PortSurroundings
    ) {
        let first = request.option(0)
        // A browser was made to send a request here (cross-protocol scripting).
        if first == "post" || first == "host:" {
            effects.append(
                .log(
                    .warning,
                    "A client at \(client.remote) speaks HTTP (\(first)): somebody may be using a"
                        + " browser to send commands here. Its connection was closed"))
            return close(client.id)
        }
        // Redis has no QUIT for Sentinels since 7.0; those that check its health still send it.
        if first == "quit" {
            reply(client.id, .simple("OK"))
            return close(client.id)
        }
        guard let position = position(of: request, client.id) else { return }
        let entry = CommandTable.entries[position]
        change(client.id) { $0.lastCommand = entry.name }
        guard allowsCount(request, entry) else {
            return refuse(client.id, Self.wrongCount(entry.name))
        }
        if mustAuthenticate(client), !entry.needsNoAuthentication {
            return refuse(client.id, "NOAUTH Authentication required.")
        }
        guard mayRun(request, position, client, now) else { return }
        guard isTrusted(client, with: request, entry.name) else {
            return refuse(client.id, Self.guarded(entry.name))
        }
        if client.version == .resp2, client.isSubscribed, !Self.isForSubscribers(entry.name) {
            return refuse(
                client.id,
                "ERR Can't execute '\(entry.name)': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE"
                    + " / PING / QUIT / RESET are allowed in this context")
        }
        statistics.commandCount += 1
        carryOut(entry, request, client, now, surroundings)
    }

    private mutating func position(of request: Request, _ id: PortClient.ID) -> Int? {
        switch CommandTable.look(up: renamed(request.words)) {
        case .found(let position):
            return position
        case .unknown:
            reply(id, Self.unknownCommand(request))
        case .unknownSubcommand(let container):
            let name = CommandTable.entries[container].name.uppercasedASCII
            let shown = request.arguments[1].prefix(128)
            reply(
                id,
                .error(
                    Array("ERR unknown subcommand '".utf8) + shown
                        + Array("'. Try \(name) HELP.".utf8)))
        }
        return nil
    }

    /// The words under the command's own name, where `rename-command` gave it another.
    private func renamed(_ words: [String]) -> [String] {
        guard !settings.renamedCommands.isEmpty, let first = words.first else { return words }
        let name = first.lowercasedASCII
        if let match = settings.renamedCommands.last(where: {
            $0.renamed.lowercasedASCII == name
        }) {
            return [match.original] + words.dropFirst()
        }
        let isHidden = settings.renamedCommands.contains { $0.original.lowercasedASCII == name }
        return isHidden ? [""] + words.dropFirst() : words
    }

    /// As much of the arguments as Redis shows: until 128 bytes are full.
    private static func unknownCommand(_ request: Request) -> RESPValue {
        var shown: [UInt8] = []
        for argument in request.arguments.dropFirst() {
            guard shown.count < 128 else { break }
            shown += Array("'".utf8) + argument.prefix(128 - shown.count) + Array("' ".utf8)
        }
        return .error(
            Array("ERR unknown command '".utf8) + request.arguments[0].prefix(128)
                + Array("', with args beginning with: ".utf8) + shown)
    }

    /// Valkey 9 lets a word follow the name in `SENTINEL FAILOVER`; Redis's table has none.
    private func allowsCount(_ request: Request, _ entry: CommandEntry) -> Bool {
        entry.allows(wordCount: request.count)
            || entry.name == "sentinel|failover" && request.count == 4
    }

    static func wrongCount(_ command: String) -> String {
        "ERR wrong number of arguments for '\(command)' command"
    }

    static func unknownOrWrongCount(_ request: Request) -> String {
        "ERR unknown subcommand or wrong number of arguments for '\(request.words[1].prefix(128))'."
            + " Try \(request.words[0].uppercasedASCII) HELP."
    }

    /// Says why not, and remembers it.
    private mutating func mayRun(
        _ request: Request, _ position: Int, _ client: PortClient, _ now: Moment
    ) -> Bool {
        guard let user = book[client.user],
            let denial = user.denial(of: request, command: position)
        else { return book[client.user] != nil }
        let name = CommandTable.entries[position].name
        switch denial {
        case .command:
            note(.command, object: name, user: user.name, client, now)
            refuse(
                client.id,
                "NOPERM User \(user.name) has no permissions to run the '\(name)' command")
        case .channel(let index):
            note(.channel, object: request.words[index], user: user.name, client, now)
            refuse(client.id, "NOPERM No permissions to access a channel")
        }
        return false
    }

    mutating func note(
        _ reason: AccessLog.Reason, object: String, user: String, _ client: PortClient,
        _ now: Moment
    ) {
        accessLog.add(
            reason, object: object, user: user,
            client: (self[client.id] ?? client).line(now: now.monotonic), at: now,
            lengthMax: settings.accessLogLengthMax)
    }

    private static func isForSubscribers(_ name: String) -> Bool {
        ["ping", "subscribe", "unsubscribe", "psubscribe", "punsubscribe"].contains(name)
    }

    private mutating func carryOut(
        _ entry: CommandEntry, _ request: Request, _ client: PortClient, _ now: Moment,
        _ surroundings: some PortSurroundings
    ) {
        let id = client.id
        switch String(entry.container ?? entry.name[...]) {
        case "ping": ping(request, client)
        case "auth": authenticate(request, client, now, surroundings)
        case "hello": greet(request, client, now, surroundings)
        case "client": runClient(String(entry.ownName), request, client, now)
        case "acl": runAccess(String(entry.ownName), request, client, now, surroundings)
        case "command": runCommand(String(entry.ownName), request, id)
        case "sentinel": runSentinel(String(entry.ownName), request, id, surroundings)
        case "role": role(id, surroundings.portrait())
        case "info": info(request, id, now, surroundings)
        case "publish": receiveHello(request, id)
        case "subscribe", "psubscribe": subscribe(request, id)
        case "unsubscribe", "punsubscribe": unsubscribe(request, client)
        case "shutdown": shutDown(request, id)
        case let name: preconditionFailure("\(name) is in the table and not carried out")
        }
    }

    // MARK: Small commands

    private mutating func ping(_ request: Request, _ client: PortClient) {
        guard request.count <= 2 else { return refuse(client.id, Self.wrongCount("ping")) }
        if client.version == .resp2, client.isSubscribed {
            let echo = request.count == 2 ? request.arguments[1] : []
            return reply(client.id, .array([.bulk("pong"), .bulkString(echo)]))
        }
        reply(
            client.id,
            request.count == 2 ? .bulkString(request.arguments[1]) : .simple("PONG"))
    }

    /// A hello by another way than a server's channel; whoever may run it is believed.
    private mutating func receiveHello(_ request: Request, _ id: PortClient.ID) {
        guard request.words[1] == "__sentinel__:hello" else {
            return refuse(id, "ERR Only HELLO messages are accepted by Sentinel instances.")
        }
        effects.append(.hello(request.words[2]))
        reply(id, .integer(1))
    }

    /// There is nothing to save, so that all of Redis's words mean the same.
    private mutating func shutDown(_ request: Request, _ id: PortClient.ID) {
        var words: [String] = []
        for index in 1..<max(1, request.count) {
            let word = request.option(index)
            guard ["save", "nosave", "now", "force", "abort"].contains(word) else {
                return refuse(id, "ERR syntax error")
            }
            words.append(word)
        }
        let isAbort = words.contains("abort")
        guard !(words.contains("save") && words.contains("nosave")), !(isAbort && words.count > 1)
        else { return refuse(id, "ERR syntax error") }
        if isAbort { return refuse(id, "ERR No shutdown in progress.") }
        effects.append(.shutDown)
    }
}
