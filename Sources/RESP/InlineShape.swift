/// Where the words of a request typed as a line lie, by the rules of ``InlineCommand``, without
/// making the words.
struct InlineShape: Equatable {
    private(set) var count = 0
    /// The first word, as it is written: quotes and escapes included.
    private(set) var first = 0..<0
    /// The second, empty when there is none.
    private(set) var second = 0..<0

    /// `nil` when a quote is not closed, or something other than a space follows its end.
    init?(of line: Range<Int>, in bytes: RawSpan) {
        var index = line.lowerBound
        while true {
            while index < line.upperBound, InlineCommand.isSpace(bytes.byte(at: index)) {
                index += 1
            }
            guard index < line.upperBound else { return }
            let start = index
            guard let end = Self.end(from: start, line.upperBound, bytes) else { return nil }
            index = end
            count += 1
            if count == 1 { first = start..<end }
            if count == 2 { second = start..<end }
        }
    }

    /// The offset behind the word that begins at `start`.
    private static func end(from start: Int, _ limit: Int, _ bytes: RawSpan) -> Int? {
        var index = start
        while index < limit {
            let byte = bytes.byte(at: index)
            switch byte {
            case UInt8(ascii: " "), RESPByte.tab, RESPByte.carriageReturn, RESPByte.lineFeed:
                return index
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                guard let close = closing(byte, from: index + 1, limit, bytes) else { return nil }
                guard close + 1 == limit || InlineCommand.isSpace(bytes.byte(at: close + 1))
                else { return nil }
                return close + 1
            case _:
                index += 1
            }
        }
        return index
    }

    /// The offset of the quote that closes; a backslash hides what it escapes from the search.
    private static func closing(
        _ quote: UInt8, from start: Int, _ limit: Int, _ bytes: RawSpan
    ) -> Int? {
        var index = start
        while index < limit {
            let byte = bytes.byte(at: index)
            if byte == quote { return index }
            if byte == UInt8(ascii: "\\"), index + 1 < limit {
                let hidesNext =
                    quote == UInt8(ascii: "\"")
                    || bytes.byte(at: index + 1) == UInt8(ascii: "'")
                if hidesNext { index += 1 }
            }
            index += 1
        }
        return nil
    }
}
