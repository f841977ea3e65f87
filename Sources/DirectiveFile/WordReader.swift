/// Splits one line into words exactly as Redis does (its `sdssplitargs`):
///
/// - Blanks separate words: space, tab, CR; VT and FF too, but only before a word.
/// - `"…"` knows `\n` `\r` `\t` `\b` `\a` `\xHH`; any other escaped byte is that byte.
/// - `'…'` knows only `\'`.
/// - A quote may open inside a word (`a"b c"` is `ab c`); a closing quote ends the word and must be
///   followed by a blank or the end of the line.
struct WordReader {
    struct Word {
        /// Where the word stands in the line, quotes included.
        var range: Range<Int>
        /// The word's value.
        var bytes: [UInt8] = []
        /// The first blank look-alike outside quotes, and its offset.
        var lookalike: (blank: LookalikeBlank, offset: Int)?
    }

    struct QuoteError: Error, Equatable {
        let kind: Fault.Kind
        let offset: Int
    }

    private let line: [UInt8]
    private var offset = 0

    /// `line` comes without its line end.
    init(_ line: [UInt8]) {
        self.line = line
    }

    /// The next word, or `nil` at the end of the line.
    mutating func next() throws(QuoteError) -> Word? {
        while offset < line.count, Self.isBlank(line[offset]) {
            offset += 1
        }
        guard offset < line.count else { return nil }

        let start = offset
        var word = Word(range: start..<start)
        reading: while offset < line.count {
            switch line[offset] {
            case UInt8(ascii: "\""):
                try readDoubleQuoted(into: &word)
                break reading
            case UInt8(ascii: "'"):
                try readSingleQuoted(into: &word)
                break reading
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
                break reading
            case let byte:
                if word.lookalike == nil, let blank = LookalikeBlank(in: line, at: offset) {
                    word.lookalike = (blank, offset)
                }
                word.bytes.append(byte)
                offset += 1
            }
        }
        word.range = start..<offset
        return word
    }

    private mutating func readDoubleQuoted(into word: inout Word) throws(QuoteError) {
        let opening = offset
        offset += 1
        while offset < line.count {
            switch line[offset] {
            case UInt8(ascii: "\""):
                return try closeQuote()
            case UInt8(ascii: "\\") where offset + 1 < line.count:
                word.bytes.append(readEscape())
            case let byte:
                word.bytes.append(byte)
                offset += 1
            }
        }
        throw QuoteError(kind: .unclosedQuote, offset: opening)
    }

    private mutating func readSingleQuoted(into word: inout Word) throws(QuoteError) {
        let opening = offset
        offset += 1
        while offset < line.count {
            switch line[offset] {
            case UInt8(ascii: "'"):
                return try closeQuote()
            case UInt8(ascii: "\\")
            where offset + 1 < line.count && line[offset + 1] == UInt8(ascii: "'"):
                word.bytes.append(UInt8(ascii: "'"))
                offset += 2
            case let byte:
                word.bytes.append(byte)
                offset += 1
            }
        }
        throw QuoteError(kind: .unclosedQuote, offset: opening)
    }

    private mutating func closeQuote() throws(QuoteError) {
        offset += 1
        guard offset == line.count || Self.isBlank(line[offset]) else {
            throw QuoteError(kind: .textAfterQuote, offset: offset)
        }
    }

    /// The byte that the escape at `offset` stands for. At least one byte follows the backslash.
    private mutating func readEscape() -> UInt8 {
        if offset + 3 < line.count, line[offset + 1] == UInt8(ascii: "x"),
            let high = Self.hexDigitValue(line[offset + 2]),
            let low = Self.hexDigitValue(line[offset + 3])
        {
            offset += 4
            return high << 4 | low
        }
        let escaped = line[offset + 1]
        offset += 2
        switch escaped {
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "a"): return 0x07
        default: return escaped
        }
    }

    /// C's `isspace` in the C locale, which Redis runs in.
    static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (0x09...0x0D).contains(byte)
    }

    private static func hexDigitValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
