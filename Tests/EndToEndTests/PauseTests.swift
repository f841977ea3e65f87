import Laboratory
import MonotonicTime
import Testing

extension EndToEnd {
    @Suite("A pause for maintenance", .timeLimit(.minutes(1)))
    struct PauseTests {
        @Test("paused: killed and started, the primary stays; resumed: it is replaced")
        func maintenance() throws {
            try Story.tell { story in
                let baton = try #require(BatonExecutable.find())
                let server = story.cluster.servers[0]
                func run(_ words: String..., on host: Host) throws -> String {
                    let (ending, output) = try host.execute(baton, words)
                    #expect(ending == .exited(0), "\(output)")
                    return output
                }
                let order = Laboratory.now
                let said = try run("pause", "master1", "--for", "2h", on: server.host)
                story.report("\(said.dropLast()) after \((Laboratory.now - order).text)")
                for node in story.cluster.nodes {
                    #expect(node.waitForEvent("+pause master master1", atMost: .seconds(2)))
                }
                server.kill()
                story.watchQuietly(.seconds(8))
                #expect(story.cluster.holders.map(\.name) == ["redis01"])
                for node in story.cluster.nodes {
                    #expect(node.events("+try-failover").isEmpty)
                }
                let status = try run("status", on: story.cluster.servers[1].host)
                #expect(status.contains("NOBODY TAKES OVER"), "\(status)")

                try server.start()
                #expect(try story.cluster.waitUntilSettled() === server)
                #expect(try story.redisCLI("10.18.14.94", "set", "k", "v") == "OK\n")
                _ = try run("resume", "master1", on: story.cluster.servers[2].host)
                let writer = try story.startWriter()
                // The nodes hear of the history that replicas have begun with.
                story.watchQuietly(.milliseconds(500))
                let fault = Laboratory.now
                server.kill()
                let pause = try story.pause(of: writer, since: fault, atMost: .seconds(15))
                story.report("resumed, kill -9: no writes for \(pause.text)")
                #expect(try story.cluster.waitUntilSettled() !== server)
            }
        }
    }
}
