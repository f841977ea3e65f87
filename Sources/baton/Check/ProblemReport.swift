import Configuration
import DirectiveFile

/// The problems of a file as people and editors read them, compilers' form:
///
///     baton.conf:3:34: error: group 'mymaster' is not monitored; did you mean 'master1'?
///         sentinel down-after-milliseconds mymaster 5000
///                                          ^
struct ProblemReport {
    /// As the user wrote it.
    let path: String
    let document: Document
    let problems: [Problem]

    var errorCount: Int { problems.count { $0.severity == .error } }
    var warningCount: Int { problems.count - errorCount }

    /// Every problem with its place. Source lines are at most `widthMax` cells wide.
    func lines(widthMax: Int = 100) -> [StyledText] {
        problems.flatMap { problem -> [StyledText] in
            let place = problem.line > 0 ? ":\(problem.line):\(problem.column)" : ""
            let kind: StyledText =
                switch problem.severity {
                case .error: StyledText("error:", .bad)
                case .warning: StyledText("warning:", .warning)
                }
            let head = StyledText("\(path)\(place): ", .title) + kind
            return [head + StyledText(" " + problem.message)]
                + source(problem, widthMax: max(20, widthMax))
        }
    }

    /// `2 errors, 1 warning`
    var summary: String {
        let parts = [(errorCount, "error"), (warningCount, "warning")].filter { $0.0 > 0 }
        return parts.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }.joined(separator: ", ")
    }

    private static let indent = "    "

    /// The line and a caret below the character that the problem begins with.
    private func source(_ problem: Problem, widthMax: Int) -> [StyledText] {
        guard problem.line > 0, problem.line <= document.lines.count else { return [] }
        let line = document.lines[problem.line - 1]
        // What was not read may be megabytes.
        guard line.kind != .unread || line.bytes.count <= document.limits.lineByteCountMax else {
            return []
        }
        let hidden = SecretWords.columns(of: line)
        var cells = SourceCells(line.bytes, hiding: hidden)
        guard cells.count >= problem.column - 1 else { return [] }
        cells.shorten(
            around: problem.column, widthMax: widthMax - DisplayWidth.of(Self.indent))
        return [
            StyledText(Self.indent + cells.text),
            StyledText(Self.indent + cells.blanks(before: problem.column)) + StyledText("^", .good),
        ]
    }
}
