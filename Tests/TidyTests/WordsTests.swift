import Testing

@Suite("Words")
struct WordsTests {
    @Test("no file names a developer's machine or leaves a promise")
    func tree() {
        let problems = Tree.repository.files.flatMap(Words.problems(in:))
        #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
    }

    @Test("a forbidden word is noticed in any file", arguments: Words.forbidden)
    func bad(word: String) {
        let file = SourceFile(path: "docs/a.md", text: "fine\nsee \(word) there\n")
        #expect(Words.problems(in: file) == ["docs/a.md:2: \(word)"])
    }
}
