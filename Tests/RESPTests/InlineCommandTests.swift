import Testing

@testable import RESP

/// Each expectation is what redis-server 7.0.15 made of the same line.
@Suite("Inline command")
struct InlineCommandTests {
    @Test(
        "divides a line as Redis does",
        arguments: [
            (#""#, []),
            (#"   "#, []),
            (#"ECHO a"#, ["ECHO", "a"]),
            (#"  ECHO   a  "#, ["ECHO", "a"]),
            ("\t\u{B}PING\u{C}", ["PING\u{C}"]),
            ("ECHO a\u{B}b", ["ECHO", "a\u{B}b"]),
            ("ECHO a\rb", ["ECHO", "a", "b"]),
            (#"ECHO "a b""#, ["ECHO", "a b"]),
            (#"ECHO a"b c""#, ["ECHO", "ab c"]),
            (#"ECHO "a" "b""#, ["ECHO", "a", "b"]),
            ("ECHO \"a\"\u{B}", ["ECHO", "a"]),
            (#"ECHO """#, ["ECHO", ""]),
            (#"ECHO ''"#, ["ECHO", ""]),
            (#""""#, [""]),
            (#"ECHO 'a\'b'"#, ["ECHO", "a'b"]),
            (#"ECHO '\n'"#, ["ECHO", #"\n"#]),
            (#"ECHO "\n\r\t\b\a\x41\xZZ\q\\""#, ["ECHO", "\n\r\t\u{8}\u{7}AxZZq\\"]),
            (#"ECHO "\x4""#, ["ECHO", "x4"]),
            (#"ECHO \x41"#, ["ECHO", #"\x41"#]),
        ])
    func words(line: String, words: [String]) {
        #expect(InlineCommand.words(of: Array(line.utf8)) == words.map { Array($0.utf8) })
    }

    @Test("reads any byte in hexadecimal, in either case")
    func hexadecimal() {
        let line = Array(#""\x00\xfF\xAa\x9f""#.utf8)
        #expect(InlineCommand.words(of: line) == [[0x00, 0xFF, 0xAA, 0x9F]])
    }

    @Test(
        "refuses quotes that do not balance",
        arguments: [
            #"ECHO "a"#, #"ECHO 'a"#, #"ECHO "a"b"#, #"ECHO 'a'b"#, #"ECHO "a\""#, #"ECHO it's"#,
            #"ECHO "a"'b'"#, #"ECHO "\"#, #"ECHO "\x4"#, #"""#, #"'"#,
        ])
    func unbalanced(line: String) {
        #expect(InlineCommand.words(of: Array(line.utf8)) == nil)
    }
}
