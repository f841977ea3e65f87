public import Addressing
public import MonotonicTime

/// A plain blocking client of one server, as simple as the simplest client library.
///
/// A failure of the connection is thrown, and the client is then of no more use; an error that
/// the server answers with is a ``RedisReply``. Not for use by several threads at once.
public final class RedisClient {
    private let socket: StreamSocket
    private let timeout: Interval?
    private var reader = ReplyReader()

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
        guard reply == .status("OK") else { throw .notAuthenticated("\(reply)") }
    }

    /// Sends one command and waits for its reply.
    public func command(_ words: String...) throws(ConnectionFailure) -> RedisReply {
        try command(words)
    }

    /// Sends one command and waits for its reply.
    public func command(_ words: [String]) throws(ConnectionFailure) -> RedisReply {
        let deadline = timeout.map { Laboratory.now + $0 }
        var request = Array("*\(words.count)\r\n".utf8)
        for word in words {
            request += Array("$\(word.utf8.count)\r\n\(word)\r\n".utf8)
        }
        try socket.send(request, until: deadline)
        while true {
            if let reply = try reader.next() { return reply }
            try socket.receive(into: &reader.bytes, until: deadline)
        }
    }
}
