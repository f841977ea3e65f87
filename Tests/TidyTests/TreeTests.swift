import Testing

@Suite("Tree")
struct TreeTests {
    @Test("the rules are asked of the whole tree, not of an empty one")
    func whole() {
        let paths = Set(Tree.repository.files.map(\.path))
        let some = ["Package.swift", "Makefile", ".ci/run", "Sources/Addressing/Endpoint.swift"]
        #expect(paths.isSuperset(of: some))
        #expect(!paths.contains { $0.hasPrefix(".git/") || $0.hasPrefix(".build/") })
    }
}
