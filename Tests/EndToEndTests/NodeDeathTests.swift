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
                let pause = try story.pause(of: writer, since: fault, atMost: .seconds(15))
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

        @Test("with the address: the kernel silences it, another host takes over, nothing is lost")
        func holder() throws {
            try Story.tell { story in
                let writer = try story.startWriter()
                let watch = HolderWatch(story.cluster.servers.map(\.host))
                let death = Laboratory.now
                story.cluster.nodes[0].kill()
                // Writes go on for the rest of the lease, then they wait for the voters' promise,
                // and for votes to be on the disks, however slow those are.
                let pause = try story.pause(of: writer, since: death, atMost: .seconds(15))
                story.report("kill -9 of the holder's node: no writes for \(pause.text)")
                watch.stop()
                try story.cluster.nodes[0].start()
                let primary = try story.cluster.waitUntilSettled()
                try #require(primary !== story.cluster.servers[0])
                #expect(!watch.holdings(of: primary.host, since: death).isEmpty)
                writer.stop()
                #expect(try writer.lost(on: try primary.connect()).isEmpty)
            }
        }

        @Test("told to end and started again, it interrupts nobody")
        func restarted() throws {
            try Story.tell { story in
                let node = story.cluster.nodes[0]
                let waiting = try RedisClient(
                    from: story.client, to: Story.writeTarget, password: Story.password,
                    timeout: .seconds(5))
                let writer = try story.startWriter()
                let begin = Laboratory.now
                #expect(node.terminate() == .exited(0), Comment(rawValue: story.cluster.logEnds))
                story.report("SIGTERM to the end of the process: \((Laboratory.now - begin).text)")
                try node.start()
                story.watchQuietly(.seconds(4))
                let log = writer.stop()
                // A slow disk may hold an answer up; that is seen in the gap.
                let failed = log.attempts.filter {
                    $0.begin > begin && $0.outcome != .acknowledged
                        && $0.outcome != .failed(.timedOut)
                }
                #expect(failed.isEmpty)
                let gap = try #require(log.longestGap(since: begin))
                #expect(gap.length < Self.unnoticed)
                #expect(try waiting.command("PING") == .simple("PONG"))
                #expect(try story.cluster.waitUntilSettled() === story.cluster.servers[0])
            }
        }
    }
}
