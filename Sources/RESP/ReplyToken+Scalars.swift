extension ReplyToken {
    /// `:`, whose grammar also allows a `+`.
    static func integer(_ unread: RawSpan, _ body: Range<Int>) throws(RESPError) -> Int {
        var digits = body
        if body.count >= 2, unread.byte(at: body.lowerBound) == UInt8(ascii: "+"),
            unread.byte(at: body.lowerBound + 1) != UInt8(ascii: "-")
        {
            digits = body.lowerBound + 1..<body.upperBound
        }
        guard let integer = unread.decimal(in: digits) else {
            throw .malformed(type: ReplyType.integer.rawValue)
        }
        return integer
    }

    /// `#t` or `#f`.
    static func boolean(_ unread: RawSpan, _ body: Range<Int>) throws(RESPError) -> Bool {
        if body.count == 1 {
            let letter = unread.byte(at: body.lowerBound)
            if letter == UInt8(ascii: "t") { return true }
            if letter == UInt8(ascii: "f") { return false }
        }
        throw .malformed(type: ReplyType.boolean.rawValue)
    }

    /// `(`: a sign perhaps, then digits only.
    static func bigNumber(_ unread: RawSpan, _ body: Range<Int>) throws(RESPError) -> [UInt8] {
        var cursor = NumberCursor(offset: body.lowerBound, end: body.upperBound)
        cursor.skipSign(unread)
        guard cursor.skipDigits(unread) > 0, cursor.isAtEnd else {
            throw .malformed(type: ReplyType.bigNumber.rawValue)
        }
        return unread.bytes(in: body)
    }

    /// `,`: `[sign] digits [. digits] [e [sign] digits]`, or `inf`, `nan`, each with a sign.
    ///
    /// The grammar is checked here because the standard library's reader also takes hexadecimal
    /// and `infinity`. Too large a number is an infinity and too small a one zero, as in C.
    static func double(_ unread: RawSpan, _ body: Range<Int>) throws(RESPError) -> Double {
        guard body.count <= doubleBytesMax else {
            throw .malformed(type: ReplyType.double.rawValue)
        }
        let text = String(decoding: unread.bytes(in: body), as: UTF8.self)
        switch text {
        case "inf", "+inf": return .infinity
        case "-inf": return -.infinity
        case "nan", "+nan", "-nan": return .nan
        default:  // A String has no cases to list: the rest is digits.
            guard isDecimalFraction(unread, body), let number = Double(text) else {
                throw .malformed(type: ReplyType.double.rawValue)
            }
            return number
        }
    }

    /// Redis's `MAX_LONG_DOUBLE_CHARS`: the longest that it prints a number without an exponent.
    private static let doubleBytesMax = 5 * 1024

    private static func isDecimalFraction(_ unread: RawSpan, _ body: Range<Int>) -> Bool {
        var cursor = NumberCursor(offset: body.lowerBound, end: body.upperBound)
        cursor.skipSign(unread)
        guard cursor.skipDigits(unread) > 0 else { return false }
        if cursor.skip(UInt8(ascii: "."), unread) {
            guard cursor.skipDigits(unread) > 0 else { return false }
        }
        if cursor.skip(UInt8(ascii: "e"), unread) || cursor.skip(UInt8(ascii: "E"), unread) {
            cursor.skipSign(unread)
            guard cursor.skipDigits(unread) > 0 else { return false }
        }
        return cursor.isAtEnd
    }
}

/// A position in the text of a number.
private struct NumberCursor {
    var offset: Int
    let end: Int

    var isAtEnd: Bool { offset == end }

    mutating func skip(_ byte: UInt8, _ unread: RawSpan) -> Bool {
        guard offset < end, unread.byte(at: offset) == byte else { return false }
        offset += 1
        return true
    }

    mutating func skipSign(_ unread: RawSpan) {
        if !skip(UInt8(ascii: "-"), unread) { _ = skip(UInt8(ascii: "+"), unread) }
    }

    /// How many digits there were.
    mutating func skipDigits(_ unread: RawSpan) -> Int {
        let start = offset
        while offset < end, unread.byte(at: offset) &- UInt8(ascii: "0") <= 9 { offset += 1 }
        return offset - start
    }
}
