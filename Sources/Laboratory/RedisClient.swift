public import Addressing
public import MonotonicTime
public import RESP

/// A plain blocking client of one server, as simple as the simplest client library.
///
/// A failure of the connection is thrown, and the client is then of no more use; an error that
/// the server answers with is a ``RESP/RESPValue``. Not for use by several threads at once.
public final class RedisClient {
    private let socket: StreamSocket
    private let timeout: Interval?
    private var scanner = ReplyScanner()
    private var unread: [UInt8] = []

    /// Connects from inside a host, and authenticates if there is a password.
    ///
    /// `timeout` bounds the connecting and then each command; `nil` waits as long as the kernel
    /// does, like client libraries whose timeouts nobody has set.
    public convenience init(
        from host: Host, to endpoint: Endpoint, password: String? = nil,
        timeout: Interval? = .seconds(2)
    ) throws(ConnectionFailure) {
        let socket = try host.run { () throws(ConnectionFailure) in
            try StreamSocket(to: endpoint, timeout: timeout)
        }
        try self.init(socket, password: password, timeout: timeout)
    }

    /// Takes over a connected socket.
    init(
        _ socket: StreamSocket, password: String?, timeout: Interval?
    ) throws(ConnectionFailure) {
        self.socket = socket
        self.timeout = timeout
        guard let password else { return }
        let reply = try command("AUTH", password)
        guard reply == .simple("OK") else {
            throw .notAuthenticated(reply.text ?? "\(reply)")
        }
    }

    /// Sends one command and waits for its reply.
    public func command(_ words: String...) throws(ConnectionFailure) -> RESPValue {
        try command(words)
    }

    /// Sends one command and waits for its reply.
    public func command(_ words: [String]) throws(ConnectionFailure) -> RESPValue {
        let deadline = timeout.map { Laboratory.now + $0 }
        var request: [UInt8] = []
        RESPEncoder.appendRequest(words, to: &request)
        try socket.send(request, until: deadline)
        return try reply(until: deadline)
    }

    /// Sends bytes as they are, a request or none.
    public func send(_ bytes: [UInt8]) throws(ConnectionFailure) {
        try socket.send(bytes, until: timeout.map { Laboratory.now + $0 })
    }

    /// Waits for the next value that the server says.
    public func nextValue() throws(ConnectionFailure) -> RESPValue {
        try reply(until: timeout.map { Laboratory.now + $0 })
    }

    private func reply(until deadline: Instant?) throws(ConnectionFailure) -> RESPValue {
        while true {
            if let reply = try nextReply() { return reply }
            try socket.receive(into: &unread, until: deadline)
        }
    }

    /// Sends several commands at once and waits for all their replies.
    public func pipeline(_ commands: [[String]]) throws(ConnectionFailure) -> [RESPValue] {
        let deadline = timeout.map { Laboratory.now + $0 }
        var requests: [UInt8] = []
        for words in commands { RESPEncoder.appendRequest(words, to: &requests) }
        try socket.send(requests, until: deadline)
        var replies: [RESPValue] = []
        while replies.count < commands.count {
            if let reply = try nextReply() {
                replies.append(reply)
            } else {
                try socket.receive(into: &unread, until: deadline)
            }
        }
        return replies
    }

    private func nextReply() throws(ConnectionFailure) -> RESPValue? {
        let scanned: Scanned<RESPValue>
        do throws(RESPError) {
            // A span can be taken of a local value, not of an object's property.
            let bytes = unread
            scanned = try scanner.scan(bytes.span.bytes)
        } catch {
            throw .protocolViolation(error)
        }
        switch scanned {
        case .value(let reply, let consumed):
            unread.removeFirst(consumed)
            return reply
        case .needsMore(let consumed):
            unread.removeFirst(consumed)
            return nil
        }
    }
}
