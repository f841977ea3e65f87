import Foundation
import Testing

/// Plays every file of `Tests/Dialogues`. To accept what the nodes say now:
/// `BATON_REWRITE_DIALOGUES=1 swift test --filter DialogueTests`, then read the difference.
@Suite("Dialogues")
struct DialogueTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Dialogues").resolvingSymlinksInPath()

    private static let names: [String] = {
        let paths = FileManager.default.subpaths(atPath: folder.path) ?? []
        return paths.filter { $0.hasSuffix(".txt") }.sorted()
    }()

    @Test("goes as it is written", arguments: names)
    func plays(name: String) throws {
        let file = Self.folder.appendingPathComponent(name)
        let (script, expected) = Dialogue.split(try String(contentsOf: file, encoding: .utf8))
        let heard = try Dialogue.play(script)
        if ProcessInfo.processInfo.environment["BATON_REWRITE_DIALOGUES"] == "1" {
            try (script + "----\n" + heard).write(to: file, atomically: true, encoding: .utf8)
            return
        }
        let lines = zip(
            expected.split(separator: "\n", omittingEmptySubsequences: false),
            heard.split(separator: "\n", omittingEmptySubsequences: false))
        let difference = lines.first { $0 != $1 }
        #expect(
            heard == expected,
            "first difference: \(difference.map { "\($0)\n instead of\n\($1)" } ?? "the length")")
    }

    @Test("are there")
    func exist() {
        #expect(Self.names.count >= 6)
    }

    @Test("goes the same way each time", arguments: names)
    func repeats(name: String) throws {
        let file = Self.folder.appendingPathComponent(name)
        let (script, _) = Dialogue.split(try String(contentsOf: file, encoding: .utf8))
        #expect(try Dialogue.play(script) == Dialogue.play(script))
    }

    @Test("a script that can't be played says why", arguments: ["dance s1", "kill x1", "run far"])
    func mistakes(script: String) {
        #expect(throws: Dialogue.Mistake.self) { try Dialogue.play(script) }
    }
}
