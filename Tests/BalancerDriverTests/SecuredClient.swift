import Glibc
import RESP
import SecurityTerms
import TransportSecurity

/// A client that speaks TLS on a blocking socket, whose calls end after 10 seconds at the latest.
final class SecuredClient {
    let wire: WireClient
    let stream: TLSStream
    private var scanner = ReplyScanner(
        limits: RESPLimits(bulkBytesMax: 512 << 20, valueBytesMax: 1 << 30))
    private var unread: [UInt8] = []

    /// Connects, and shakes hands unless that is left to the test.
    init(port: UInt16, _ terms: TLSTerms, shakesHands: Bool = true) throws {
        wire = try WireClient(port: port)
        stream = try TLSStream(joining: TLSClientContext(terms))
        guard shakesHands else { return }
        try flush()
        while !stream.isOpen {
            guard try listen() else { throw WireFailure("closed in the handshake") }
            try flush()
            if let failure = stream.failure { throw WireFailure("\(failure)") }
        }
    }

    /// Sends what TLS has to say, in pieces of so many bytes.
    func flush(pieces: Int = .max) throws {
        while stream.outgoingByteCount > 0 {
            var bytes: [UInt8] = []
            stream.takeOutgoing {
                bytes = Array($0.prefix(pieces))
                return bytes.count
            }
            try wire.send(bytes)
        }
    }

    /// Reads once; false at the end.
    func listen() throws -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(wire.descriptor, &chunk, chunk.count, 0)
        guard count > 0 else {
            if count < 0 { throw WireFailure("recv: errno \(errno)") }
            return false
        }
        chunk.removeLast(chunk.count - count)
        let room = count + TLSStream.recordByteCountMax
        unread += [UInt8](unsafeUninitializedCapacity: room) { memory, filled in
            filled = chunk.withUnsafeBytes {
                stream.receive($0, into: UnsafeMutableRawBufferPointer(memory))
            }
        }
        return true
    }

    func send(_ bytes: [UInt8]) throws {
        bytes.withUnsafeBytes { stream.send($0) }
        try flush()
    }

    func ask(_ words: String...) throws -> RESPValue {
        try send(WireClient.request(words))
        return try hear()
    }

    /// The next reply.
    func hear() throws -> RESPValue {
        while true {
            let bytes = unread
            switch try scanner.scan(bytes.span.bytes) {
            case .value(let value, let consumed):
                unread.removeFirst(consumed)
                return value
            case .needsMore(let consumed):
                unread.removeFirst(consumed)
            }
            guard try listen() else { throw WireFailure("closed") }
            if let failure = stream.failure { throw WireFailure("\(failure)") }
        }
    }
}
