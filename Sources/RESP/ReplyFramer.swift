/// Finds where a server's replies end, RESP2 and RESP3 alike, without copying, keeping or
/// allocating anything: what a proxy needs, where ``ReplyScanner`` is for who must know the values.
///
/// No byte of a line is looked at twice and none of a string at all, and a reply of any size may be
/// passed on in parts. Since values are only counted, they may nest to any depth, and the text of
/// a scalar (`,1e3`) is not read; all else is as strict as ``ReplyScanner``. A framer that has
/// thrown throws the same error ever after.
public struct ReplyFramer: Sendable {
    private enum Expected {
        /// A line that begins a value.
        case line
        /// The CRLF behind a string, whose bytes end at `position`.
        case stringEnd
    }

    /// Where the next byte to look at lies, from the reply's first byte that was not discarded.
    /// Beyond the caller's bytes while a string is still to come.
    private var position = 0
    /// Where the line or the string's end that `position` lies in begins.
    private var lineStart = 0
    private var expected = Expected.line
    /// Values that this reply still lacks, those inside an aggregate included.
    private var outstandingCount = 1
    private var discardedByteCount = 0
    private var kind = ReplyKind.value
    private var failure: RESPError?

    /// A framer for one connection, at the start of a reply.
    public init() {}

    /// Whether no part of the reply was passed on before it was whole.
    public var isIntact: Bool { discardedByteCount == 0 }

    /// The first `byteCount` bytes of the unfinished reply were passed on and are not kept: what is
    /// fed next begins behind them. At most what was said to be passable.
    public mutating func discard(_ byteCount: Int) {
        position -= byteCount
        lineStart -= byteCount
        discardedByteCount += byteCount
    }

    /// Continues with the reply that begins at `start`, or whose rest does.
    ///
    /// - Throws: ``RESPError``: the server's fault; close the connection.
    @inline(__always)
    public mutating func next(
        in unread: RawSpan, at start: Int, limits: RESPLimits
    ) throws(RESPError) -> FramedReply {
        if let failure { throw failure }
        do throws(RESPError) {
            return try advance(unread, start, limits)
        } catch {
            failure = error
            throw error
        }
    }

    private mutating func advance(
        _ unread: RawSpan, _ start: Int, _ limits: RESPLimits
    ) throws(RESPError) -> FramedReply {
        let available = unread.byteCount - start
        while position <= available {
            if outstandingCount == 0 {
                let whole = FramedReply.whole(byteCount: position, kind)
                self = ReplyFramer()
                return whole
            }
            let isTaken =
                switch expected {
                case .line: try line(unread, start, limits)
                case .stringEnd: try stringEnd(unread, start)
                }
            guard isTaken else { break }
        }
        return .partial(passableByteCount: min(lineStart, available), kind)
    }

    /// Takes one line; `false` when it is not whole.
    private mutating func line(
        _ unread: RawSpan, _ start: Int, _ limits: RESPLimits
    ) throws(RESPError) -> Bool {
        let first = start + lineStart
        guard first < unread.byteCount else { return false }
        // Refused before its line ends: a peer of another protocol may never end it.
        guard let type = ReplyType(rawValue: unread.byte(at: first)) else {
            throw .unknownType(unread.byte(at: first))
        }
        let isFirst = lineStart == 0 && discardedByteCount == 0
        if isFirst { kind = Self.kind(of: type) }
        if type == .push, !isFirst { throw .nestedPush }
        guard let body = try lineBody(unread, start, limits) else { return false }
        try take(type, unread, body, limits)
        return true
    }

    private static func kind(of type: ReplyType) -> ReplyKind {
        switch type {
        case .error, .bulkError: .error
        case .push: .push
        case .simpleString, .integer, .bulkString, .array, .null, .boolean, .double, .bigNumber,
            .verbatimString, .map, .set, .attribute, .chunk, .streamEnd:
            .value
        }
    }

    /// What stands between the type byte and CRLF; `nil` when the line is not whole.
    private mutating func lineBody(
        _ unread: RawSpan, _ start: Int, _ limits: RESPLimits
    ) throws(RESPError) -> Range<Int>? {
        let available = unread.byteCount - start
        let isTooLong = available - lineStart > limits.lineBytesMax
        let reach = isTooLong ? lineStart + limits.lineBytesMax + 1 : available
        while position < reach {
            let byte = unread.byte(at: start + position)
            if byte == RESPByte.carriageReturn || byte == RESPByte.lineFeed { break }
            position += 1
        }
        guard position < reach else {
            if isTooLong { throw .lineTooLong(limit: limits.lineBytesMax) }
            return nil
        }
        guard unread.byte(at: start + position) == RESPByte.carriageReturn else {
            throw .malformedLine
        }
        guard position + 1 < available else { return nil }
        guard unread.byte(at: start + position + 1) == RESPByte.lineFeed else {
            throw .malformedLine
        }
        let body = start + lineStart + 1..<start + position
        position += 2
        return body
    }

    /// Goes on behind a whole line.
    private mutating func take(
        _ type: ReplyType, _ unread: RawSpan, _ body: Range<Int>, _ limits: RESPLimits
    ) throws(RESPError) {
        lineStart = position
        switch type {
        case .simpleString, .error, .integer, .null, .boolean, .double, .bigNumber:
            outstandingCount -= 1
        case .bulkString, .bulkError, .verbatimString:
            let byteCount = try length(type, unread, body)
            if byteCount == -1, type == .bulkString {
                outstandingCount -= 1
                return
            }
            guard byteCount >= 0 else { throw .invalidLength(type: type.rawValue) }
            guard byteCount <= limits.bulkBytesMax else {
                throw .bulkTooLong(limit: limits.bulkBytesMax)
            }
            try hold(byteCount, limits)
            position += byteCount
            lineStart = position
            expected = .stringEnd
        case .array, .set, .push, .map, .attribute:
            let count = try length(type, unread, body)
            if count == -1, type == .array {
                outstandingCount -= 1
                return
            }
            guard count >= 0 else { throw .invalidLength(type: type.rawValue) }
            guard count <= limits.elementCountMax else {
                throw .tooManyElements(limit: limits.elementCountMax)
            }
            try open(type, count, limits)
        case .chunk, .streamEnd:
            throw .streamedType(type.rawValue)
        }
        try hold(0, limits)
    }

    /// The elements of an aggregate are awaited instead of the aggregate.
    private mutating func open(
        _ type: ReplyType, _ count: Int, _ limits: RESPLimits
    ) throws(RESPError) {
        let isPaired = type == .map || type == .attribute
        let (elements, overflow) = count.multipliedReportingOverflow(by: isPaired ? 2 : 1)
        // An attribute is followed by the value that it describes.
        let (sum, carry) = outstandingCount.addingReportingOverflow(elements)
        guard !overflow, !carry else { throw .tooManyElements(limit: limits.elementCountMax) }
        outstandingCount = type == .attribute ? sum : sum - 1
    }

    /// Refuses a reply that a string of so many bytes would make larger than the limit.
    private func hold(_ byteCount: Int, _ limits: RESPLimits) throws(RESPError) {
        let bytesLeft = limits.valueBytesMax - discardedByteCount - position
        guard bytesLeft >= 0, byteCount <= bytesLeft else {
            throw .valueTooLarge(limit: limits.valueBytesMax)
        }
    }

    /// Takes the CRLF behind a string; `false` when it is not whole.
    private mutating func stringEnd(_ unread: RawSpan, _ start: Int) throws(RESPError) -> Bool {
        guard start + position + 1 < unread.byteCount else { return false }
        guard unread.byte(at: start + position) == RESPByte.carriageReturn,
            unread.byte(at: start + position + 1) == RESPByte.lineFeed
        else { throw .missingTerminator }
        position += 2
        lineStart = position
        expected = .line
        outstandingCount -= 1
        return true
    }

    /// A count or length, of either sign.
    private func length(
        _ type: ReplyType, _ unread: RawSpan, _ body: Range<Int>
    ) throws(RESPError) -> Int {
        if body.count == 1, unread.byte(at: body.lowerBound) == UInt8(ascii: "?") {
            throw .streamedType(type.rawValue)
        }
        guard let length = unread.decimal(in: body) else {
            throw .invalidLength(type: type.rawValue)
        }
        return length
    }
}
