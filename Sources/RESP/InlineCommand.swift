/// The words of a request typed as a line, as Redis's `sdssplitargs` divides them.
///
/// A word may be quoted, wholly or from its middle on; a closing quote ends the word. Double
/// quotes know `\n \r \t \b \a \xHH` and take any other byte after `\` as itself, single quotes
/// know `\'` alone. Empty quotes are an empty word.
enum InlineCommand {
    private enum Quote { case none, single, double }

    /// `nil` when a quote is not closed, or something other than a space follows its end.
    static func words(of line: [UInt8]) -> [[UInt8]]? {
        var words: [[UInt8]] = []
        var index = 0
        while true {
            while index < line.count, isSpace(line[index]) { index += 1 }
            guard index < line.count else { return words }
            guard let word = word(of: line, at: &index) else { return nil }
            words.append(word)
        }
    }

    private static func word(of line: [UInt8], at index: inout Int) -> [UInt8]? {
        var word: [UInt8] = []
        var quote = Quote.none
        while index < line.count {
            let byte = line[index]
            switch (quote, byte) {
            case (.none, UInt8(ascii: " ")), (.none, UInt8(ascii: "\t")),
                (.none, UInt8(ascii: "\r")), (.none, UInt8(ascii: "\n")):
                return word
            case (.none, UInt8(ascii: "\"")):
                quote = .double
            case (.none, UInt8(ascii: "'")):
                quote = .single
            case (.double, UInt8(ascii: "\"")), (.single, UInt8(ascii: "'")):
                index += 1
                return index == line.count || isSpace(line[index]) ? word : nil
            case (.double, UInt8(ascii: "\\")) where index + 1 < line.count:
                word.append(escaped(line, &index))
            case (.single, UInt8(ascii: "\\"))
            where index + 1 < line.count && line[index + 1] == UInt8(ascii: "'"):
                index += 1
                word.append(UInt8(ascii: "'"))
            case (.none, _), (.single, _), (.double, _):
                word.append(byte)
            }
            index += 1
        }
        return quote == .none ? word : nil
    }

    /// The byte for an escape in double quotes; leaves `index` at the escape's last byte.
    private static func escaped(_ line: [UInt8], _ index: inout Int) -> UInt8 {
        index += 1
        switch line[index] {
        case UInt8(ascii: "x"):
            guard index + 2 < line.count, let high = hexadecimal(line[index + 1]),
                let low = hexadecimal(line[index + 2])
            else { return UInt8(ascii: "x") }
            index += 2
            return high << 4 | low
        case UInt8(ascii: "n"): return UInt8(ascii: "\n")
        case UInt8(ascii: "r"): return UInt8(ascii: "\r")
        case UInt8(ascii: "t"): return UInt8(ascii: "\t")
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "a"): return 0x07
        case let other: return other
        }
    }

    /// C's `isspace`, which divides words; inside one, only space, tab, CR and LF end it.
    static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (0x09...0x0D).contains(byte)
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        case _: nil
        }
    }
}
