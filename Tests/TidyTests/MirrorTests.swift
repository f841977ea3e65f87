import Testing

@Suite("Mirror")
struct MirrorTests {
    @Test("every file of tests stands where its source stands")
    func tree() {
        let problems = Mirror.problems(in: Tree.repository.files.map(\.path))
        #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
    }

    @Test("a file of tests without its source is noticed")
    func bad() {
        let sources = ["Sources/RESP/Scanner.swift", "Sources/RESP/Text/Line.swift"]
        let good = ["Tests/RESPTests/ScannerTests.swift", "Tests/RESPTests/Text/LineTests.swift"]
        let other = ["Tests/RESPTests/Samples.swift", "Tests/EndToEndTests/NoteTests.swift"]
        #expect(Mirror.problems(in: sources + good + other, exceptions: [:]).isEmpty)
        let bad = ["Tests/RESPTests/LineTests.swift", "Tests/RESPTests/ReaderTests.swift"]
        #expect(Mirror.problems(in: sources + bad, exceptions: [:]).count == 2)
        #expect(Mirror.problems(in: sources + bad, exceptions: [bad[0]: "why"]).count == 1)
    }

    @Test("an exception that has outlived its file is noticed")
    func stale() {
        #expect(Mirror.problems(in: [], exceptions: ["Tests/RESPTests/A.swift": "why"]).count == 1)
    }
}
