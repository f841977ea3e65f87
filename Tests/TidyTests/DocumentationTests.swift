import Testing

@Suite("Documentation")
struct DocumentationTests {
    @Test("every public type and function says what it is for")
    func tree() {
        let problems = Tree.repository.swiftFiles(under: "Sources")
            .flatMap(Documentation.problems(in:))
        #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
    }

    @Test(
        "a public declaration without a comment is noticed",
        arguments: [
            "public struct A {", "    public static func f<T>(_ x: T) {", "public typealias A = B",
            "// no document\npublic enum A {", "@frozen\npublic struct A: B {",
            "public mutating func `default`() {", "/// far\n\npublic protocol A {",
        ])
    func bad(text: String) {
        #expect(problems(text) == 1)
    }

    @Test(
        "what is described, or says it all by its name, is let pass",
        arguments: [
            "/// An A.\n@frozen\npublic struct A {", "public var name: String", "struct A {",
            "public init(name: String) {", "public static func < (left: A, right: A) -> Bool {",
            "public static func == (left: A, right: A) -> Bool {", "public import Glibc",
            "let text = \"public struct A\"",
        ])
    func good(text: String) {
        #expect(problems(text) == 0)
    }

    private func problems(_ text: String) -> Int {
        Documentation.problems(in: SourceFile(path: "Sources/RESP/A.swift", text: text)).count
    }
}
