/// A redis.conf or sentinel.conf: every line in order, with its comments and original spelling.
///
/// The bytes of the file are the document: what ``lines``, ``directives`` and ``problems`` say
/// follows from them alone. So writing a document and reading it again yields an equal one, and a
/// line that was not edited is written as it was read.
///
/// `include` is a directive like any other: whoever has the files follows it.
public struct Document: Hashable, Sendable {
    /// All lines, in the order of the file.
    public internal(set) var lines: [Line]

    /// What is read of a file, and how large an edit may make it.
    public let limits: Limits

    /// Reads a file. Whatever is wrong with it is in ``problems``; no byte of it is lost.
    public init(reading bytes: [UInt8], limits: Limits = Limits()) {
        self.limits = limits
        self.lines = []
        guard bytes.count <= limits.fileByteCountMax else {
            lines = [Line(unread: bytes, because: .fileTooLarge)]
            return
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            guard lines.count < limits.lineCountMax else {
                lines.append(Line(unread: Array(rest), because: .tooManyLines))
                return
            }
            let end = rest.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? rest.endIndex
            lines.append(Line(reading: Array(rest[..<end]), limits: limits))
            rest = rest[end...]
        }
    }

    /// The file's text, to be written.
    public var bytes: [UInt8] {
        lines.flatMap(\.bytes)
    }

    /// The lines that are directives, in the order of the file.
    public var directives: [Directive] {
        lines.indices.compactMap(directive(at:))
    }

    /// Everything that is wrong with the file's text, in the order of the file; what its
    /// directives mean is for their reader to judge.
    public var problems: [Problem] {
        var problems: [Problem] = []
        for (index, line) in lines.enumerated() {
            for fault in line.faults {
                guard problems.count < limits.problemCountMax else {
                    problems.append(
                        Problem(
                            line: index + 1, column: fault.column,
                            message: "there are more problems from here on; "
                                + "only the first \(limits.problemCountMax) are listed"))
                    return problems
                }
                problems.append(fault.problem(line: index + 1, limits: limits))
            }
        }
        return problems
    }

    func directive(at index: Int) -> Directive? {
        guard !lines[index].words.isEmpty else { return nil }
        let line = index + 1
        let words = lines[index].words.map {
            Directive.Word(text: $0.text, line: line, column: $0.column)
        }
        return Directive(line: line, words: words)
    }
}
