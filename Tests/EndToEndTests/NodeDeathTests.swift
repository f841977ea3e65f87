import Laboratory
import MonotonicTime
import RESP
import Testing

extension EndToEnd {
    @Suite("A Baton node dies", .timeLimit(.minutes(1)))
    struct NodeDeathTests {
        /// A disk or a machine that is slow for a moment, and no more: an append-only file is
        /// written before the answer.
        private static let unnoticed = Interval.seconds(1)

        @Test("without the address: nothing happens, and two of three still fail over")
        func bystander() throws {
            try Story.tell { story in
                let writer = try story.startWriter()
                let death = Laboratory.now
                story.cluster.nodes[2].kill()
                story.watchQuietly(.seconds(2))
                let gap = try #require(writer.log.longestGap(since: death))
                #expect(gap.length < Self.unnoticed)
                #expect(story.cluster.holders.map(\.name) == ["redis01"])

                let fault = Laboratory.now
                story.cluster.servers[0].kill()
                let pause = try story.pause(of: writer, since: fault, atMost: .seconds(5))
                story.report("kill -9 with two of three nodes: no writes for \(pause.text)")
                let primary = try story.cluster.waitUntilSettled()
                // Without its node no host could hold the address.
                #expect(primary.host.name == "redis02")

                try story.cluster.nodes[2].start()
                #expect(try story.cluster.restore() === primary)
                writer.stop()
                #expect(try writer.lost(on: try primary.connect()).isEmpty)
            }
        }

        @Test("with the address: writes go on; restarted, it clears up and takes the address back")
        func holder() throws {
            try Story.tell { story in
                let writer = try story.startWriter()
                let death = Laboratory.now
                story.cluster.nodes[0].kill()
                story.watchQuietly(.seconds(2))
                let gap = try #require(writer.log.longestGap(since: death))
                #expect(gap.length < Self.unnoticed)

                let restart = Laboratory.now
                try story.cluster.nodes[0].start()
                let pause = try story.pause(of: writer, since: restart, atMost: .seconds(8))
                story.report(
                    "the holder's node restarted after kill -9: no writes for \(pause.text)")
                let primary = try story.cluster.waitUntilSettled()
                #expect(primary === story.cluster.servers[0])
                #expect(pause < .seconds(2))
                writer.stop()
                #expect(try writer.lost(on: try primary.connect()).isEmpty)
            }
        }

        @Test("told to end, it gives the address up and resets its clients")
        func terminated() throws {
            try Story.tell { story in
                let node = story.cluster.nodes[0]
                // A client that waits for an answer: a reset ends it, silence would not.
                let hanging = try RedisClient(
                    from: story.client, to: Story.writeTarget, password: Story.password,
                    timeout: .seconds(5))
                let begin = Laboratory.now
                #expect(node.terminate() == .exited(0), Comment(rawValue: story.cluster.logEnds))
                story.report("SIGTERM to the end of the process: \((Laboratory.now - begin).text)")
                #expect(!node.host.has(Plan.writeAddress))
                #expect(throws: ConnectionFailure.closed) { try hanging.command("PING") }

                try node.start()
                let primary = try story.cluster.waitUntilSettled()
                #expect(try primary.connect().command("PING") == .simple("PONG"))
            }
        }
    }
}
