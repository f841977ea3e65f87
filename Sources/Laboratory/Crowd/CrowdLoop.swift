import Addressing
import CLinux
import Glibc
import MonotonicTime
import RESP

/// The crowd's thread: one epoll(7) over every connection to every server.
final class CrowdLoop {
    private final class Connection {
        let place: (group: Int, member: Int)
        var unsent: [UInt8] = []
        /// Replies of a transaction; `nil` outside one.
        var queued: [[UInt8]]?
        var lastPing: Instant?
        private var scanner = RequestScanner()
        private var unread: [UInt8] = []

        init(place: (group: Int, member: Int)) {
            self.place = place
        }

        /// The requests that are whole with these bytes.
        func take(_ bytes: ArraySlice<UInt8>) throws(RESPError) -> [[[UInt8]]] {
            // A span can be taken of a local value, not of an object's property.
            let unread = unread + bytes
            var requests: [[[UInt8]]] = []
            var offset = 0
            while true {
                let scanned = try scanner.scan(
                    unread.span.bytes.extracting(offset..<unread.count))
                switch scanned {
                case .needsMore(let consumed):
                    self.unread = Array(unread[(offset + consumed)...])
                    return requests
                case .value(let words, let consumed):
                    offset += consumed
                    requests.append(words)
                }
            }
        }
    }

    private let listener: Int32
    private let report: CrowdReport
    private let state: Shared<CrowdState>
    private let interruption: Interruption
    private let poller: Int32
    /// By descriptor.
    private var connections: [Int32: Connection] = [:]
    private var subscribers: [Int: Set<Int32>] = [:]
    private static let turnMilliseconds: Int32 = 20

    init(
        listener: Int32, report: CrowdReport, state: Shared<CrowdState>,
        interruption: Interruption
    ) {
        self.listener = listener
        self.report = report
        self.state = state
        self.interruption = interruption
        poller = epoll_create1(clinuxPollFlags)
        watch(listener, clinuxPollIn, EPOLL_CTL_ADD)
    }

    /// On every address of the loopback interface, and of no other.
    static func listen(port: UInt16) throws(LaboratoryError) -> Int32 {
        let address = SocketAddress(
            Endpoint(address: .v4(IPv4Address(0, 0, 0, 0)), port: port))
        let descriptor = socket(address.family, clinuxStreamNonBlocking, 0)
        var on: Int32 = 1
        let device = Array("lo".utf8CString)
        guard descriptor >= 0,
            setsockopt(
                descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
                == 0,
            setsockopt(
                descriptor, SOL_SOCKET, SO_BINDTODEVICE, device, socklen_t(device.count)) == 0,
            address.with({ bind(descriptor, $0, $1) }) == 0,
            Glibc.listen(descriptor, SOMAXCONN) == 0
        else {
            let errorNumber = errno
            if descriptor >= 0 { Glibc.close(descriptor) }
            throw .systemCall("listen", subject: "port \(port)", errorNumber: errorNumber)
        }
        return descriptor
    }

    func run() {
        var events = [epoll_event](repeating: epoll_event(), count: 512)
        while !interruption.isInterrupted {
            let count = epoll_wait(poller, &events, Int32(events.count), Self.turnMilliseconds)
            for index in 0..<Int(max(count, 0)) {
                let descriptor = Int32(truncatingIfNeeded: events[index].data.u64)
                if descriptor == listener { accept() } else { serve(descriptor) }
            }
            buryCasualties()
        }
        for descriptor in connections.keys { Glibc.close(descriptor) }
        Glibc.close(listener)
        Glibc.close(poller)
        state.with { $0.isOver = true }
    }

    private func watch(_ descriptor: Int32, _ interest: UInt32, _ operation: Int32) {
        var event = epoll_event()
        event.events = interest
        event.data.u64 = UInt64(descriptor)
        _ = epoll_ctl(poller, operation, descriptor, &event)
    }

    private func accept() {
        while true {
            var address = sockaddr_in()
            let descriptor = accept4(listener, nil, nil, clinuxAcceptFlags)
            guard descriptor >= 0 else { return }
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = getsockname(descriptor, $0, &length)
                }
            }
            let local = IPv4Address(bits: UInt32(bigEndian: address.sin_addr.s_addr))
            let place = state.with { state in
                state.place(of: local).flatMap { state[$0.group, $0.member].isDown ? nil : $0 }
            }
            guard let place else {
                Glibc.close(descriptor)
                continue
            }
            connections[descriptor] = Connection(place: place)
            watch(descriptor, clinuxPollIn, EPOLL_CTL_ADD)
            state.with { $0.census.connectionCount += 1 }
        }
    }

    private func end(_ descriptor: Int32) {
        guard let connection = connections.removeValue(forKey: descriptor) else { return }
        subscribers[Self.key(connection.place)]?.remove(descriptor)
        Glibc.close(descriptor)
        state.with { $0.census.connectionCount -= 1 }
    }

    private func buryCasualties() {
        let dead = state.with { state -> [Int32] in
            guard state.hasCasualties else { return [] }
            state.hasCasualties = false
            return connections.filter { _, connection in
                state[connection.place.group, connection.place.member].isDown
            }.map(\.key)
        }
        dead.forEach(end)
    }

    private static func key(_ place: (group: Int, member: Int)) -> Int {
        place.group * ServerCrowd.memberCount + place.member
    }

    // MARK: Bytes

    private func serve(_ descriptor: Int32) {
        var chunk = [UInt8](repeating: 0, count: 16_384)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        guard count > 0 else {
            if count == 0 || errno != EAGAIN { end(descriptor) }
            return
        }
        guard let connection = connections[descriptor] else { return }
        let requests: [[[UInt8]]]
        do throws(RESPError) {
            requests = try connection.take(chunk[..<count])
        } catch {
            return end(descriptor)
        }
        for request in requests { answer(request, on: descriptor) }
        flush(descriptor)
    }

    private func send(_ bytes: [UInt8], on descriptor: Int32) {
        connections[descriptor]?.unsent += bytes
    }

    private func flush(_ descriptor: Int32) {
        guard let bytes = connections[descriptor]?.unsent, !bytes.isEmpty else { return }
        let count = bytes.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, clinuxMessageNoSignal)
        }
        // What a Sentinel does not read within a socket's buffer it has given up.
        guard count == bytes.count else { return end(descriptor) }
        connections[descriptor]?.unsent = []
    }

    // MARK: Requests

    private func answer(_ request: [[UInt8]], on descriptor: Int32) {
        guard let connection = connections[descriptor] else { return }
        let words = request.map { String(decoding: $0, as: UTF8.self) }
        let name = words[0].uppercased()
        state.with { $0.census.requestCount += 1 }
        if name == "PING" {
            let now = Laboratory.now
            if let last = connection.lastPing {
                state.with {
                    $0.census.longestSilence = max($0.census.longestSilence, now - last)
                }
            }
            connection.lastPing = now
        }
        if connection.queued != nil, name != "EXEC" {
            connection.queued?.append(outcome(name, words, connection))
            return send(Array("+QUEUED\r\n".utf8), on: descriptor)
        }
        switch name {
        case "MULTI":
            connection.queued = []
            send(Array("+OK\r\n".utf8), on: descriptor)
        case "EXEC":
            let replies = connection.queued ?? []
            connection.queued = nil
            send(Array("*\(replies.count)\r\n".utf8) + replies.joined(), on: descriptor)
        case "SUBSCRIBE":
            subscribers[Self.key(connection.place), default: []].insert(descriptor)
            var reply = Array("*3\r\n".utf8)
            Self.append("subscribe", to: &reply)
            Self.append(words[1], to: &reply)
            send(reply + Array(":1\r\n".utf8), on: descriptor)
        default:
            send(outcome(name, words, connection), on: descriptor)
        }
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes += Array("$\(text.utf8.count)\r\n\(text)\r\n".utf8)
    }

    private func outcome(_ name: String, _ words: [String], _ connection: Connection) -> [UInt8] {
        let (group, member) = connection.place
        switch name {
        case "PING": return Array("+PONG\r\n".utf8)
        case "INFO":
            var bytes: [UInt8] = []
            Self.append(describe(group, member), to: &bytes)
            return bytes
        case "PUBLISH":
            return Array(":\(publish(words, at: connection.place))\r\n".utf8)
        case "SLAVEOF", "REPLICAOF":
            obey(words, connection.place)
            return Array("+OK\r\n".utf8)
        default: return Array("+OK\r\n".utf8)
        }
    }

    /// `SLAVEOF host port`; `NO ONE` is no address.
    private func obey(_ words: [String], _ place: (group: Int, member: Int)) {
        var primary: Endpoint?
        if words.count == 3, let address = IPAddress(words[1]), let port = UInt16(words[2]) {
            primary = Endpoint(address: address, port: port)
        }
        state.with { $0[place.group, place.member].primary = primary }
    }

    private func describe(_ group: Int, _ member: Int) -> String {
        let (server, replicas) = state.with { state in
            let server = state[group, member]
            return (server, server.primary == nil ? state.followers(of: group, member) : [])
        }
        return report.text(of: server, replicas: replicas)
    }

    private func publish(_ words: [String], at place: (group: Int, member: Int)) -> Int {
        guard words.count == 3 else { return 0 }
        state.with { $0.census.helloCount += 1 }
        let listeners = subscribers[Self.key(place)] ?? []
        var message = Array("*3\r\n".utf8)
        for part in ["message", words[1], words[2]] { Self.append(part, to: &message) }
        for listener in listeners {
            send(message, on: listener)
            flush(listener)
        }
        return listeners.count
    }
}
