/// Finds where a client's requests end, as Redis 7 reads them, without copying, keeping or
/// allocating anything: what a proxy needs, where ``RequestScanner`` is for who must know the
/// arguments.
///
/// The caller keeps the bytes of an unfinished request and feeds them again with more behind them;
/// no byte of a line is looked at twice and none of an argument at all. Of a request that is too
/// large to be kept, the caller may pass bytes on and tell ``discard(_:)``. Limits, leniencies and
/// errors are ``RequestScanner``'s. A framer that has thrown throws the same error ever after.
///
///     before the request ──"*3"──▶ before an argument ──its length──▶ behind it ──▶ …
public struct RequestFramer: Sendable {
    /// Where the next byte to look at lies, from the request's first byte that was not discarded.
    /// Beyond the caller's bytes while an argument is still to come.
    private var position = 0
    /// Where the line that `position` lies in begins.
    private var lineStart = 0
    /// Bytes of this request that the caller does not keep.
    private var discardedByteCount = 0
    /// Arguments of which no header was read; of all, before the request's own header was.
    private var outstanding = Outstanding.unknown
    private var frame = RequestFramer.nothing
    private var failure: RESPError?

    private enum Outstanding {
        case unknown
        case arguments(Int)
    }

    private static let nothing = RequestFrame(
        form: .array, byteCount: 0, argumentCount: 0, name: 0..<0, firstArgument: 0..<0)

    /// A framer for one connection, at the start of a request.
    public init() {}

    /// Whether nothing of a request was seen yet.
    public var isIdle: Bool {
        guard case .unknown = outstanding else { return false }
        return position == 0
    }

    /// Whether no part of the request was passed on before it was whole.
    public var isIntact: Bool { discardedByteCount == 0 }

    /// What is known of the unfinished request whose name is: all but its length. The ranges mean
    /// something only while no byte of the request was discarded.
    public var head: RequestFrame { frame }

    /// The first `byteCount` bytes of the unfinished request were passed on and are not kept: what
    /// is fed next begins behind them. At most what was said to be passable.
    public mutating func discard(_ byteCount: Int) {
        position -= byteCount
        lineStart -= byteCount
        discardedByteCount += byteCount
    }

    /// Continues with the request that begins at `start`, or whose rest does.
    ///
    /// - Throws: ``RESPError``: the client's fault; answer with its ``RESPError/message`` and
    ///   close the connection.
    public mutating func next(
        in unread: RawSpan, at start: Int, limits: RESPLimits
    ) throws(RESPError) -> FramedRequest {
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
    ) throws(RESPError) -> FramedRequest {
        let available = unread.byteCount - start
        guard case .arguments(var remaining) = outstanding else {
            guard available > 0 else { return .partial(missingByteCount: 1, passableByteCount: 0) }
            guard unread.byte(at: start) == UInt8(ascii: "*") else {
                return try line(unread, start, limits)
            }
            guard let count = try requestHeader(unread, start, limits) else {
                return .partial(missingByteCount: 1, passableByteCount: 0)
            }
            guard count > 0 else { return finishEmpty() }
            frame.argumentCount = count
            return try advance(unread, start, limits)
        }
        // The bytes of an argument are passed over by its length, its end being beyond what came.
        while position <= available {
            if remaining == 0 { return finish() }
            guard
                let byteCount = try argumentHeader(
                    unread, start, limits, isName: remaining == frame.argumentCount)
            else { break }
            let end = position + byteCount
            if remaining == frame.argumentCount {
                frame.name = position..<end
            } else if remaining == frame.argumentCount - 1 {
                frame.firstArgument = position..<end
            }
            position = end + 2
            lineStart = position
            remaining -= 1
            outstanding = .arguments(remaining)
        }
        let isNamed =
            discardedByteCount > 0
            || (remaining < frame.argumentCount && frame.name.upperBound <= available)
        return .partial(
            missingByteCount: max(1, position - available),
            passableByteCount: isNamed ? min(lineStart, available) : 0)
    }

    /// `*COUNT`; `nil` when it is not whole.
    private mutating func requestHeader(
        _ unread: RawSpan, _ start: Int, _ limits: RESPLimits
    ) throws(RESPError) -> Int? {
        let count: Int
        if position == 0, let short = unread.shortHeader(at: start) {
            count = short.value
            position = short.byteCount
        } else {
            guard
                let body = try header(unread, start, limits, orElse: .tooBigMultibulkCount)
            else { return nil }
            guard let value = unread.decimal(in: body) else { throw .invalidMultibulkLength }
            count = value
        }
        guard count <= limits.elementCountMax else { throw .invalidMultibulkLength }
        lineStart = position
        outstanding = .arguments(count)
        return count
    }

    /// `$LENGTH`; `nil` when it is not whole.
    private mutating func argumentHeader(
        _ unread: RawSpan, _ start: Int, _ limits: RESPLimits, isName: Bool
    ) throws(RESPError) -> Int? {
        let first = start + lineStart
        let byteCount: Int
        if position == lineStart, let short = unread.shortHeader(at: first),
            unread.byte(at: first) == UInt8(ascii: "$")
        {
            byteCount = short.value
            position += short.byteCount
        } else {
            guard let body = try header(unread, start, limits, orElse: .tooBigBulkCount) else {
                return nil
            }
            guard unread.byte(at: first) == UInt8(ascii: "$") else {
                throw .expectedDollar(got: unread.byte(at: first))
            }
            guard let value = unread.decimal(in: body), value >= 0 else {
                throw .invalidBulkLength
            }
            byteCount = value
        }
        guard byteCount <= limits.bulkBytesMax else { throw .invalidBulkLength }
        let bytesLeft = limits.valueBytesMax - discardedByteCount - position
        guard bytesLeft >= 2, byteCount <= bytesLeft - 2 else { throw .tooBigRequest }
        return byteCount
    }

    /// Steps over the header that begins at `lineStart` and the two bytes that end it; the range
    /// is what follows its type byte. `nil` when it is not whole.
    private mutating func header(
        _ unread: RawSpan, _ start: Int, _ limits: RESPLimits, orElse tooLong: RESPError
    ) throws(RESPError) -> Range<Int>? {
        let lineEnd = try end(
            of: RESPByte.carriageReturn, unread, start, limits, orElse: tooLong)
        guard let lineEnd, start + lineEnd + 1 < unread.byteCount else { return nil }
        // A line that is only its end has no type byte to step over.
        let body = min(lineStart + 1, lineEnd)..<lineEnd
        position = lineEnd + 2
        return start + body.lowerBound..<start + body.upperBound
    }

    /// A line of words, up to LF or CRLF.
    private mutating func line(
        _ unread: RawSpan, _ start: Int, _ limits: RESPLimits
    ) throws(RESPError) -> FramedRequest {
        let lineFeed = try end(
            of: RESPByte.lineFeed, unread, start, limits, orElse: .tooBigInlineRequest)
        guard let lineFeed else { return .partial(missingByteCount: 1, passableByteCount: 0) }
        let hasReturn =
            lineFeed > 0 && unread.byte(at: start + lineFeed - 1) == RESPByte.carriageReturn
        let text = start..<start + (hasReturn ? lineFeed - 1 : lineFeed)
        guard let words = InlineShape(of: text, in: unread) else { throw .unbalancedQuotes }
        position = lineFeed + 1
        guard words.count > 0 else { return finishEmpty() }
        frame = RequestFrame(
            form: .line, byteCount: 0, argumentCount: words.count,
            name: words.first.lowerBound - start..<words.first.upperBound - start,
            firstArgument: words.second.lowerBound - start..<words.second.upperBound - start)
        return finish()
    }

    /// The offset of the byte that ends the line; `nil` when it has not come. Looks at each byte
    /// once, but for an end whose second byte has not come.
    private mutating func end(
        of terminator: UInt8, _ unread: RawSpan, _ start: Int, _ limits: RESPLimits,
        orElse tooLong: RESPError
    ) throws(RESPError) -> Int? {
        let available = unread.byteCount - start
        let isTooLong = available - lineStart > limits.lineBytesMax
        let reach = isTooLong ? lineStart + limits.lineBytesMax + 1 : available
        while position < reach {
            if unread.byte(at: start + position) == terminator { return position }
            position += 1
        }
        if isTooLong { throw tooLong }
        return nil
    }

    private mutating func finish() -> FramedRequest {
        var whole = frame
        whole.byteCount = position
        self = RequestFramer()
        return .whole(whole)
    }

    private mutating func finishEmpty() -> FramedRequest {
        let byteCount = position
        self = RequestFramer()
        return .empty(byteCount: byteCount)
    }
}
