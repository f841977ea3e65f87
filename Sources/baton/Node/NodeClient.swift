import CLinux
import Glibc
import RESP

/// Asks one node something over a plain blocking connection.
struct NodeClient {
    /// What to ask, as the user wrote it or as a file says.
    let target: Target

    /// A host and a port.
    struct Target: Equatable {
        /// An address or a name.
        var host: String
        var port: UInt16

        static let standardPort: UInt16 = 26379

        /// `HOST:PORT`, `[IPv6]:PORT`, or either without the port; `nil` for anything else.
        init?(_ text: String) {
            var host = text[...]
            var port: Substring?
            if host.first == "[" {
                guard let end = host.firstIndex(of: "]") else { return nil }
                let rest = host[host.index(after: end)...]
                guard rest.isEmpty || rest.first == ":" else { return nil }
                port = rest.isEmpty ? nil : rest.dropFirst()
                host = host[host.index(after: host.startIndex)..<end]
            } else if host.count(where: { $0 == ":" }) == 1, let colon = host.firstIndex(of: ":") {
                port = host[host.index(after: colon)...]
                host = host[..<colon]
            }
            guard !host.isEmpty, !host.contains(where: \.isWhitespace) else { return nil }
            self.host = String(host)
            self.port = Self.standardPort
            if let port {
                guard port.allSatisfy(\.isNumber), let number = UInt16(port), number > 0 else {
                    return nil
                }
                self.port = number
            }
        }

        init(host: String, port: UInt16 = standardPort) {
            self.host = host
            self.port = port
        }

        var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    /// Seconds for each of connecting, asking and each part of the answer: a node answers from
    /// memory, so that one which takes longer is not well.
    static let patienceSeconds = 2
    /// Seconds for all of it, whatever dribbles in.
    private static let patienceSecondsInAll = 5.0

    /// The JSON of the node's status.
    func status() throws(NodeFailure) -> [UInt8] {
        let reply = try ask(["BATON", "STATUS"])
        guard let json = reply.bytes else { throw failure(.notBaton) }
        return json
    }

    /// The JSON array of the node's journal.
    func history() throws(NodeFailure) -> [UInt8] {
        let reply = try ask(["BATON", "HISTORY"])
        guard let json = reply.bytes else { throw failure(.notBaton) }
        return json
    }

    /// Its status, read.
    func report() throws(NodeFailure) -> NodeReport {
        let json = try status()
        do throws(NodeReport.Unreadable) {
            return try NodeReport(json: json)
        } catch {
            throw failure(.unreadable(error))
        }
    }

    /// What it answers, unless that is an error.
    func ask(_ words: [String]) throws(NodeFailure) -> RESPValue {
        let socket = try connect()
        defer { close(socket) }
        var request: [UInt8] = []
        RESPEncoder.appendRequest(words, to: &request)
        try send(request, to: socket)
        let reply = try receive(from: socket)
        if let error = reply.errorBytes {
            throw failure(.refused(String(decoding: error, as: UTF8.self)))
        }
        return reply
    }

    func failure(_ cause: NodeFailure.Cause) -> NodeFailure {
        NodeFailure(place: target.description, cause: cause)
    }

    /// The first of the host's addresses that answers.
    private func connect() throws(NodeFailure) -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = clinuxSocketTypeStream
        hints.ai_flags = AI_NUMERICSERV
        var first: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(target.host, String(target.port), &hints, &first)
        guard code == 0 else {
            throw failure(.unknownHost(target.host, String(cString: gai_strerror(code))))
        }
        defer { freeaddrinfo(first) }
        var error: Int32 = ECONNREFUSED
        var candidate = first
        while let address = candidate?.pointee {
            let socket = Glibc.socket(address.ai_family, clinuxSocketStream, 0)
            if socket >= 0 {
                limitTime(of: socket)
                if Glibc.connect(socket, address.ai_addr, address.ai_addrlen) == 0 {
                    return socket
                }
                error = errno
                close(socket)
            } else {
                error = errno
            }
            candidate = address.ai_next
        }
        throw failure(.unreachable(error))
    }

    private func limitTime(of socket: Int32) {
        var limit = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, size)  // Linux: connect, too.
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    }

    private func send(_ bytes: [UInt8], to socket: Int32) throws(NodeFailure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, clinuxMessageNoSignal)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(.broken(errno)) }
            rest = rest.dropFirst(count)
        }
    }

    private func receive(from socket: Int32) throws(NodeFailure) -> RESPValue {
        let deadline = Self.seconds() + Self.patienceSecondsInAll
        var scanner = ReplyScanner()
        var unread: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = part.withUnsafeMutableBytes { recv(socket, $0.baseAddress, $0.count, 0) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(.broken(errno)) }
            guard count > 0 else { throw failure(.closed) }
            unread += part[..<count]
            let scanned: Scanned<RESPValue>
            do { scanned = try scanner.scan(unread.span.bytes) } catch {
                throw failure(.otherProtocol(error.description))
            }
            switch scanned {
            case .value(let value, consumed: _): return value
            case .needsMore(let consumed): unread.removeFirst(consumed)
            }
            guard Self.seconds() < deadline else { throw failure(.broken(EAGAIN)) }
        }
    }

    private static func seconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
