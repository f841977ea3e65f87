internal import MonotonicTime
internal import NodeCore
internal import RESP
internal import SentinelCore

/// One request to the node's own port: what a Sentinel answers, and `BATON` for peers and tools.
struct ServerCommand {
    let facts: ServerFacts
    let now: Instant
    /// Asked for only by commands that show it.
    let status: () -> NodeStatus
    /// The journal as a JSON array.
    let history: () -> String
    private let arguments: [[UInt8]]
    private let words: [String]
    private let name: String

    /// `arguments` has at least the command's name.
    init(
        _ arguments: [[UInt8]], facts: ServerFacts, now: Instant,
        status: @escaping () -> NodeStatus, history: @escaping () -> String = { "[]" }
    ) {
        self.facts = facts
        self.now = now
        self.status = status
        self.history = history
        self.arguments = arguments
        words = arguments.map { String(decoding: $0, as: UTF8.self) }
        name = words[0].lowercased()
    }

    func run(for client: inout ClientState) -> CommandOutcome {
        if client.version == .resp2, client.isSubscribed, !isAllowedWhileSubscribed {
            return .refuse(
                "ERR Can't execute '\(name.prefix(128))': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE"
                    + " / PING / QUIT / RESET are allowed in this context")
        }
        switch name {
        case "ping": return ping(client)
        case "auth": return auth(&client)
        case "hello": return hello(&client)
        case "client": return clientCommand(&client)
        case "quit": return .close(.simple("OK"))
        case "role": return role()
        case "info":
            let text = InfoReply(facts: facts, status: status(), now: now).text(
                sections: words.dropFirst().map { $0.lowercased() })
            return .reply(.verbatimString(.text, Array(text.utf8)))
        case "sentinel":
            guard words.count > 1 else { return .wrongArgumentCount(name) }
            return SentinelCommand(
                words: Array(words.dropFirst()), status: status(),
                isTrusted: isTrusted(client) || client.isLoopback
            ).run()
        case "subscribe", "psubscribe": return subscribe(&client)
        case "unsubscribe", "punsubscribe": return unsubscribe(&client)
        case "publish": return publish(client)
        case "baton": return baton(client)
        case "command": return command()
        // A browser was made to send a request here (cross-protocol scripting).
        case "post", "host:": return .close(nil)
        default: return unknown()
        }
    }

    private var isAllowedWhileSubscribed: Bool {
        ["ping", "quit", "subscribe", "unsubscribe", "psubscribe", "punsubscribe"].contains(name)
    }

    /// Whether the client may speak as a node of the cluster.
    private func isPeer(_ client: ClientState) -> Bool {
        facts.secret == .none || client.isPeer
    }

    /// Whether the client may give orders.
    private func isTrusted(_ client: ClientState) -> Bool {
        isPeer(client) || client.isAuthenticated
    }

    private func unknown() -> CommandOutcome {
        var beginning = ""
        for word in words.dropFirst() {
            guard beginning.utf8.count < 128 else { break }
            beginning += "'\(word.prefix(128 - min(128, beginning.utf8.count)))' "
        }
        return .refuse(
            "ERR unknown command '\(words[0].prefix(128))', with args beginning with: \(beginning)")
    }

    private func ping(_ client: ClientState) -> CommandOutcome {
        guard words.count <= 2 else { return .wrongArgumentCount(name) }
        if client.version == .resp2, client.isSubscribed {
            let echo = words.count == 2 ? arguments[1] : []
            return .reply(.array([.bulk("pong"), .bulkString(echo)]))
        }
        return .reply(words.count == 2 ? .bulkString(arguments[1]) : .simple("PONG"))
    }

    private func role() -> CommandOutcome {
        guard words.count == 1 else { return .wrongArgumentCount(name) }
        let names = status().groups.map { RESPValue.bulk($0.settings.name) }
        return .reply(.array([.bulk("sentinel"), .array(names)]))
    }

    private func command() -> CommandOutcome {
        switch words.dropFirst().first?.lowercased() {
        case nil, "info", "list": .reply(.array([]))
        case "count": .reply(.integer(0))
        case "docs": .reply(.map([]))
        case .some: .refuse("ERR unknown subcommand '\(words[1].prefix(128))'. Try COMMAND HELP.")
        }
    }

    // MARK: Who the client is

    private func auth(_ client: inout ClientState) -> CommandOutcome {
        guard (2...3).contains(words.count) else { return .wrongArgumentCount(name) }
        let user = words.count == 3 ? words[1] : nil
        return authenticate(user: user, password: arguments[words.count - 1], &client) ?? .ok
    }

    /// `nil` when it succeeded.
    private func authenticate(
        user: String?, password: [UInt8], _ client: inout ClientState
    ) -> CommandOutcome? {
        if facts.secret == .none, user == nil {
            return .refuse(
                "ERR AUTH <password> called without any password configured for the default user."
                    + " Are you sure your configuration is correct?")
        }
        let isKnown = user == nil || user == "baton" || user == "default"
        // As in Redis, where a user without password accepts any.
        guard isKnown, facts.secret == .none || facts.secret.isMatched(by: password) else {
            return .refuse("WRONGPASS invalid username-password pair or user is disabled.")
        }
        client.isAuthenticated = true
        return nil
    }

    /// `HELLO [2|3 [AUTH user password] [SETNAME name]]`
    private func hello(_ client: inout ClientState) -> CommandOutcome {
        var version = client.version
        if words.count > 1 {
            guard let number = Int(words[1]), let asked = RESPVersion(rawValue: number) else {
                return .refuse("NOPROTO unsupported protocol version")
            }
            version = asked
        }
        var index = 2
        while index < words.count {
            switch words[index].lowercased() {
            case "auth" where index + 2 < words.count:
                let failure = authenticate(
                    user: words[index + 1], password: arguments[index + 2], &client)
                if let failure { return failure }
                index += 3
            case "setname" where index + 1 < words.count:
                guard Self.isName(arguments[index + 1]) else { return Self.badName }
                client.name = arguments[index + 1]
                index += 2
            default:
                return .refuse("ERR Syntax error in HELLO option '\(words[index].prefix(128))'")
            }
        }
        client.version = version
        let fields: [(String, RESPValue)] = [
            ("server", .bulk("baton")), ("version", .bulk(ServerFacts.compatibleVersion)),
            ("proto", .integer(version.rawValue)), ("id", .integer(client.id)),
            ("mode", .bulk("sentinel")), ("modules", .array([])),
        ]
        return .reply(.map(fields.map { RESPPair(.bulk($0), $1) }))
    }

    private func clientCommand(_ client: inout ClientState) -> CommandOutcome {
        guard words.count > 1 else { return .wrongArgumentCount(name) }
        switch (words[1].lowercased(), words.count) {
        case ("id", 2):
            return .reply(.integer(client.id))
        case ("getname", 2):
            return .reply(client.name.isEmpty ? .null : .bulkString(client.name))
        case ("setname", 3):
            guard Self.isName(arguments[2]) else { return Self.badName }
            client.name = arguments[2]
            return .ok
        case ("setinfo", 4):
            return .ok
        case ("id", _), ("getname", _), ("setname", _), ("setinfo", _):
            return .wrongArgumentCount("client|\(words[1].lowercased())")
        case (_, _):
            return .refuse("ERR unknown subcommand '\(words[1].prefix(128))'. Try CLIENT HELP.")
        }
    }

    private static let badName = CommandOutcome.refuse(
        "ERR Client names cannot contain spaces, newlines or special characters.")

    private static func isName(_ bytes: [UInt8]) -> Bool {
        bytes.count <= 256 && bytes.allSatisfy { (0x21...0x7E).contains($0) }
    }

    // MARK: Events

    private func subscribe(_ client: inout ClientState) -> CommandOutcome {
        guard words.count > 1 else { return .wrongArgumentCount(name) }
        guard
            client.channels.count + client.patterns.count + words.count - 1
                <= ClientState.subscriptionsMax
        else { return .refuse("ERR more than \(ClientState.subscriptionsMax) subscriptions") }
        var replies: [RESPValue] = []
        for topic in arguments.dropFirst() {
            if name == "subscribe" {
                if !client.channels.contains(topic) { client.channels.append(topic) }
            } else {
                if !client.patterns.contains(topic) { client.patterns.append(topic) }
            }
            replies.append(confirmation(.bulkString(topic), client))
        }
        return .replies(replies)
    }

    private func unsubscribe(_ client: inout ClientState) -> CommandOutcome {
        let isChannel = name == "unsubscribe"
        var topics = Array(arguments.dropFirst())
        if topics.isEmpty { topics = isChannel ? client.channels : client.patterns }
        guard !topics.isEmpty else { return .reply(confirmation(.null, client)) }
        var replies: [RESPValue] = []
        for topic in topics {
            if isChannel {
                client.channels.removeAll { $0 == topic }
            } else {
                client.patterns.removeAll { $0 == topic }
            }
            replies.append(confirmation(.bulkString(topic), client))
        }
        return .replies(replies)
    }

    private func confirmation(_ topic: RESPValue, _ client: ClientState) -> RESPValue {
        .push([.bulk(name), topic, .integer(client.channels.count + client.patterns.count)])
    }

    // MARK: Peers

    private func publish(_ client: ClientState) -> CommandOutcome {
        guard words.count == 3 else { return .wrongArgumentCount(name) }
        guard words[1] == LinkSession.helloChannel else {
            return .refuse("ERR Only HELLO messages are accepted by Sentinel instances.")
        }
        guard isTrusted(client) else { return Self.unauthenticated }
        return .hello(words[2])
    }

    private func baton(_ client: ClientState) -> CommandOutcome {
        guard words.count > 1 else { return .wrongArgumentCount(name) }
        if words[1].lowercased() == "status" {
            guard words.count == 2 else { return .wrongArgumentCount("baton|status") }
            return .reply(.bulk(status().json))
        }
        if words[1].lowercased() == "history" {
            guard words.count == 2 else { return .wrongArgumentCount("baton|history") }
            return .reply(.bulk(history()))
        }
        if words[1].lowercased() == "hello" {
            guard facts.secret != .none else {
                return .refuse("ERR this node has no secret: its file says `baton secret none`")
            }
            guard words.count == 3, let nonce = Hexadecimal.bytes(words[2]),
                nonce.count == PeerSession.nonceByteCount
            else { return .refuse("ERR BATON HELLO takes a nonce of 32 hexadecimal digits") }
            return .introduce(nonce)
        }
        guard isPeer(client) else { return Self.unauthenticated }
        guard let message = PeerWire.message(Array(arguments.dropFirst())) else {
            return .refuse("ERR not a message of a node: BATON \(words[1].prefix(128))")
        }
        return .tell(message)
    }

    private static let unauthenticated = CommandOutcome.refuse("NOAUTH Authentication required.")
}
