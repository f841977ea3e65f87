/// Why a peer's bytes are not RESP, or are more than ``RESPLimits`` allow.
///
/// After any of these the framing is lost: the connection can only be closed, a client being told
/// ``message`` first. The first group is a client's doing and has Redis's own texts, the second a
/// server's.
public enum RESPError: Error, Hashable, Sendable {
    /// An inline request without an end within the limit of a line.
    case tooBigInlineRequest
    /// An inline request with a quote that does not close, or closes inside a word.
    case unbalancedQuotes
    /// The count of a request without an end within the limit of a line.
    case tooBigMultibulkCount
    /// The count of a request is no integer, or beyond the limit.
    case invalidMultibulkLength
    /// More arguments than a client may send before it has authenticated.
    case unauthenticatedMultibulkLength
    /// The length of an argument without an end within the limit of a line.
    case tooBigBulkCount
    /// An argument that begins with another byte than `$`.
    case expectedDollar(got: UInt8)
    /// The length of an argument is no integer, is negative, or beyond the limit.
    case invalidBulkLength
    /// A longer argument than a client may send before it has authenticated.
    case unauthenticatedBulkLength
    /// A request of more bytes than the limit of a value. (Redis closes without a word.)
    case tooBigRequest

    /// A value that begins with a byte that stands for no type: another protocol on the port.
    case unknownType(UInt8)
    /// RESP3's streamed strings and aggregates (`$?`, `*?`, `;`, `.`), which no Redis sends.
    case streamedType(UInt8)
    /// A push inside another value, where it would be counted as one of its elements.
    case nestedPush
    /// A lone CR or LF in a line.
    case malformedLine
    /// A string that its length does not bring to a CRLF.
    case missingTerminator
    /// The text after this type byte is not of that type: an integer without digits, `#x`.
    case malformed(type: UInt8)
    /// A count or length that is no integer or is negative.
    case invalidLength(type: UInt8)
    /// A line longer than the limit in bytes.
    case lineTooLong(limit: Int)
    /// A string longer than the limit in bytes.
    case bulkTooLong(limit: Int)
    /// An aggregate of more elements, or pairs, than the limit.
    case tooManyElements(limit: Int)
    /// Aggregates nested deeper than the limit.
    case tooDeep(limit: Int)
    /// A value of more bytes than the limit, all its parts counted.
    case valueTooLarge(limit: Int)
}

extension RESPError {
    /// The text for the error reply to a client, without code: exactly Redis's bytes.
    public var message: [UInt8] {
        guard case .expectedDollar(let byte) = self else { return Array(description.utf8) }
        // Redis prints the byte as it came, whatever it is; an error line cannot hold CR or LF,
        // for which it puts spaces.
        let isLineEnd = byte == RESPByte.carriageReturn || byte == RESPByte.lineFeed
        let shown = isLineEnd ? UInt8(ascii: " ") : byte
        return Array("Protocol error: expected '$', got '".utf8) + [shown, UInt8(ascii: "'")]
    }
}

extension RESPError: CustomStringConvertible {
    /// One line for a log.
    public var description: String {
        switch self {
        case .tooBigInlineRequest: "Protocol error: too big inline request"
        case .unbalancedQuotes: "Protocol error: unbalanced quotes in request"
        case .tooBigMultibulkCount: "Protocol error: too big mbulk count string"
        case .invalidMultibulkLength: "Protocol error: invalid multibulk length"
        case .unauthenticatedMultibulkLength: "Protocol error: unauthenticated multibulk length"
        case .tooBigBulkCount: "Protocol error: too big bulk count string"
        case .expectedDollar(let byte): "Protocol error: expected '$', got \(shown(byte))"
        case .invalidBulkLength: "Protocol error: invalid bulk length"
        case .unauthenticatedBulkLength: "Protocol error: unauthenticated bulk length"
        case .tooBigRequest: "Protocol error: too big request"
        case .unknownType(let byte): "not RESP: no type begins with \(shown(byte))"
        case .streamedType(let byte): "streamed type \(shown(byte)) is not supported"
        case .nestedPush: "push inside another value"
        case .malformedLine: "lone CR or LF in a line"
        case .missingTerminator: "string does not end where its length says"
        case .malformed(let type): "malformed value of type \(shown(type))"
        case .invalidLength(let type): "invalid length or count of type \(shown(type))"
        case .lineTooLong(let limit): "line longer than \(limit) bytes"
        case .bulkTooLong(let limit): "string longer than \(limit) bytes"
        case .tooManyElements(let limit): "more than \(limit) elements in one value"
        case .tooDeep(let limit): "values nested deeper than \(limit)"
        case .valueTooLarge(let limit): "value larger than \(limit) bytes"
        }
    }

    /// A byte in quotes: printable ASCII as itself, anything else as `\xHH`.
    private func shown(_ byte: UInt8) -> String {
        if (0x20...0x7E).contains(byte) { return "'\(Character(UnicodeScalar(byte)))'" }
        let digits = String(byte, radix: 16)
        return "'\\x\(digits.count == 1 ? "0" : "")\(digits)'"
    }
}
