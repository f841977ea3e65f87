/// Something in a configuration file that cannot be meant as it stands.
public struct Problem: Hashable, Sendable {
    /// Whether the file can be used in spite of it.
    public enum Severity: Hashable, Sendable {
        /// The text is not read as anything, or cannot be represented.
        case error
        /// Redis would accept the text, and almost certainly not do what its author means.
        case warning
    }

    /// The line, counted from 1.
    public let line: Int

    /// The character in the line, counted from 1. A tab is one character, and so is an accented or
    /// Chinese one, as an editor's cursor moves.
    public let column: Int

    /// Whether the file can be used in spite of the problem.
    public let severity: Severity

    /// One sentence for the person who wrote the file, without its position.
    public let message: String

    /// A problem that the reader of a directive's meaning found, in the same form as ours.
    public init(line: Int, column: Int, severity: Severity = .error, message: String) {
        self.line = line
        self.column = column
        self.severity = severity
        self.message = message
    }
}

/// A problem as a line keeps it: its place in the line's bytes, and what it is.
struct Fault: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case notUTF8
        case escapesAreNotUTF8
        case unclosedQuote
        case textAfterQuote
        case nulByte
        case lookalikeBlank(LookalikeBlank)
        case commentAfterDirective
        case lineTooLong
        case tooManyLines
        case fileTooLarge
    }

    let kind: Kind
    let column: Int

    func problem(line: Int, limits: Limits) -> Problem {
        Problem(line: line, column: column, severity: severity, message: message(limits))
    }

    private var severity: Problem.Severity {
        switch kind {
        case .lookalikeBlank, .commentAfterDirective:
            .warning
        case .notUTF8, .escapesAreNotUTF8, .unclosedQuote, .textAfterQuote, .nulByte,
            .lineTooLong, .tooManyLines, .fileTooLarge:
            .error
        }
    }

    private func message(_ limits: Limits) -> String {
        switch kind {
        case .notUTF8:
            "the word has bytes that are not UTF-8; save the file in UTF-8"
        case .escapesAreNotUTF8:
            "the escapes in this word do not make UTF-8 text"
        case .unclosedQuote:
            "the quote that opens here is not closed on this line"
        case .textAfterQuote:
            "a closing quote must be followed by a blank or the end of the line"
        case .nulByte:
            "a NUL byte: Redis would not read the file beyond it"
        case .lookalikeBlank(let blank):
            "\(blank.name) is part of the word here, it does not separate words; "
                + "type an ordinary space, or quote it if it is meant"
        case .commentAfterDirective:
            "a comment begins only at the start of a line; here '#' is an argument"
        case .lineTooLong:
            "the line is longer than \(limits.lineByteCountMax) bytes and was not read"
        case .tooManyLines:
            "the file has more than \(limits.lineCountMax) lines; the rest was not read"
        case .fileTooLarge:
            "the file is larger than \(limits.fileByteCountMax) bytes and was not read"
        }
    }
}
