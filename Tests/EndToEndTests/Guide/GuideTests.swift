import Testing

@Suite("A guide as a list of steps")
struct GuideTests {
    private static let text = """
        On both:
        ```sh a b
        one
        two
        ```
        ```conf
        not for us
        ```
        ```output b
        2
        ```
        """

    @Test("commands keep their hosts and their lines, and their output with them")
    func steps() throws {
        let output = Guide.Output(line: 10, host: "b", text: "2\n")
        let step = Guide.Step(
            line: 3, hosts: ["a", "b"], commands: "one\ntwo\n", outputs: [output])
        #expect(try Guide(Self.text).steps == [step])
    }

    @Test(
        "a block that nobody would run or print is refused",
        arguments: [
            "```sh\nls\n```", "```output a\nx\n```", "```sh a\nls\n```\n```output b\nx\n```",
            "```sh a\nls",
        ])
    func refused(document: String) {
        #expect(throws: Guide.Problem.self) { try Guide(document) }
    }

    @Test("output is compared by whole lines, and at the end")
    func ends() {
        let output = Guide.Output(line: 1, host: "a", text: "OK\n2\n")
        #expect(output.isEnd(of: "OK\n2\n"))
        #expect(output.isEnd(of: "before\nOK\n2\n"))
        for printed in ["NOT OK\n2\n", "OK\n2\nafter\n", "OK\n2", "2\n", ""] {
            #expect(!output.isEnd(of: printed), "\(printed)")
        }
    }

    @Test("where figures may differ, words may not")
    func likeness() throws {
        let text = "```sh a\nls\n```\n```like a\nup   12 B  0.4 s ago\n```"
        let output = try #require(try Guide(text).steps.first?.outputs.first)
        #expect(output.isEnd(of: "first\nup  1.2 KiB  11.0 s ago\n"))
        #expect(!output.isEnd(of: "down  12 B  0.4 s ago\n"))
        #expect(!output.isEnd(of: "up  12 B  never\n"))
    }
}
