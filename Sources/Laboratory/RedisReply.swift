/// What a Redis server answers to a command.
public indirect enum RedisReply: Equatable, Sendable {
    /// `+OK` and the like.
    case status(String)
    /// `-ERR …`: the server's refusal, with its code as the first word.
    case error(String)
    /// `:42`.
    case integer(Int64)
    /// A value; bytes that are not UTF-8 are shown as replacement characters.
    case text(String)
    /// No value.
    case null
    /// Several replies in one.
    case array([RedisReply])

    /// The text of a status or a value.
    public var text: String? {
        switch self {
        case .status(let text), .text(let text): text
        case .error, .integer, .null, .array: nil
        }
    }

    /// The elements of an array.
    public var elements: [RedisReply]? {
        switch self {
        case .array(let elements): elements
        case .status, .error, .integer, .text, .null: nil
        }
    }
}

/// Reads RESP2 replies out of received bytes. The servers of a laboratory are its own, so this
/// reader is small; it still never traps on what comes.
struct ReplyReader {
    var bytes: [UInt8] = []

    /// Deeper nesting than any command of Redis answers with.
    private static let depthMax = 16
    /// Redis's own limit for one value (proto-max-bulk-len).
    private static let lengthMax = 512 << 20

    /// The next whole reply, taken out of `bytes`; `nil` when more must be received first.
    mutating func next() throws(ConnectionFailure) -> RedisReply? {
        var position = 0
        guard let reply = try parse(at: &position, depth: 0) else { return nil }
        bytes.removeFirst(position)
        return reply
    }

    private func parse(
        at position: inout Int, depth: Int
    ) throws(ConnectionFailure) -> RedisReply? {
        guard depth < Self.depthMax else { throw .protocolViolation }
        guard let line = line(at: &position) else { return nil }
        guard let kind = line.first else { throw .protocolViolation }
        let rest = String(decoding: line.dropFirst(), as: UTF8.self)
        switch kind {
        case UInt8(ascii: "+"):
            return .status(rest)
        case UInt8(ascii: "-"):
            return .error(rest)
        case UInt8(ascii: ":"):
            guard let integer = Int64(rest) else { throw .protocolViolation }
            return .integer(integer)
        case UInt8(ascii: "$"):
            guard let length = try length(rest) else { return .null }
            guard bytes.count - position >= length + 2 else { return nil }
            defer { position += length + 2 }
            return .text(String(decoding: bytes[position..<position + length], as: UTF8.self))
        case UInt8(ascii: "*"):
            guard let count = try length(rest) else { return .null }
            var elements: [RedisReply] = []
            for _ in 0..<count {
                guard let element = try parse(at: &position, depth: depth + 1) else { return nil }
                elements.append(element)
            }
            return .array(elements)
        default:
            throw .protocolViolation
        }
    }

    /// `nil` stands for -1: no value.
    private func length(_ text: String) throws(ConnectionFailure) -> Int? {
        guard let length = Int(text), (-1...Self.lengthMax).contains(length) else {
            throw .protocolViolation
        }
        return length < 0 ? nil : length
    }

    private func line(at position: inout Int) -> ArraySlice<UInt8>? {
        guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\r")),
            end + 1 < bytes.count
        else { return nil }
        defer { position = end + 2 }
        return bytes[position..<end]
    }
}
