import Addressing
import Glibc
import Laboratory
import MonotonicTime
import RESP
import Testing

extension EndToEnd {
    @Suite("Reads that must be new", .timeLimit(.minutes(1)))
    struct FreshReadsTests {
        @Test("a client finds what it has just written, though the replicas have lost the primary")
        func ownWrites() throws {
            try WritesThroughBalancerTests.tell { story in
                let node = try #require(
                    story.cluster.balancers.first { $0.host === story.cluster.readHolders.first })
                let name = String(try #require(node.configurationPath.split(separator: "/").last))
                let before = try #require(node.contents(of: name))
                let group = story.cluster.settings.group
                let added = """
                    baton listen auto \(group) *:7001 read-your-writes
                    baton listen read \(group) *:7002 max-staleness 500

                    """
                try node.replaceContents(of: name, with: before + added)
                node.program?.send(signal: SIGHUP)
                #expect(node.waitForEvent("The file was read anew", atMost: .seconds(5)))
                let careful = try connect(story, 7001)
                let careless = try connect(story, BatonSettings.autoPort)
                let bounded = try connect(story, 7002)
                // A second connection, since the careful one's reads may need none of the replicas.
                let primary = try story.cluster.restore().connect()
                var staleCount = 0
                // The replicas come back within milliseconds, and lack what is written meanwhile:
                // whoever comes second may be too late to see it.
                for round in 1...80 where round <= 20 || staleCount == 0 {
                    _ = try primary.command("CLIENT", "KILL", "TYPE", "replica")
                    let value = RESPValue.bulk("\(round)")
                    if round.isMultiple(of: 2) {
                        _ = try careless.command("SET", "yours", "\(round)")
                        if try careless.command("GET", "yours") != value { staleCount += 1 }
                    }
                    #expect(try careful.command("SET", "mine", "\(round)") == .simple("OK"))
                    #expect(try careful.command("GET", "mine") == value)
                    story.watchQuietly(.milliseconds(100))
                }
                story.report("\(staleCount) reads lacked a write where nothing was asked for")
                #expect(staleCount > 0, "the replicas were never behind: nothing was shown")

                // What is older than half a second every reader finds, with or without a replica.
                _ = try primary.command("CLIENT", "KILL", "TYPE", "replica")
                _ = try careful.command("SET", "ours", "new")
                story.watchQuietly(.milliseconds(510))
                #expect(try bounded.command("GET", "ours") == .bulk("new"))
            }
        }

        private func connect(_ story: Story, _ port: UInt16) throws -> RedisClient {
            try RedisClient(
                from: story.client, to: Endpoint(address: .v4(Plan.readAddress), port: port),
                password: Story.password)
        }
    }
}
