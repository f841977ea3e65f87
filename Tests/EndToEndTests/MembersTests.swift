import Glibc
import Laboratory
import MonotonicTime
import Testing

extension EndToEnd {
    /// The file changes on one host after another, while clients write.
    @Suite("The voters change", .timeLimit(.minutes(2)))
    struct MembersTests {
        /// Another text in the node's file, and a restart as after an upgrade.
        private static func change(
            _ node: BatonNode, _ change: (String) -> String
        ) throws {
            let text = String(decoding: try bytes(node.configurationPath), as: UTF8.self)
            try write(change(text), to: node.configurationPath)
            #expect(node.terminate() == .exited(0))
            try node.start()
        }

        private static func bytes(_ path: String) throws -> [UInt8] {
            let file = try #require(fopen(path, "r"))
            defer { fclose(file) }
            var bytes = [UInt8](repeating: 0, count: 65_536)
            let count = fread(&bytes, 1, bytes.count, file)
            return Array(bytes.prefix(count))
        }

        private static func write(_ text: String, to path: String) throws {
            let file = try #require(fopen(path, "w"))
            defer { fclose(file) }
            #expect(fputs(text, file) >= 0)
        }

        @Test("another lease, then a voter less: agreed on by number, and no client notices")
        func change() throws {
            try Story.tell { story in
                let baton = try #require(BatonExecutable.find())
                let nodes = story.cluster.nodes
                func status(on node: BatonNode) throws -> String {
                    let (ending, output) = try node.host.execute(baton, ["status"])
                    #expect(ending == .exited(0), "\(output)")
                    return output
                }
                let writer = try story.startWriter()
                try Self.change(nodes[1]) { $0 + "baton lease-milliseconds 2000\n" }
                story.wait(atMost: .seconds(8), for: "the difference was not said") {
                    let text = (try? status(on: nodes[0])) ?? ""
                    return text.contains("Not the same file as here: redis02")
                }
                #expect(try status(on: nodes[1]).contains("In force are voters 1"))
                for index in [2, 0] {
                    try Self.change(nodes[index]) { $0 + "baton lease-milliseconds 2000\n" }
                }
                let changed = Laboratory.now
                for node in nodes {
                    #expect(
                        node.waitForEvent("lease 2000 ms)", atMost: .seconds(25)),
                        Comment(rawValue: story.cluster.logEnds))
                }
                story.report("another lease in force after \((Laboratory.now - changed).text)")

                #expect(nodes[2].terminate() == .exited(0))
                for index in [1, 0] {
                    try Self.change(nodes[index]) { text in
                        text.split(separator: "\n").filter { !$0.hasPrefix("baton host redis03") }
                            .joined(separator: "\n") + "\n"
                    }
                }
                for node in nodes[..<2] {
                    #expect(
                        node.waitForEvent(
                            "+voters 3 (redis01, redis02; lease 2000 ms)", atMost: .seconds(25)),
                        Comment(rawValue: story.cluster.logEnds))
                }
                let log = writer.stop()
                #expect(log.attempts.allSatisfy { $0.outcome == .acknowledged })
                #expect(story.cluster.holders.map(\.name) == ["redis01"])
            }
        }
    }
}
