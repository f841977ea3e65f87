/// One value of RESP2 or RESP3, owning its bytes.
///
/// Strings are bytes, since Redis promises no encoding; ``string`` and ``text`` read them.
/// RESP2's two nulls are kept apart because clients tell them apart: `SENTINEL
/// GET-MASTER-ADDR-BY-NAME` of an unknown name is a null *array*.
public enum RESPValue: Hashable, Sendable {
    /// `+OK`; holds neither CR nor LF.
    case simpleString([UInt8])
    /// `-ERR …`, with its code and without the `-`; holds neither CR nor LF.
    case error([UInt8])
    /// `:1`
    case integer(Int)
    /// `$3`
    case bulkString([UInt8])
    /// `*2`
    case array([RESPValue])
    /// `_`, and RESP2's `$-1`.
    case null
    /// RESP2's `*-1`; in RESP3 the same as ``null``.
    case nullArray
    /// `#t` or `#f`
    case boolean(Bool)
    /// `,1.5`, also `inf`, `-inf` and `nan`.
    case double(Double)
    /// `(`: an integer of any size, as its decimal digits with an optional sign.
    case bigNumber([UInt8])
    /// `!21`: an error that may hold any byte.
    case bulkError([UInt8])
    /// `=15`: a text with a hint of how to show it.
    case verbatimString(VerbatimFormat, [UInt8])
    /// `%2`, in the order of the wire; keys may repeat.
    case map([RESPPair])
    /// `~2`, in the order of the wire; members may repeat.
    case set([RESPValue])
    /// `>3`: data that answers no request. Only ever outermost.
    case push([RESPValue])
    /// `|1`: facts about the value that follows them.
    indirect case attributed(RESPValue, attributes: [RESPPair])
}

/// A key of a map with its value.
public struct RESPPair: Hashable, Sendable {
    /// Any value; in practice a string.
    public var key: RESPValue
    /// What the key stands for.
    public var value: RESPValue

    /// A pair in the order of the wire.
    public init(_ key: RESPValue, _ value: RESPValue) {
        self.key = key
        self.value = value
    }
}

/// The three bytes that say how a verbatim string is meant to be shown.
public struct VerbatimFormat: Hashable, Sendable {
    let first: UInt8
    let second: UInt8
    let third: UInt8

    /// Any three bytes, for example `mkd`.
    public init(_ first: UInt8, _ second: UInt8, _ third: UInt8) {
        self.first = first
        self.second = second
        self.third = third
    }

    /// `txt`: plain text, the one format that Redis itself sends (`INFO`, `CLIENT LIST`).
    public static let text = VerbatimFormat(
        UInt8(ascii: "t"), UInt8(ascii: "x"), UInt8(ascii: "t"))
}

extension RESPValue {
    /// A bulk string of the text's UTF-8.
    public static func bulk(_ text: some StringProtocol) -> RESPValue {
        .bulkString(Array(text.utf8))
    }

    /// A simple string of the text's UTF-8.
    public static func simple(_ text: some StringProtocol) -> RESPValue {
        .simpleString(Array(text.utf8))
    }

    /// An error whose text begins with its code, as `ERR no such group`.
    public static func failure(_ text: some StringProtocol) -> RESPValue {
        .error(Array(text.utf8))
    }

    /// The bytes of a simple, bulk or verbatim string; `nil` for anything else.
    public var bytes: [UInt8]? {
        switch self {
        case .simpleString(let bytes), .bulkString(let bytes), .verbatimString(_, let bytes):
            bytes
        case .error, .integer, .array, .null, .nullArray, .boolean, .double, .bigNumber,
            .bulkError, .map, .set, .push:
            nil
        case .attributed(let value, attributes: _):
            value.bytes
        }
    }

    /// A simple, bulk or verbatim string as text; `nil` when it is not UTF-8 or not a string.
    public var string: String? {
        bytes.flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// A string or an error as text for people: bytes that are not UTF-8 are replaced by U+FFFD.
    public var text: String? {
        (bytes ?? errorBytes).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The bytes of an error of either kind, with its code; `nil` for anything else.
    public var errorBytes: [UInt8]? {
        switch self {
        case .error(let bytes), .bulkError(let bytes):
            bytes
        case .simpleString, .integer, .bulkString, .array, .null, .nullArray, .boolean, .double,
            .bigNumber, .verbatimString, .map, .set, .push:
            nil
        case .attributed(let value, attributes: _):
            value.errorBytes
        }
    }

    /// Whether the value is an error whose code, its first word, is `code`.
    public func isError(_ code: String) -> Bool {
        guard let first = errorBytes?.split(separator: UInt8(ascii: " "), maxSplits: 1).first
        else { return false }
        return first.elementsEqual(code.utf8)
    }

    /// Whether the value is either null.
    public var isNull: Bool {
        switch self {
        case .null, .nullArray:
            true
        case .simpleString, .error, .integer, .bulkString, .array, .boolean, .double, .bigNumber,
            .bulkError, .verbatimString, .map, .set, .push:
            false
        case .attributed(let value, attributes: _):
            value.isNull
        }
    }

    /// The integer, also when it came as the decimal text that RESP2 has inside maps.
    public var number: Int? {
        if case .integer(let number) = self { return number }
        if case .attributed(let value, attributes: _) = self { return value.number }
        guard let bytes else { return nil }
        return bytes.span.bytes.decimal(in: 0..<bytes.count)
    }

    /// The elements of an array, set or push; `nil` for anything else.
    public var elements: [RESPValue]? {
        switch self {
        case .array(let elements), .set(let elements), .push(let elements):
            elements
        case .simpleString, .error, .integer, .bulkString, .null, .nullArray, .boolean, .double,
            .bigNumber, .bulkError, .verbatimString, .map:
            nil
        case .attributed(let value, attributes: _):
            value.elements
        }
    }

    /// The pairs of a map, or of the flat array of keys and values that RESP2 sends in its place.
    public var pairs: [RESPPair]? {
        switch self {
        case .map(let pairs):
            pairs
        case .array(let elements) where elements.count.isMultiple(of: 2):
            RESPPair.paired(elements[...])
        case .array, .simpleString, .error, .integer, .bulkString, .null, .nullArray, .boolean,
            .double, .bigNumber, .bulkError, .verbatimString, .set, .push:
            nil
        case .attributed(let value, attributes: _):
            value.pairs
        }
    }
}

extension RESPPair {
    /// Joins keys with the values that follow them; `flat` must be of even length.
    static func paired(_ flat: ArraySlice<RESPValue>) -> [RESPPair] {
        stride(from: flat.startIndex, to: flat.endIndex, by: 2).map {
            RESPPair(flat[$0], flat[$0 + 1])
        }
    }
}
