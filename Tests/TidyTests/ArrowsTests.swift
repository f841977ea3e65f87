import Testing

@Suite("Arrows")
struct ArrowsTests {
    @Test("no target imports what stands above it or outside")
    func tree() {
        let problems = Arrows.problems(in: Tree.repository.swiftFiles(under: "Sources"))
        #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
    }

    @Test(
        "an import that points up or out is noticed",
        arguments: [
            ("Sources/SentinelCore/A.swift", "import NIOCore"),
            ("Sources/SentinelCore/A.swift", "internal import NodeCore"),
            ("Sources/SentinelCore/A.swift", "import Glibc"),
            ("Sources/RESP/A.swift", "@_exported public import Addressing"),
            ("Sources/NodeCore/A.swift", "#if os(Linux)\n  import struct Foundation.Date\n#endif"),
            ("Sources/SentinelDriver/A.swift", "import Logging; import ArgumentParser"),
            ("Sources/baton/A.swift", "import Foundation"),
            ("Sources/Nameless/A.swift", "import Addressing"),
        ])
    func bad(path: String, text: String) {
        #expect(Arrows.problems(in: [SourceFile(path: path, text: text)]).count == 1)
    }

    @Test("imports in comments and strings are none")
    func prose() {
        let text = """
            // import Foundation
            /* import Glibc
               /* import NIOCore */ import NIOPosix */
            let text = "import Glibc"
            public import MonotonicTime
            """
        let file = SourceFile(path: "Sources/NodeCore/A.swift", text: text)
        #expect(Arrows.problems(in: [file]).isEmpty)
        #expect(Arrows.imports(of: file).map(\.module) == ["MonotonicTime"])
    }
}
