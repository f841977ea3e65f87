/// Reads the values that a server sends, RESP2 and RESP3 alike, from bytes that arrive in any
/// pieces.
///
/// Fed the unread bytes of one connection, it remembers where it stopped, in a line, a string or
/// any depth of aggregates, and never looks at a byte of a line twice or at one of a string at
/// all. What a peer sends can make it throw, never trap, wait for more than
/// ``RESPLimits/valueBytesMax`` or reserve memory ahead of the bytes. A scanner that has thrown
/// throws the same error ever after, since nothing behind a framing error can be trusted.
///
///     line ──"$5"──▶ string ──▶ value ──▶ parent aggregate, or out
///       │ "*2"                    ▲
///       └──▶ open aggregate ──────┘ when its last element is in
public struct ReplyScanner: Sendable {
    /// What is refused; may be changed between values.
    public var limits: RESPLimits

    private var search = TerminatorSearch()
    private var awaited: AwaitedString?
    private var open: [OpenAggregate] = []
    /// Bytes of the unfinished value that were consumed by earlier scans.
    private var valueByteCount = 0
    private var failure: RESPError?

    /// A scanner for one connection, at the start of a value.
    public init(limits: RESPLimits = RESPLimits()) {
        self.limits = limits
    }

    /// Bytes looked at so far, for the proof that none is looked at again.
    var examinedByteCount: Int { search.examinedByteCount }

    /// Continues with the bytes that no scan has consumed yet.
    ///
    /// - Throws: ``RESPError``: the server's fault; close the connection.
    public mutating func scan(_ unread: RawSpan) throws(RESPError) -> Scanned<RESPValue> {
        if let failure { throw failure }
        do throws(RESPError) {
            var offset = 0
            while let value = try nextValue(unread, &offset) {
                if let whole = place(value) {
                    valueByteCount = 0
                    return .value(whole, consumed: offset)
                }
            }
            return .needsMore(consumed: offset)
        } catch {
            failure = error
            throw error
        }
    }

    /// The next value that has no parts outstanding; `nil` when the bytes end first.
    private mutating func nextValue(
        _ unread: RawSpan, _ offset: inout Int
    ) throws(RESPError) -> RESPValue? {
        while true {
            if let string = awaited {
                return try finish(string, unread, &offset)
            }
            guard let line = try nextLine(unread, offset) else { return nil }
            consume(line.body.upperBound + 2 - offset, &offset)
            switch try ReplyToken(line.type, unread, line.body, limits: limits) {
            case .value(let value):
                return value
            case .string(let string):
                let bytesLeft = limits.valueBytesMax - valueByteCount
                guard bytesLeft >= 2, string.byteCount <= bytesLeft - 2 else {
                    throw .valueTooLarge(limit: limits.valueBytesMax)
                }
                awaited = string
            case .aggregate(let aggregate):
                guard open.count < limits.depthMax else {
                    throw .tooDeep(limit: limits.depthMax)
                }
                open.append(aggregate)
            }
        }
    }

    /// The line at `offset` without its CRLF; `nil` when it is not whole.
    private mutating func nextLine(
        _ unread: RawSpan, _ offset: Int
    ) throws(RESPError) -> (type: ReplyType, body: Range<Int>)? {
        guard offset < unread.byteCount else { return nil }
        // Refused before its line ends: a peer of another protocol may never end it.
        guard let type = ReplyType(rawValue: unread.byte(at: offset)) else {
            throw .unknownType(unread.byte(at: offset))
        }
        if type == .push, !open.isEmpty { throw .nestedPush }

        let valueBytesLeft = max(0, limits.valueBytesMax - valueByteCount - 2)
        let outcome = search.find(
            RESPByte.carriageReturn, or: RESPByte.lineFeed, in: unread, from: offset,
            bytesMax: min(limits.lineBytesMax, valueBytesLeft))
        switch outcome {
        case .tooLong where limits.lineBytesMax <= valueBytesLeft:
            throw .lineTooLong(limit: limits.lineBytesMax)
        case .tooLong:
            throw .valueTooLarge(limit: limits.valueBytesMax)
        case .notYet:
            return nil
        case .found(let end):
            guard unread.byte(at: end) == RESPByte.carriageReturn else { throw .malformedLine }
            guard end + 1 < unread.byteCount else { return nil }
            guard unread.byte(at: end + 1) == RESPByte.lineFeed else { throw .malformedLine }
            search.finishLine()
            return (type, offset + 1..<end)
        }
    }

    /// The awaited string, once all of it and its CRLF are there.
    private mutating func finish(
        _ string: AwaitedString, _ unread: RawSpan, _ offset: inout Int
    ) throws(RESPError) -> RESPValue? {
        // Subtracted, not added: the length may be as large as an integer can be.
        guard unread.byteCount - offset - 2 >= string.byteCount else { return nil }
        let end = offset + string.byteCount
        guard unread.byte(at: end) == RESPByte.carriageReturn,
            unread.byte(at: end + 1) == RESPByte.lineFeed
        else { throw .missingTerminator }
        let value = try string.value(unread, offset..<end)
        consume(string.byteCount + 2, &offset)
        awaited = nil
        return value
    }

    private mutating func consume(_ byteCount: Int, _ offset: inout Int) {
        offset += byteCount
        valueByteCount += byteCount
    }

    /// Puts a value into the aggregate that waits for it, closing each that it completes; returns
    /// the outermost value when nothing is open any more.
    private mutating func place(_ value: RESPValue) -> RESPValue? {
        var value = value
        while !open.isEmpty {
            let top = open.count - 1
            open[top].elements.append(value)
            guard open[top].elements.count == open[top].elementCount else { return nil }
            value = open.removeLast().value
        }
        return value
    }
}
