/// Which protocol a connection speaks: 2 until `HELLO 3`.
public enum RESPVersion: Int, Hashable, Sendable {
    case resp2 = 2
    case resp3 = 3
}

/// Writes values in the bytes of one protocol version.
///
/// RESP3's types become in RESP2 what Redis makes of them: maps flat arrays, sets and pushes
/// arrays, booleans 1 and 0, doubles and big numbers and verbatim strings bulk strings, bulk errors
/// errors; attributes vanish.
public struct RESPEncoder: Hashable, Sendable {
    /// The version that the peer has asked for.
    public var version: RESPVersion

    /// An encoder for connections that speak `version`.
    public init(version: RESPVersion = .resp2) {
        self.version = version
    }

    /// Appends a request: an array of bulk strings, the form that both versions use.
    public static func appendRequest(_ arguments: [[UInt8]], to bytes: inout [UInt8]) {
        appendHeader("*", arguments.count, to: &bytes)
        for argument in arguments {
            appendString("$", argument, to: &bytes)
        }
    }

    /// Appends a request of words, each as its UTF-8.
    public static func appendRequest(_ words: [String], to bytes: inout [UInt8]) {
        appendHeader("*", words.count, to: &bytes)
        for word in words {
            appendHeader("$", word.utf8.count, to: &bytes)
            bytes += word.utf8
            appendLineEnd(to: &bytes)
        }
    }

    /// Appends a value. CR and LF in a simple string or an error, which cannot hold them, become
    /// spaces, as in Redis.
    public func append(_ value: RESPValue, to bytes: inout [UInt8]) {
        switch version {
        case .resp2: appendRESP2(value, to: &bytes)
        case .resp3: appendRESP3(value, to: &bytes)
        }
    }

    private func appendRESP2(_ value: RESPValue, to bytes: inout [UInt8]) {
        switch value {
        case .simpleString(let text): Self.appendLine("+", text, to: &bytes)
        case .error(let text), .bulkError(let text): Self.appendLine("-", text, to: &bytes)
        case .integer(let integer): Self.appendHeader(":", integer, to: &bytes)
        case .bulkString(let text), .bigNumber(let text), .verbatimString(_, let text):
            Self.appendString("$", text, to: &bytes)
        case .null: bytes += "$-1\r\n".utf8
        case .nullArray: bytes += "*-1\r\n".utf8
        case .boolean(let truth): Self.appendHeader(":", truth ? 1 : 0, to: &bytes)
        case .double(let double): Self.appendString("$", Self.text(of: double), to: &bytes)
        case .array(let elements), .set(let elements), .push(let elements):
            appendElements("*", elements, to: &bytes)
        case .map(let pairs):
            Self.appendHeader("*", pairs.count * 2, to: &bytes)
            appendPairs(pairs, to: &bytes)
        case .attributed(let value, attributes: _):
            appendRESP2(value, to: &bytes)
        }
    }

    private func appendRESP3(_ value: RESPValue, to bytes: inout [UInt8]) {
        switch value {
        case .simpleString(let text): Self.appendLine("+", text, to: &bytes)
        case .error(let text): Self.appendLine("-", text, to: &bytes)
        case .integer(let integer): Self.appendHeader(":", integer, to: &bytes)
        case .bulkString(let text): Self.appendString("$", text, to: &bytes)
        case .null, .nullArray: bytes += "_\r\n".utf8
        case .boolean(let truth): bytes += (truth ? "#t\r\n" : "#f\r\n").utf8
        case .double(let double): Self.appendLine(",", Self.text(of: double), to: &bytes)
        case .bigNumber(let digits): Self.appendLine("(", digits, to: &bytes)
        case .bulkError(let text): Self.appendString("!", text, to: &bytes)
        case .verbatimString(let format, let text):
            Self.appendHeader("=", text.count + 4, to: &bytes)
            bytes += [format.first, format.second, format.third, UInt8(ascii: ":")]
            bytes += text
            Self.appendLineEnd(to: &bytes)
        case .array(let elements): appendElements("*", elements, to: &bytes)
        case .set(let elements): appendElements("~", elements, to: &bytes)
        case .push(let elements): appendElements(">", elements, to: &bytes)
        case .map(let pairs):
            Self.appendHeader("%", pairs.count, to: &bytes)
            appendPairs(pairs, to: &bytes)
        case .attributed(let value, let attributes):
            Self.appendHeader("|", attributes.count, to: &bytes)
            appendPairs(attributes, to: &bytes)
            appendRESP3(value, to: &bytes)
        }
    }

    private func appendElements(
        _ type: Unicode.Scalar, _ elements: [RESPValue], to bytes: inout [UInt8]
    ) {
        Self.appendHeader(type, elements.count, to: &bytes)
        for element in elements { append(element, to: &bytes) }
    }

    private func appendPairs(_ pairs: [RESPPair], to bytes: inout [UInt8]) {
        for pair in pairs {
            append(pair.key, to: &bytes)
            append(pair.value, to: &bytes)
        }
    }

    private static func appendHeader(
        _ type: Unicode.Scalar, _ number: Int, to bytes: inout [UInt8]
    ) {
        bytes.append(UInt8(ascii: type))
        bytes += String(number).utf8
        appendLineEnd(to: &bytes)
    }

    private static func appendString(
        _ type: Unicode.Scalar, _ text: [UInt8], to bytes: inout [UInt8]
    ) {
        appendHeader(type, text.count, to: &bytes)
        bytes += text
        appendLineEnd(to: &bytes)
    }

    private static func appendLine(
        _ type: Unicode.Scalar, _ text: [UInt8], to bytes: inout [UInt8]
    ) {
        bytes.append(UInt8(ascii: type))
        for byte in text {
            let isLineEnd = byte == RESPByte.carriageReturn || byte == RESPByte.lineFeed
            bytes.append(isLineEnd ? UInt8(ascii: " ") : byte)
        }
        appendLineEnd(to: &bytes)
    }

    private static func appendLineEnd(to bytes: inout [UInt8]) {
        bytes.append(RESPByte.carriageReturn)
        bytes.append(RESPByte.lineFeed)
    }

    /// The shortest text that reads back as the same number; whole numbers without `.0`, as
    /// Redis prints them.
    private static func text(of double: Double) -> [UInt8] {
        if double.isNaN { return Array("nan".utf8) }
        var text = Array(double.description.utf8)
        if text.suffix(2).elementsEqual(".0".utf8) { text.removeLast(2) }
        return text
    }
}
