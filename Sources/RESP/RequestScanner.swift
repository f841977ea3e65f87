/// Reads the requests that clients send, as Redis 7 reads them, from bytes that arrive in any
/// pieces: arrays of bulk strings, and lines typed by hand.
///
/// Fed the unread bytes of one connection, it remembers where it stopped and never looks at a
/// byte of a line twice or at one of an argument at all. What a client sends can make it throw,
/// never trap, wait for more than ``RESPLimits/valueBytesMax`` or reserve memory ahead of the
/// bytes. A scanner that has thrown throws the same error ever after.
///
/// Redis's leniencies are kept, since clients have come to rely on them: the byte after the CR of
/// a header and the two bytes after an argument are not looked at, empty lines and requests of no
/// or fewer arguments pass unanswered. One is not: Redis reads no line beyond a NUL byte and so
/// leaves its sender waiting, where here NUL is a byte like others.
public struct RequestScanner: Sendable {
    /// What is refused; may be changed between requests.
    public var limits: RESPLimits

    /// Whether the client has shown its password, if it needs one. Until then it may send 10
    /// arguments of 16 KiB, as in Redis, so that strangers cannot fill the memory.
    public var isAuthenticated: Bool

    private enum State {
        /// Before a request.
        case idle
        /// Before the header of one of `remaining` arguments.
        case header(remaining: Int)
        /// Before the bytes of one of `remaining` arguments.
        case argument(byteCount: Int, remaining: Int)
    }

    private static let unauthenticatedArgumentCountMax = 10
    private static let unauthenticatedArgumentBytesMax = 16 * 1024

    private var search = TerminatorSearch()
    private var state = State.idle
    private var arguments: [[UInt8]] = []
    /// Bytes of the unfinished request that are consumed.
    private var requestByteCount = 0
    private var failure: RESPError?

    /// A scanner for one connection, at the start of a request.
    public init(limits: RESPLimits = RESPLimits(), isAuthenticated: Bool = true) {
        self.limits = limits
        self.isAuthenticated = isAuthenticated
    }

    /// Bytes looked at so far, for the proof that none is looked at again.
    var examinedByteCount: Int { search.examinedByteCount }

    /// Continues with the bytes that no scan has consumed yet. A request has at least one
    /// argument, its command's name.
    ///
    /// - Throws: ``RESPError``: the client's fault; answer with its ``RESPError/message`` and
    ///   close the connection.
    public mutating func scan(_ unread: RawSpan) throws(RESPError) -> Scanned<[[UInt8]]> {
        if let failure { throw failure }
        do throws(RESPError) {
            var offset = 0
            while try advance(unread, &offset) {
                guard case .idle = state, !arguments.isEmpty else { continue }
                defer { arguments = [] }
                return .value(arguments, consumed: offset)
            }
            return .needsMore(consumed: offset)
        } catch {
            failure = error
            throw error
        }
    }

    /// Takes one line or one argument; `false` when the bytes end before it does.
    private mutating func advance(
        _ unread: RawSpan, _ offset: inout Int
    ) throws(RESPError) -> Bool {
        switch state {
        case .idle:
            guard offset < unread.byteCount else { return false }
            if unread.byte(at: offset) == UInt8(ascii: "*") {
                return try readCount(unread, &offset)
            }
            return try readInline(unread, &offset)
        case .header(let remaining):
            return try readHeader(remaining: remaining, unread, &offset)
        case .argument(let byteCount, let remaining):
            // Subtracted, not added: the length may be as large as an integer can be.
            guard unread.byteCount - offset - 2 >= byteCount else { return false }
            arguments.append(unread.bytes(in: offset..<offset + byteCount))
            offset += byteCount + 2
            requestByteCount += byteCount + 2
            state = remaining == 1 ? .idle : .header(remaining: remaining - 1)
            return true
        }
    }

    /// A line of words, up to LF or CRLF.
    private mutating func readInline(
        _ unread: RawSpan, _ offset: inout Int
    ) throws(RESPError) -> Bool {
        let outcome = search.find(
            RESPByte.lineFeed, or: RESPByte.lineFeed, in: unread, from: offset,
            bytesMax: limits.lineBytesMax)
        switch outcome {
        case .tooLong: throw .tooBigInlineRequest
        case .notYet: return false
        case .found(let lineFeed):
            search.finishLine()
            let hasReturn =
                lineFeed > offset && unread.byte(at: lineFeed - 1) == RESPByte.carriageReturn
            let line = unread.bytes(in: offset..<(hasReturn ? lineFeed - 1 : lineFeed))
            guard let words = InlineCommand.words(of: line) else { throw .unbalancedQuotes }
            arguments = words
            offset = lineFeed + 1
            return true
        }
    }

    /// `*COUNT`
    private mutating func readCount(
        _ unread: RawSpan, _ offset: inout Int
    ) throws(RESPError) -> Bool {
        requestByteCount = 0
        guard let body = try header(unread, &offset, orElse: .tooBigMultibulkCount) else {
            return false
        }
        guard let count = unread.decimal(in: body), count <= limits.elementCountMax else {
            throw .invalidMultibulkLength
        }
        if !isAuthenticated, count > Self.unauthenticatedArgumentCountMax {
            throw .unauthenticatedMultibulkLength
        }
        if count > 0 { state = .header(remaining: count) }
        return true
    }

    /// `$LENGTH`
    private mutating func readHeader(
        remaining: Int, _ unread: RawSpan, _ offset: inout Int
    ) throws(RESPError) -> Bool {
        let start = offset
        guard let body = try header(unread, &offset, orElse: .tooBigBulkCount) else {
            return false
        }
        guard unread.byte(at: start) == UInt8(ascii: "$") else {
            throw .expectedDollar(got: unread.byte(at: start))
        }
        guard let byteCount = unread.decimal(in: body), byteCount >= 0,
            byteCount <= limits.bulkBytesMax
        else { throw .invalidBulkLength }
        if !isAuthenticated, byteCount > Self.unauthenticatedArgumentBytesMax {
            throw .unauthenticatedBulkLength
        }
        let bytesLeft = limits.valueBytesMax - requestByteCount
        guard bytesLeft >= 2, byteCount <= bytesLeft - 2 else { throw .tooBigRequest }
        state = .argument(byteCount: byteCount, remaining: remaining)
        return true
    }

    /// Consumes a header with the two bytes that end it; the range is what follows its type byte.
    private mutating func header(
        _ unread: RawSpan, _ offset: inout Int, orElse tooLong: RESPError
    ) throws(RESPError) -> Range<Int>? {
        let outcome = search.find(
            RESPByte.carriageReturn, or: RESPByte.carriageReturn, in: unread, from: offset,
            bytesMax: limits.lineBytesMax)
        switch outcome {
        case .tooLong: throw tooLong
        case .notYet: return nil
        case .found(let end):
            guard end + 1 < unread.byteCount else { return nil }
            search.finishLine()
            // A line that is only its end has no type byte to step over.
            let body = min(offset + 1, end)..<end
            requestByteCount += end + 2 - offset
            offset = end + 2
            return body
        }
    }
}
