import Glibc
import Workbench

/// Requests at a fixed rate, whether or not the last ones are answered: a delay is measured from
/// the moment at which a request was due, so that a slow answer is not hidden by what it held up.
struct PacedLoad {
    var connections = 50
    var requestsPerSecond: Double
    var seconds = 2.0

    private static let request = Array("*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n".utf8)
    private static let replyByteCount = "$3\r\nabc\r\n".utf8.count

    private struct Connection {
        var descriptor: Int32
        /// When each unanswered request was due.
        var due: [Double] = []
        var replyByteCount = 0
    }

    /// The delay in milliseconds that 99 of 100 requests did not exceed.
    func run(port: Int) throws -> Double {
        var connections = try (0..<connections).map { _ in Connection(descriptor: try open(port)) }
        defer { for connection in connections { close(connection.descriptor) } }
        var polls = connections.map {
            pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0)
        }
        var delays: [Double] = []
        delays.reserveCapacity(Int(requestsPerSecond * seconds))
        let start = Self.now()
        let period = 1 / requestsPerSecond
        let count = Int(requestsPerSecond * seconds)
        var sent = 0
        // Answers that do not come end it too.
        while delays.count < count, Self.now() - start < seconds * 2 + 1 {
            while sent < count, start + Double(sent) * period <= Self.now() {
                let index = sent % connections.count
                connections[index].due.append(start + Double(sent) * period)
                _ = send(connections[index].descriptor, Self.request, Self.request.count, 0)
                sent += 1
            }
            guard poll(&polls, nfds_t(polls.count), 0) > 0 else {
                usleep(20)
                continue
            }
            let now = Self.now()
            for index in polls.indices where polls[index].revents != 0 {
                try take(&connections[index], now, &delays)
            }
        }
        guard delays.count == count else {
            throw BenchFailure("\(count - delays.count) of \(count) were not answered on \(port)")
        }
        return delays.sorted()[count * 99 / 100] * 1000
    }

    private func take(
        _ connection: inout Connection, _ now: Double, _ delays: inout [Double]
    ) throws {
        var chunk = [UInt8](repeating: 0, count: 4096)
        let count = recv(connection.descriptor, &chunk, chunk.count, Int32(MSG_DONTWAIT))
        guard count > 0 else { throw BenchFailure("a connection ended") }
        connection.replyByteCount += count
        while connection.replyByteCount >= Self.replyByteCount, !connection.due.isEmpty {
            connection.replyByteCount -= Self.replyByteCount
            delays.append(now - connection.due.removeFirst())
        }
    }

    private func open(_ port: Int) throws -> Int32 {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw BenchFailure("connect to \(port): errno \(errno)") }
        var one: Int32 = 1
        setsockopt(
            number, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        return number
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
