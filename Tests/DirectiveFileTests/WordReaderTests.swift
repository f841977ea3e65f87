import DirectiveFile
import Testing

/// The cases were compared with Redis 7.0.15 by sending them as an inline command that returns its
/// own words.
@Suite("Words, as Redis reads them")
struct WordReaderTests {
    @Test(
        "a line is split into the words that Redis sees",
        arguments: [
            (#"port 26379"#, ["port", "26379"]),
            ("\t port\t \t26379 \t", ["port", "26379"]),
            (#"logfile """#, ["logfile", ""]),
            (#"logfile ''"#, ["logfile", ""]),
            (#"dir "/var/lib/my redis""#, ["dir", "/var/lib/my redis"]),
            (#"dir '/var/lib/my redis'"#, ["dir", "/var/lib/my redis"]),
            (#"a "\n\r\t\b\a""#, ["a", "\n\r\t\u{8}\u{7}"]),
            (#"a "\x41\x6a\x4A""#, ["a", "AjJ"]),
            (#"a "\xe8\xae\xa2""#, ["a", "订"]),
            (#"a "\x4g\x4\q\\\"""#, ["a", #"x4gx4q\""#]),
            (#"a 'it\'s'"#, ["a", "it's"]),
            (#"a 'no\nescape'"#, ["a", #"no\nescape"#]),
            (#"a "it's" 'a "b"'"#, ["a", "it's", #"a "b""#]),
            (#"a half"quoted word""#, ["a", "halfquoted word"]),
            (#"a half'quoted word'"#, ["a", "halfquoted word"]),
            (#"a c:\temp\new"#, ["a", #"c:\temp\new"#]),
            (#"a b#c #d"#, ["a", "b#c", "#d"]),
            ("a\u{0B}b", ["a\u{0B}b"]),
            ("a \u{0B}\u{0C}b", ["a", "b"]),
            ("\"a\"\u{0B}b", ["a", "b"]),
            ("a\rb", ["a", "b"]),
            ("a 订单\u{A0}库", ["a", "订单\u{A0}库"]),
        ])
    func words(text: String, expected: [String]) throws {
        let directive = try #require(Document(reading: Array(text.utf8)).directives.first)
        #expect(directive.words.map(\.text) == expected)
    }

    @Test(
        "a quote that Redis calls unbalanced is a problem where it stands",
        arguments: [
            (#"a "b"#, 3, "not closed"),
            (#"a 'b"#, 3, "not closed"),
            (#"a "b\""#, 3, "not closed"),
            (#"a 'b\'"#, 3, "not closed"),
            (#"a "b\"#, 3, "not closed"),
            (#"a it's"#, 5, "not closed"),
            (#"a "b"c"#, 6, "must be followed by a blank"),
            (#"a 'b'c"#, 6, "must be followed by a blank"),
            (#"a "b""c""#, 6, "must be followed by a blank"),
            (#"订单 "库"c"#, 7, "must be followed by a blank"),
        ])
    func unbalanced(text: String, column: Int, message: String) throws {
        let document = Document(reading: Array("port 1\n\(text)\n".utf8))
        let problem = try #require(document.problems.first)
        #expect(document.problems.count == 1)
        #expect(problem.line == 2)
        #expect(problem.column == column)
        #expect(problem.severity == .error)
        #expect(problem.message.contains(message))
        #expect(document.directives.map(\.name) == ["port"])
        #expect(document.lines[1].kind == .unread)
    }
}
