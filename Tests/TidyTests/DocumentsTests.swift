import Testing

@Suite("Documents")
struct DocumentsTests {
    @Test("every link between documents leads somewhere")
    func links() {
        let files = Tree.repository.files
        let paths = Set(files.map(\.path))
        let problems = files.filter { $0.path.hasSuffix(".md") }.flatMap {
            Documents.brokenLinks(in: $0, paths: paths)
        }
        #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
    }

    @Test("the English and the Chinese README give the same commands and configuration")
    func languages() throws {
        let blocks = try ["README.md", "README.zh-CN.md"].map { name in
            let file = try #require(Tree.repository.files.first { $0.path == name })
            return Documents.blockLines(in: file, languages: ["sh", "conf"])
        }
        #expect(!blocks[0].isEmpty)
        #expect(blocks[0] == blocks[1])
    }

    @Test("a link to nowhere is noticed")
    func badLink() {
        let text = "[a](../README.md) [b](c.md#part) [d](https://a.b/c) [e](../docs)\n[f](gone.md)"
        let file = SourceFile(path: "docs/a.md", text: text)
        let paths: Set<String> = ["README.md", "docs/a.md", "docs/c.md"]
        #expect(
            Documents.brokenLinks(in: file, paths: paths) == [
                "docs/a.md:2: there is no docs/gone.md"
            ])
    }

    @Test("blocks are read by their language, comments left out")
    func blocks() {
        let text = "```sh host\nmake test  # all\n# only words\n```\nprose\n```text\nno\n```\n"
        let file = SourceFile(path: "a.md", text: text)
        #expect(Documents.blockLines(in: file, languages: ["sh"]) == ["make test"])
    }
}
