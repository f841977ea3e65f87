import Addressing
import Glibc
import RESP

/// What a test's own client met.
struct WireFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A client on a blocking socket, whose calls end after 10 seconds at the latest.
final class WireClient {
    let descriptor: Int32
    private var scanner = ReplyScanner(
        limits: RESPLimits(bulkBytesMax: 512 << 20, valueBytesMax: 1 << 30))
    private var unread: [UInt8] = []

    convenience init(port: UInt16) throws {
        try self.init(Endpoint(address: .v4(IPv4Address(127, 0, 0, 1)), port: port))
    }

    init(_ endpoint: Endpoint, patience: Int = 10_000) throws {
        let isV6 = endpoint.address.bitCount == 128
        descriptor = socket(isV6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var patience = timeval(tv_sec: patience / 1000, tv_usec: patience % 1000 * 1000)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
        // The family, then the port; IPv6 has four octets more before the address, and after it.
        var bytes: [UInt8] = []
        withUnsafeBytes(of: sa_family_t(isV6 ? AF_INET6 : AF_INET)) { bytes += $0 }
        withUnsafeBytes(of: endpoint.port.bigEndian) { bytes += $0 }
        if isV6 { bytes += [0, 0, 0, 0] }
        bytes += endpoint.address.octets + Array(repeating: 0, count: isV6 ? 4 : 8)
        let result = bytes.withUnsafeBytes { raw in
            raw.withMemoryRebound(to: sockaddr.self) {
                connect(descriptor, $0.baseAddress, socklen_t(raw.count))
            }
        }
        guard result == 0 else { throw WireFailure("connect: errno \(errno)") }
    }

    deinit {
        close(descriptor)
    }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw WireFailure("send: errno \(errno)") }
            sent += count
        }
    }

    func send(_ words: String...) throws {
        try send(Self.request(words))
    }

    static func request(_ words: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        RESPEncoder.appendRequest(words, to: &bytes)
        return bytes
    }

    func ask(_ words: String...) throws -> RESPValue {
        try send(Self.request(words))
        return try hear()
    }

    /// The next reply.
    func hear() throws -> RESPValue {
        var chunk = [UInt8](repeating: 0, count: 256 * 1024)
        while true {
            let bytes = unread
            switch try scanner.scan(bytes.span.bytes) {
            case .value(let value, let consumed):
                unread.removeFirst(consumed)
                return value
            case .needsMore(let consumed):
                unread.removeFirst(consumed)
            }
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else {
                throw WireFailure(count == 0 ? "closed" : "recv: errno \(errno)")
            }
            unread += chunk[..<count]
        }
    }

    /// All bytes until the other side closes.
    func hearToTheEnd() -> [UInt8] {
        var all = unread
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return all }
            all += chunk[..<count]
        }
    }
}
