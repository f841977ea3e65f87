import RESP

/// The server's end of one connection: answers with what it was asked, and as whom.
struct FakeConnection {
    /// `database:user:protocol`, which each reply repeats, so that one of another pool is noticed.
    private var database = 0
    private var user = "default"
    private var version = 2
    private var queued: [[[UInt8]]]?
    private var scanner = RequestScanner()
    private var unread: [UInt8] = []

    /// `run_id` of the server.
    var runID = "r"

    static let password = "secret"
    static let largeByteCount = 3000

    /// Takes bytes as they come; returns the bytes of the replies and tells of each write that ran.
    mutating func take(_ bytes: ArraySlice<UInt8>, ran: (String) -> Void) -> [UInt8] {
        unread += bytes
        var replies: [UInt8] = []
        while true {
            let kept = unread
            switch try? scanner.scan(kept.span.bytes) {
            case .value(let words, let consumed):
                unread.removeFirst(consumed)
                let reply = answer(words, ran: ran)
                RESPEncoder(version: version == 3 ? .resp3 : .resp2).append(reply, to: &replies)
            case .needsMore(let consumed):
                unread.removeFirst(consumed)
                return replies
            case nil:
                return replies
            }
        }
    }

    private mutating func answer(_ words: [[UInt8]], ran: (String) -> Void) -> RESPValue {
        let text = words.map { String(decoding: $0, as: UTF8.self) }
        if queued != nil, text[0] != "EXEC" {
            queued?.append(words)
            return .simple("QUEUED")
        }
        let name = text.count > 1 ? text[1] : ""
        switch text[0] {
        case "COMMAND":
            return .array(
                [("get", "readonly"), ("big", "readonly"), ("set", "write"), ("blpop", "blocking")]
                    .map { .array([.bulk($0.0), .integer(2), .array([.simple($0.1)])]) })
        case "PING": return .simple("PONG")
        case "INFO": return .bulk("# Server\r\nrun_id:\(runID)\r\nrole:master\r\nloading:0\r\n")
        case "SELECT":
            guard let index = Int(name), index < 4 else {
                return .failure("ERR DB index is out of range")
            }
            database = index
            return .simple("OK")
        case "AUTH": return authenticate(text[1], text[2])
        case "HELLO":
            if text.count > 4 {
                let reply = authenticate(text[3], text[4])
                guard reply == .simple("OK") else { return reply }
            }
            version = Int(name) ?? 2
            return .map([RESPPair(.bulk("proto"), .integer(version))])
        case "MULTI":
            queued = []
            return .simple("OK")
        case "EXEC":
            let all = queued ?? []
            queued = nil
            return .array(all.map { answer($0, ran: ran) })
        case "SET", "BLPOP":
            ran(name)
            return .bulk(tag(name))
        case "BIG":
            let tag = tag(name)
            return .bulk(tag + String(repeating: "x", count: Self.largeByteCount))
        case _: return .bulk(tag(name))
        }
    }

    private mutating func authenticate(_ user: String, _ password: String) -> RESPValue {
        guard password == Self.password else { return .failure("WRONGPASS invalid") }
        self.user = user
        return .simple("OK")
    }

    private func tag(_ name: String) -> String {
        "\(name):\(database):\(user):\(version)"
    }
}
