import Testing

@Suite("Shape")
struct ShapeTests {
    @Test("lines, functions, files and names keep to the style")
    func tree() {
        let files = ["Sources", "Tests", "Fuzz", "Benchmarks"].flatMap {
            Tree.repository.swiftFiles(under: $0)
        }
        let problems = files.flatMap(Shape.problems(in:))
        #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
    }

    @Test("a line of 101 columns is noticed, one of 100 is not")
    func lines() {
        let text = [100, 101].map { "//" + String(repeating: "é", count: $0 - 2) }
        #expect(problems(text) == ["Sources/RESP/A.swift:2: 101 columns, 100 at most"])
    }

    @Test("a file of 501 lines is noticed, one of 500 is not")
    func files() {
        #expect(problems(Array(repeating: "//", count: 500)).isEmpty)
        #expect(problems(Array(repeating: "//", count: 501)).count == 1)
    }

    @Test(
        "a function of 71 lines is noticed, one of 70 is not",
        arguments: [
            "func f(x: [Int] = [1], done: () -> Void = { }) -> [Int] {", "init?(_ x: Int) {",
            "deinit {", "subscript(x: Int) -> Int {", "var total: Int {",
        ])
    func functions(declaration: String) {
        // Braces in prose and in text must not mislead the count.
        let body = ["// }", "let text = \"} \\(count) }\"", "let raw = #\"}\"\"#", "if a { b() }"]
        let filling = Array(repeating: "    x += 1", count: 64)
        let longest =
            ["protocol P {", "    func g()", "    init()", "}", declaration]
            + body + filling + ["}"]
        #expect(problems(longest).isEmpty)
        #expect(
            problems(longest.dropLast() + ["x += 1", "}"])
                == ["Sources/RESP/A.swift:5: 71 lines in one function, 70 at most"])
    }

    @Test(
        "a name that says nothing is noticed",
        arguments: [
            "StringUtils.swift", "Helpers.swift", "Array+Extensions.swift", "My File.swift",
        ])
    func names(name: String) {
        #expect(Shape.problems(in: SourceFile(path: "Sources/RESP/" + name, text: "")).count == 1)
    }

    private func problems(_ lines: [String]) -> [String] {
        let text = lines.joined(separator: "\n")
        return Shape.problems(in: SourceFile(path: "Sources/RESP/A.swift", text: text))
    }
}
