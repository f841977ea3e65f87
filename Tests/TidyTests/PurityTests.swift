import Testing

@Suite("Purity")
struct PurityTests {
    @Test("values and cores know no clock, no chance and no hash order")
    func tree() {
        let problems = Tree.repository.swiftFiles(under: "Sources").flatMap(Purity.problems(in:))
        #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
    }

    @Test(
        "a core that reaches for the world is noticed",
        arguments: [
            "let now = Date()", "let clock = ContinuousClock()",
            "let delay = Int.random(in: 0..<9)",
            "voters.shuffle()", "print(state)", "Task { await vote() }",
            "let text = \"\\(Int.random(in: 0..<9))\"",
        ])
    func ambience(line: String) {
        #expect(problems(line).count == 1)
    }

    @Test(
        "a hash table in a core is noticed",
        arguments: [
            "    private var voters: Set<VoterID> = []", "let known: [VoterID: Vote]",
            "var votes = [VoterID: [Vote]]()", "var a: Dictionary<Int, Int>", "let b = Set(voters)",
            "var groups: [String: (Int, Int)] = [:]", "var empty: Votes = [:]",
            "var deep: [[Name: Int]]",
        ])
    func unordered(line: String) {
        #expect(problems(line).count == 1)
    }

    @Test("a hash table that someone vouches for is let pass")
    func vouched() {
        #expect(problems("var a: Set<Int>  // order never reaches an effect").isEmpty)
        #expect(
            problems(
                "/// Looked up only; its order never reaches an effect:\n/// so.\nvar a: Set<Int>"
            )
            .isEmpty)
        #expect(problems("// order never reaches an effect\n\nvar a: Set<Int>").count == 1)
    }

    @Test(
        "what is ordered, given or only spoken of is let pass",
        arguments: [
            "var options: OptionSet", "let a: OrderedSet<Int>", "let x = list[a ? 1 : 2]",
            "let delay = Int.random(in: 0..<9, using: &generator)", "// print(x) at a Date()",
            "let text = \"print(x) Set<Int>\"", "let update = CandidateDate(1)",
            "let pair: (a: Int, b: [Int])", "let slice = bytes[Self.start...]",
        ])
    func good(line: String) {
        #expect(problems(line).isEmpty)
    }

    @Test("a driver may ask the time")
    func drivers() {
        let file = SourceFile(path: "Sources/SentinelDriver/A.swift", text: "let a = Date()")
        #expect(Purity.problems(in: file).isEmpty)
    }

    private func problems(_ text: String) -> [String] {
        Purity.problems(in: SourceFile(path: "Sources/NodeCore/A.swift", text: text))
    }
}
