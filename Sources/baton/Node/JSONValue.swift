/// One value of JSON (RFC 8259). Objects keep the order of their members.
enum JSONValue: Equatable {
    case null
    case boolean(Bool)
    /// As it was written: integers of 64 bits lose nothing.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    struct Member: Equatable {
        var key: String
        var value: JSONValue
    }

    /// Why a text is not JSON, and where.
    struct Malformed: Error, Equatable {
        /// In bytes from the start of the text.
        var offset: Int
    }

    /// Reads a whole text, strictly: nothing may follow the value.
    init(_ text: [UInt8]) throws(Malformed) {
        var reader = JSONReader(text)
        self = try reader.document()
    }

    /// The value of a member; of a key that stands twice, the first.
    subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    var text: String? {
        if case .string(let text) = self { return text }
        return nil
    }

    var truth: Bool? {
        if case .boolean(let truth) = self { return truth }
        return nil
    }

    /// `nil` for what is no whole number, or does not fit.
    var integer: Int? {
        if case .number(let text) = self { return Int(text) }
        return nil
    }

    var elements: [JSONValue]? {
        if case .array(let elements) = self { return elements }
        return nil
    }
}

/// Reads JSON from bytes of a peer: no text makes it trap.
private struct JSONReader {
    /// A status nests 6 deep; the reader is recursive, so that this bounds its stack.
    private static let depthMax = 32

    private let bytes: [UInt8]
    private var offset = 0
    private var depth = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document() throws(JSONValue.Malformed) -> JSONValue {
        let value = try value()
        skipBlanks()
        guard offset == bytes.count else { throw malformed }
        return value
    }

    private var malformed: JSONValue.Malformed { JSONValue.Malformed(offset: offset) }

    private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipBlanks() {
        while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { offset += 1 }
    }

    private mutating func take(_ byte: Unicode.Scalar) throws(JSONValue.Malformed) {
        guard next == UInt8(ascii: byte) else { throw malformed }
        offset += 1
    }

    private mutating func value() throws(JSONValue.Malformed) -> JSONValue {
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(
        _ text: String, _ value: JSONValue
    ) throws(JSONValue.Malformed) -> JSONValue {
        guard bytes[offset...].starts(with: text.utf8) else { throw malformed }
        offset += text.utf8.count
        return value
    }

    private mutating func descend() throws(JSONValue.Malformed) {
        guard depth < Self.depthMax else { throw malformed }
        depth += 1
        offset += 1
        skipBlanks()
    }

    private mutating func object() throws(JSONValue.Malformed) -> JSONValue {
        try descend()
        defer { depth -= 1 }
        var members: [JSONValue.Member] = []
        while next != UInt8(ascii: "}") {
            if !members.isEmpty { try take(",") }
            skipBlanks()
            guard next == UInt8(ascii: "\"") else { throw malformed }
            let key = try string()
            skipBlanks()
            try take(":")
            members.append(JSONValue.Member(key: key, value: try value()))
            skipBlanks()
        }
        offset += 1
        return .object(members)
    }

    private mutating func array() throws(JSONValue.Malformed) -> JSONValue {
        try descend()
        defer { depth -= 1 }
        var elements: [JSONValue] = []
        while next != UInt8(ascii: "]") {
            if !elements.isEmpty { try take(",") }
            elements.append(try value())
            skipBlanks()
        }
        offset += 1
        return .array(elements)
    }

    /// `-`? digits without leading zeros, a fraction, an exponent.
    private mutating func number() throws(JSONValue.Malformed) -> JSONValue {
        let start = offset
        if next == UInt8(ascii: "-") { offset += 1 }
        if next == UInt8(ascii: "0") { offset += 1 } else { try digits() }
        if next == UInt8(ascii: ".") {
            offset += 1
            try digits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            offset += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { offset += 1 }
            try digits()
        }
        return .number(String(decoding: bytes[start..<offset], as: UTF8.self))
    }

    private mutating func digits() throws(JSONValue.Malformed) {
        let start = offset
        while let byte = next, (0x30...0x39).contains(byte) { offset += 1 }
        guard offset > start else { throw malformed }
    }

    private mutating func string() throws(JSONValue.Malformed) -> String {
        try take("\"")
        var text: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                guard let string = String(validating: text, as: UTF8.self) else { throw malformed }
                return string
            case UInt8(ascii: "\\"):
                offset += 1
                text += String(try escape()).utf8
            case 0x00..<0x20:
                throw malformed
            default:
                text.append(byte)
                offset += 1
            }
        }
        throw malformed
    }

    private mutating func escape() throws(JSONValue.Malformed) -> Unicode.Scalar {
        guard let byte = next else { throw malformed }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let unit = try codeUnit()
            if let scalar = Unicode.Scalar(unit) { return scalar }
            // A character beyond U+FFFF is written as two surrogates.
            guard (0xD800...0xDBFF).contains(unit) else { throw malformed }
            try take("\\")
            try take("u")
            let low = try codeUnit()
            guard (0xDC00...0xDFFF).contains(low),
                let scalar = Unicode.Scalar(
                    0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00))
            else { throw malformed }
            return scalar
        default:
            offset -= 1
            throw malformed
        }
    }

    private mutating func codeUnit() throws(JSONValue.Malformed) -> UInt16 {
        guard bytes.count - offset >= 4,
            bytes[offset..<offset + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let unit = UInt16(
                String(decoding: bytes[offset..<offset + 4], as: UTF8.self), radix: 16)
        else { throw malformed }
        offset += 4
        return unit
    }
}
