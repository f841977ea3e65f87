/// One line of a configuration file. Everything about it follows from its bytes.
public struct Line: Hashable, Sendable {
    /// What the line is to Redis.
    public enum Kind: Hashable, Sendable {
        case blank
        case comment
        case directive
        /// A problem, or a limit, kept the line from being read.
        case unread
    }

    /// The line as it stands in the file, its line end (LF, CRLF or, on the last line, none)
    /// included.
    public let bytes: [UInt8]

    /// What the line is.
    public let kind: Kind

    /// The words of a directive; empty for other kinds.
    let words: [LineWord]

    /// What is wrong with the line, from left to right.
    let faults: [Fault]

    /// A directive's word with its place.
    struct LineWord: Hashable, Sendable {
        let text: String
        let range: Range<Int>
        let column: Int
    }

    /// Text that a limit keeps from being read.
    init(unread bytes: [UInt8], because kind: Fault.Kind) {
        self.bytes = bytes
        self.kind = .unread
        self.words = []
        self.faults = [Fault(kind: kind, column: 1)]
    }

    /// Reads one line, which has at most one LF, at its end.
    init(reading bytes: [UInt8], limits: Limits) {
        var faults: [Fault] = []
        var words: [LineWord] = []
        if bytes.count > limits.lineByteCountMax {
            faults.append(Fault(kind: .lineTooLong, column: 1))
            self.kind = .unread
        } else {
            let body = Array(bytes.dropLast(Self.lineEnd(of: bytes).count))
            self.kind = Self.read(body, words: &words, faults: &faults)
        }
        self.bytes = bytes
        self.words = words
        self.faults = faults
    }

    /// LF, CRLF or nothing.
    static func lineEnd(of bytes: [UInt8]) -> [UInt8] {
        guard bytes.last == UInt8(ascii: "\n") else { return [] }
        return bytes.dropLast().last == UInt8(ascii: "\r") ? [0x0D, 0x0A] : [0x0A]
    }

    private static func read(
        _ body: [UInt8], words: inout [LineWord], faults: inout [Fault]
    ) -> Kind {
        if let nul = body.firstIndex(of: 0) {
            faults.append(Fault(kind: .nulByte, column: Columns(body).column(at: nul)))
            return .unread
        }
        // A line is a comment by what follows the blanks that Redis trims, which VT is not.
        let first = body.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }
        guard let first else { return .blank }
        guard first != UInt8(ascii: "#") else { return .comment }

        let columns = Columns(body)
        var reader = WordReader(body)
        do throws(WordReader.QuoteError) {
            while let word = try reader.next() {
                appendFaults(
                    of: word, isFirst: words.isEmpty, in: body, columns, to: &faults)
                words.append(
                    LineWord(
                        text: String(decoding: word.bytes, as: Unicode.UTF8.self),
                        range: word.range,
                        column: columns.column(at: word.range.lowerBound)))
            }
        } catch {
            faults.append(Fault(kind: error.kind, column: columns.column(at: error.offset)))
            words = []
            return .unread
        }
        return words.isEmpty ? .blank : .directive
    }

    private static func appendFaults(
        of word: WordReader.Word, isFirst: Bool, in body: [UInt8], _ columns: Columns,
        to faults: inout [Fault]
    ) {
        if let (blank, offset) = word.lookalike {
            let column = columns.column(at: offset)
            faults.append(Fault(kind: .lookalikeBlank(blank), column: column))
        }
        if let offset = columns.firstMalformed(in: word.range) {
            faults.append(Fault(kind: .notUTF8, column: columns.column(at: offset)))
        } else if String(validating: word.bytes, as: Unicode.UTF8.self) == nil {
            let column = columns.column(at: word.range.lowerBound)
            faults.append(Fault(kind: .escapesAreNotUTF8, column: column))
        }
        if !isFirst, body[word.range].elementsEqual([UInt8(ascii: "#")]) {
            let column = columns.column(at: word.range.lowerBound)
            faults.append(Fault(kind: .commentAfterDirective, column: column))
        }
    }
}
