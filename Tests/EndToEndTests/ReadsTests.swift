import Addressing
import Laboratory
import MonotonicTime
import RESP
import Testing

extension EndToEnd {
    @Suite("Reads through two balancers", .timeLimit(.minutes(2)))
    struct ReadsTests {
        private static let readTarget = Endpoint(
            address: .v4(Plan.readAddress), port: BatonSettings.readPort)

        /// The note's six hosts; the story begins when a read is answered at the read address.
        private func tell(
            lines: [String] = [],
            _ body: (ReadStory) throws -> Void
        ) throws {
            try Story.tell(BatonSettings.withReads(lines: lines), plan: .note) { story in
                try body(ReadStory.begin(story, at: Self.readTarget))
            }
        }

        /// How many GETs a server has run.
        private func reads(of server: RedisServer) throws -> Int {
            let info = try server.connect().command("INFO", "commandstats").text ?? ""
            let line = info.split(whereSeparator: \.isNewline).first {
                $0.hasPrefix("cmdstat_get:calls=")
            }
            let count = line?.dropFirst("cmdstat_get:calls=".count).prefix { $0.isNumber }
            return count.flatMap { Int($0) } ?? 0
        }

        @Test("reads are spread over the replicas, writes there are refused, status tells of it")
        func spread() throws {
            try tell { scene in
                let (story, active) = (scene.story, scene.active)
                for server in story.cluster.servers {
                    _ = try server.connect().command("CONFIG", "RESETSTAT")
                }
                var clients: [RedisClient] = []
                for _ in 0..<10 {
                    clients.append(
                        try RedisClient(
                            from: story.client, to: Self.readTarget, password: Story.password))
                }
                for _ in 0..<20 {
                    for client in clients {
                        #expect(try client.command("GET", "greeting").text == "hello")
                    }
                }
                let counts = try story.cluster.servers.map { try reads(of: $0) }
                story.report("200 reads: \(counts)")
                #expect(counts[0] == 0)
                #expect(counts[1] + counts[2] == 200)
                #expect(counts[1] > 20 && counts[2] > 20)

                let refused = try story.redisCLI("10.18.14.95", "set", "k", "v")
                #expect(refused.contains("READONLY"), "\(refused)")
                let baton = try #require(BatonExecutable.find())
                let (ending, status) = try active.host.execute(baton, ["status"])
                #expect(ending == .exited(0))
                #expect(status.contains("a balancer"), "\(status)")
                #expect(status.contains("read address 10.18.14.95 held here"), "\(status)")
            }
        }

        @Test("kill -9 of the active balancer: the other has the read address within half a second")
        func balancerKilled() throws {
            try tell { try $0.survivesDeath() }
        }

        @Test("a balancer that is asked to end hands the read address over first")
        func balancerStopped() throws {
            try tell { try $0.survivesStop() }
        }

        @Test("a balancer that loses the servers hands the read address to one that has them")
        func serversLost() throws {
            try tell { scene in
                let (story, active, other) = (scene.story, scene.active, scene.other)
                let reader = try scene.startReader()
                let fault = Laboratory.now
                try story.laboratory.isolate(active.host, from: [.internal], by: .silence)
                story.wait(atMost: .seconds(8), for: "the other balancer has the read address") {
                    story.cluster.readHolders.map(\.name) == [other.host.name]
                }
                let moved = Laboratory.now - fault
                #expect(reader.waitForAcknowledgement(after: Laboratory.now, atMost: .seconds(3)))
                story.report("a balancer loses the servers: the address moved after \(moved.text)")
            }
        }

        @Test("a second Baton on a balancer is refused, and touches nothing")
        func second() throws {
            try tell { scene in
                let (story, active) = (scene.story, scene.active)
                let reader = try scene.startReader()
                let baton = try #require(BatonExecutable.find())
                let words = ["run", active.configurationPath, "--directory", active.directory]
                let second = try active.host.launch(baton, words, name: "second")
                #expect(second.wait(atMost: .seconds(5)) == .exited(1))
                #expect(second.output.contains("Address already in use"), "\(second.output)")
                story.watchQuietly(.milliseconds(500))
                let bad = reader.stop().attempts.filter { $0.outcome != .acknowledged }
                #expect(bad.isEmpty, "\(bad)")
                #expect(story.cluster.readHolders.map(\.name) == [active.host.name])
            }
        }

        @Test("a replica is killed under reads: no client hears of it")
        func replicaKilled() throws {
            try tell { scene in
                let story = scene.story
                let readers = try (0..<5).map { _ in try scene.startReader() }
                story.watchQuietly(.milliseconds(300))
                story.cluster.servers[1].kill()
                story.watchQuietly(.seconds(2))
                try story.cluster.servers[1].start()
                story.watchQuietly(.seconds(1))
                for reader in readers {
                    let bad = reader.stop().attempts.filter { $0.outcome != .acknowledged }
                    #expect(bad.isEmpty, "\(bad)")
                }
            }
        }

        @Test("the primary is killed: reads go on throughout")
        func primaryKilled() throws {
            try tell { scene in
                let story = scene.story
                let reader = try scene.startReader()
                let writer = try story.startWriter()
                let fault = Laboratory.now
                story.cluster.servers[0].kill()
                let pause = try story.pause(of: writer, since: fault, atMost: .seconds(10))
                story.watchQuietly(.seconds(1))
                let log = reader.stop()
                let bad = log.attempts.filter { $0.outcome != .acknowledged }
                let gap = try #require(log.longestGap(since: fault)).length
                story.report("failover: no writes for \(pause.text), no reads for \(gap.text)")
                #expect(bad.isEmpty, "\(bad)")
            }
        }
    }
}
