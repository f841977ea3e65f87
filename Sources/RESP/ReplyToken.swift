/// What one line of a reply begins with: RESP2's five types and RESP3's eleven.
enum ReplyType: UInt8 {
    case simpleString = 0x2B  // +
    case error = 0x2D  // -
    case integer = 0x3A  // :
    case bulkString = 0x24  // $
    case array = 0x2A  // *
    case null = 0x5F  // _
    case boolean = 0x23  // #
    case double = 0x2C  // ,
    case bigNumber = 0x28  // (
    case bulkError = 0x21  // !
    case verbatimString = 0x3D  // =
    case map = 0x25  // %
    case set = 0x7E  // ~
    case push = 0x3E  // >
    case attribute = 0x7C  // |
    /// A part of a streamed string.
    case chunk = 0x3B  // ;
    /// The end of a streamed aggregate.
    case streamEnd = 0x2E  // .
}

/// A string whose length is read and whose bytes are awaited.
struct AwaitedString: Sendable {
    enum Kind: Sendable { case string, error, verbatim }

    var kind: Kind
    var byteCount: Int

    /// The value that the string's bytes are.
    func value(_ unread: RawSpan, _ range: Range<Int>) throws(RESPError) -> RESPValue {
        switch kind {
        case .string:
            return .bulkString(unread.bytes(in: range))
        case .error:
            return .bulkError(unread.bytes(in: range))
        case .verbatim:
            let start = range.lowerBound
            guard range.count >= 4, unread.byte(at: start + 3) == UInt8(ascii: ":") else {
                throw .malformed(type: ReplyType.verbatimString.rawValue)
            }
            let format = VerbatimFormat(
                unread.byte(at: start), unread.byte(at: start + 1), unread.byte(at: start + 2))
            return .verbatimString(format, unread.bytes(in: start + 4..<range.upperBound))
        }
    }
}

/// An aggregate with elements outstanding.
struct OpenAggregate: Sendable {
    enum Kind: Sendable { case array, set, push, map, attribute }

    var kind: Kind
    /// Values in all, at least 1: for a map keys and values, for an attribute also the value that
    /// it describes.
    var elementCount: Int
    // Nothing is reserved ahead: the count is only the peer's word.
    var elements: [RESPValue] = []

    /// The value that the elements are, all of them being there.
    var value: RESPValue {
        switch kind {
        case .array: .array(elements)
        case .set: .set(elements)
        case .push: .push(elements)
        case .map: .map(RESPPair.paired(elements[...]))
        case .attribute:
            .attributed(
                elements[elementCount - 1], attributes: RESPPair.paired(elements.dropLast()))
        }
    }
}

/// What one whole line of a reply is.
enum ReplyToken {
    /// A value that needs nothing behind the line.
    case value(RESPValue)
    case string(AwaitedString)
    case aggregate(OpenAggregate)

    /// Reads a line, `body` being what stands between its type byte and its CRLF.
    init(
        _ type: ReplyType, _ unread: RawSpan, _ body: Range<Int>, limits: RESPLimits
    ) throws(RESPError) {
        switch type {
        case .simpleString:
            self = .value(.simpleString(unread.bytes(in: body)))
        case .error:
            self = .value(.error(unread.bytes(in: body)))
        case .integer:
            self = .value(.integer(try Self.integer(unread, body)))
        case .null:
            guard body.isEmpty else { throw .malformed(type: type.rawValue) }
            self = .value(.null)
        case .boolean:
            self = .value(.boolean(try Self.boolean(unread, body)))
        case .double:
            self = .value(.double(try Self.double(unread, body)))
        case .bigNumber:
            self = .value(.bigNumber(try Self.bigNumber(unread, body)))
        case .bulkString:
            self = try Self.string(.string, type, unread, body, limits)
        case .bulkError:
            self = try Self.string(.error, type, unread, body, limits)
        case .verbatimString:
            self = try Self.string(.verbatim, type, unread, body, limits)
        case .array:
            self = try Self.aggregate(.array, type, unread, body, limits)
        case .set:
            self = try Self.aggregate(.set, type, unread, body, limits)
        case .push:
            self = try Self.aggregate(.push, type, unread, body, limits)
        case .map:
            self = try Self.aggregate(.map, type, unread, body, limits)
        case .attribute:
            self = try Self.aggregate(.attribute, type, unread, body, limits)
        case .chunk, .streamEnd:
            throw .streamedType(type.rawValue)
        }
    }

    /// The header of a string.
    private static func string(
        _ kind: AwaitedString.Kind, _ type: ReplyType, _ unread: RawSpan, _ body: Range<Int>,
        _ limits: RESPLimits
    ) throws(RESPError) -> ReplyToken {
        let byteCount = try length(type, unread, body)
        if byteCount == -1, type == .bulkString { return .value(.null) }
        guard byteCount >= 0 else { throw .invalidLength(type: type.rawValue) }
        guard byteCount <= limits.bulkBytesMax else {
            throw .bulkTooLong(limit: limits.bulkBytesMax)
        }
        return .string(AwaitedString(kind: kind, byteCount: byteCount))
    }

    /// The header of an aggregate; an empty one is a value already.
    private static func aggregate(
        _ kind: OpenAggregate.Kind, _ type: ReplyType, _ unread: RawSpan, _ body: Range<Int>,
        _ limits: RESPLimits
    ) throws(RESPError) -> ReplyToken {
        let count = try length(type, unread, body)
        if count == -1, type == .array { return .value(.nullArray) }
        guard count >= 0 else { throw .invalidLength(type: type.rawValue) }
        guard count <= limits.elementCountMax else {
            throw .tooManyElements(limit: limits.elementCountMax)
        }
        let (doubled, overflow) = count.multipliedReportingOverflow(by: 2)
        guard !overflow else { throw .tooManyElements(limit: limits.elementCountMax) }
        let elementCount =
            switch kind {
            case .array, .set, .push: count
            case .map: doubled
            case .attribute: doubled + 1  // Even, so one more still fits.
            }
        let aggregate = OpenAggregate(kind: kind, elementCount: elementCount)
        return elementCount == 0 ? .value(aggregate.value) : .aggregate(aggregate)
    }

    /// A count or length, of either sign.
    private static func length(
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
