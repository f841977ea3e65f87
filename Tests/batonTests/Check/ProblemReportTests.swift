import Configuration
import DirectiveFile
import Testing

@testable import baton

@Suite("The report of a check")
struct ProblemReportTests {
    static func report(_ text: String, _ problems: Problem...) -> ProblemReport {
        ProblemReport(
            path: "baton.conf", document: Document(reading: Array(text.utf8)), problems: problems)
    }

    static func lines(_ text: String, column: Int, widthMax: Int = 100) -> [String] {
        report(text, Problem(line: 1, column: column, message: "wrong"))
            .lines(widthMax: widthMax).map(\.text)
    }

    @Test("says where, what, and shows the line with a caret under the column")
    func caret() {
        #expect(
            Self.lines("sentinel down-after-milliseconds mymaster 5000\n", column: 34) == [
                "baton.conf:1:34: error: wrong",
                "    sentinel down-after-milliseconds mymaster 5000",
                "                                     ^",
            ])
    }

    @Test("the caret stands under its character behind tabs, wide and combined characters")
    func wide() {
        #expect(
            Self.lines("\tport 0", column: 7)[1...] == ["            port 0", "                 ^"])
        #expect(Self.lines("a\tb", column: 3)[1...] == ["    a       b", "            ^"])
        #expect(Self.lines("订单 x", column: 4)[1...] == ["    订单 x", "         ^"])
        #expect(Self.lines("e\u{301} x", column: 3)[1...] == ["    e\u{301} x", "      ^"])
    }

    @Test("a caret may stand behind the last character of a line, CRLF or not")
    func end() {
        #expect(Self.lines("port\r\n", column: 5)[1...] == ["    port", "        ^"])
    }

    @Test("a long line is cut on both sides, the place in the middle")
    func long() {
        let text = String(repeating: "x", count: 300) + "HERE" + String(repeating: "y", count: 300)
        let lines = Self.lines(text, column: 301, widthMax: 40)
        #expect(lines[1].hasPrefix("    …xxx"))
        #expect(lines[1].hasSuffix("yyy…"))
        #expect(DisplayWidth.of(lines[1]) <= 40)
        let place = lines[2].count - 1
        #expect(Array(lines[1])[place] == "H")
    }

    @Test("a problem of the whole file has no place and no line")
    func whole() {
        let report = Self.report("", Problem(line: 0, column: 0, message: "no hosts"))
        #expect(report.lines().map(\.text) == ["baton.conf: error: no hosts"])
    }

    @Test("errors and warnings are told apart and counted")
    func summary() {
        let report = Self.report(
            "a\nb\n", Problem(line: 1, column: 1, message: "x"),
            Problem(line: 2, column: 1, severity: .warning, message: "y"),
            Problem(line: 2, column: 1, message: "z"))
        #expect(report.summary == "2 errors, 1 warning")
        #expect(report.lines().map(\.text)[3] == "baton.conf:2:1: warning: y")
    }

    @Test(
        "a password is not shown, wherever the problem lies",
        arguments: [
            "sentinel auth-pass mymaster shk9Hjwe", "SENTINEL auth-pass mymaster \"shk9Hjwe\"",
            "  requirepass shk9Hjwe shk9Hjwe", "sentinel sentinel-pass shk9Hjwe",
            "baton secret shk9Hjwe", "user alice on >shk9Hjwe", "masterauth\tshk9Hjwe",
            "sentinel auth-pas mymaster shk9Hjwe", "sentinel auth-pass mymaster 'shk9Hjwe",
        ])
    func password(line: String) {
        let lines = Self.lines(line, column: 1)
        #expect(lines.count == 3)
        #expect(!lines.joined().contains("shk9Hjwe"))
        #expect(lines[1].contains("*"))
        #expect(lines[1].dropFirst(4).hasPrefix(line.prefix(4)))
    }
}
