import Glibc
import RESP
import Testing

/// A blocking socket on loopback that speaks bytes, so that the tests share no code with what they
/// test. Every wait ends after 10 s.
final class RawSocket {
    private let descriptor: Int32
    private var unread: [UInt8] = []
    private var scanner = ReplyScanner()
    /// The `errno` of the last receiving.
    private var failure: Int32 = 0

    /// Connects. The kernel keeps at most `receiveBufferBytes` unread, or as many as it likes.
    init(port: Int, receiveBufferBytes: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var receiveBufferBytes {
            let size = socklen_t(MemoryLayout<Int32>.size)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBufferBytes, size)
        }
        Self.limitWaits(descriptor)
        var address = sockaddr_in.loopback(UInt16(port))
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(code == 0)
    }

    fileprivate init(accepted: Int32) {
        descriptor = accepted
        Self.limitWaits(accepted)
    }

    deinit { close(descriptor) }

    private static func limitWaits(_ descriptor: Int32) {
        var timeout = timeval(tv_sec: 10, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, size)
    }

    /// Returns whether all of it could be sent.
    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// The next bytes; none at the end of the stream, `nil` when none came in time or on a reset.
    func receive() -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        failure = count < 0 ? errno : 0
        return count < 0 ? nil : Array(chunk[..<count])
    }

    /// Whether the other end closed, after whatever it still said.
    func isClosedByPeer() -> Bool {
        while let bytes = receive(), !bytes.isEmpty {}
        return failure == 0 || failure == ECONNRESET
    }

    /// The next value that the server says.
    func value() throws -> RESPValue {
        try #require(try nextValue(), "nothing came in time, or the connection was closed")
    }

    /// The next value; `nil` when none came in time, or the connection was closed.
    func nextValue() throws -> RESPValue? {
        while true {
            let bytes = unread
            switch try scanner.scan(bytes.span.bytes) {
            case .value(let value, let consumed):
                unread.removeFirst(consumed)
                return value
            case .needsMore(let consumed):
                unread.removeFirst(consumed)
                guard let bytes = receive(), !bytes.isEmpty else { return nil }
                unread += bytes
            }
        }
    }

    /// Sends a request and returns its answer.
    func ask(_ words: String...) throws -> RESPValue {
        var bytes: [UInt8] = []
        RESPEncoder.appendRequest(words, to: &bytes)
        send(bytes)
        return try value()
    }
}

/// A listening socket on loopback that plays a server which is none.
final class RawListener {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        port = try FreePort.next()
        var address = sockaddr_in.loopback(port)
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(code == 0 && listen(descriptor, 16) == 0)
    }

    deinit { close(descriptor) }

    func accept() throws -> RawSocket {
        let accepted = Glibc.accept(descriptor, nil, nil)
        try #require(accepted >= 0)
        return RawSocket(accepted: accepted)
    }
}
