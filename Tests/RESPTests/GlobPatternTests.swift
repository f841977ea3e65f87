import Testing

@testable import RESP

@Suite("Redis's patterns")
struct GlobPatternTests {
    @Test(
        "they match as Redis's do",
        arguments: [
            ("*", "+sdown", true), ("*", "", true), ("", "", true), ("", "a", false),
            ("+*", "+sdown", true), ("+*", "-sdown", false), ("*down", "+sdown", true),
            ("*d*n", "+sdown", true), ("*d*x", "+sdown", false), ("+s?own", "+sdown", true),
            ("+s?own", "+sown", false), ("[-+]sdown", "-sdown", true),
            ("[^+]sdown", "-sdown", true), ("[^+]sdown", "+sdown", false),
            ("[a-c]x", "bx", true), ("[c-a]x", "bx", true), ("[a-c]x", "dx", false),
            ("\\*", "*", true), ("\\*", "a", false), ("[\\]]", "]", true), ("[abc", "a", true),
            ("a**b", "ab", true), ("a*", "b", false), ("a", "ab", false), ("ab", "a", false),
            ("[", "a", false), ("\\", "\\", true),
        ])
    func matches(_ pattern: String, _ text: String, _ expected: Bool) {
        #expect(GlobPattern(Array(pattern.utf8)).matches(Array(text.utf8)) == expected)
    }

    // Where it tried every way it would not end within this life of the machine.
    @Test("no pattern takes for ever", .timeLimit(.minutes(30)))
    func hostile() {
        let pattern = Array(String(repeating: "*a", count: 2000).utf8) + [UInt8(ascii: "b")]
        #expect(!GlobPattern(pattern).matches([UInt8](repeating: UInt8(ascii: "a"), count: 4000)))
    }
}
