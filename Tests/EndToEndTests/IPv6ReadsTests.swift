import Addressing
import Laboratory
import MonotonicTime
import RESP
import Testing

extension EndToEnd {
    /// Servers and nodes talk by IPv4, as in the note; clients reach the balancers by IPv6.
    @Suite("The read address is an IPv6 address", .timeLimit(.minutes(1)))
    struct IPv6ReadsTests {
        private static let address = IPAddress("fd00:10:18::95")!
        private static let readTarget = Endpoint(address: address, port: BatonSettings.readPort)

        /// Every host has an address of the clients' network; the story begins when a read is
        /// answered at the read address.
        private func tell(
            _ body: (Story, _ active: BatonNode, _ other: BatonNode) throws -> Void
        ) throws {
            var settings = BatonSettings.withWrites()
            settings.readAddress = Prefix(address: Self.address, length: 64)
            settings.listeners.append(.init(.write, address: Self.address, port: 6_382))
            try Story.prepare(settings, plan: .note) { story in
                for (index, host) in story.laboratory.hosts.enumerated() {
                    let words = ["address", "add", "fd00:10:18::\(index + 1)/64", "dev", "ens34"]
                    try #require(try host.execute("ip", words).ending == .exited(0))
                }
                for node in story.cluster.nodes + story.cluster.balancers { try node.start() }
                try story.cluster.waitUntilSettled()
                _ = try story.redisCLI("10.18.14.94", "set", "greeting", "hello")
                try story.wait(atMost: .seconds(10), for: "a read is answered") {
                    try story.redisCLI("\(Self.address)", "get", "greeting") == "hello\n"
                }
                let holder = try #require(story.cluster.readHolders.first)
                let balancers = story.cluster.balancers
                let active = try #require(balancers.first { $0.host === holder })
                let other = try #require(balancers.first { $0.host !== holder })
                try body(story, active, other)
            }
        }

        private func startReader(_ story: Story) throws -> Writer {
            var settings = Writer.Settings(target: Self.readTarget)
            settings.deed = .read("greeting")
            let reader = Writer(on: story.client, settings)
            let begin = Laboratory.now
            try #require(reader.waitForAcknowledgement(after: begin, atMost: .seconds(3)))
            return reader
        }

        @Test("every listener serves there, and status says who has the address")
        func listeners() throws {
            try tell { story, active, other in
                for port in [BatonSettings.writePort, BatonSettings.autoPort, 6_382] {
                    let client = try RedisClient(
                        from: story.client, to: Endpoint(address: Self.address, port: port),
                        password: Story.password)
                    #expect(try client.command("SET", "port", "\(port)") == .simple("OK"))
                }
                // Every address of a balancer is also each of its own, of either family.
                let index = try #require(story.laboratory.hosts.firstIndex { $0 === other.host })
                let own = try #require(IPAddress("fd00:10:18::\(index + 1)"))
                for address in [own, .v4(other.host.address(on: .external))] {
                    let client = try RedisClient(
                        from: story.client,
                        to: Endpoint(address: address, port: BatonSettings.autoPort),
                        password: Story.password)
                    #expect(try client.command("SET", "a", "b") == .simple("OK"))
                }
                let baton = try #require(BatonExecutable.find())
                let status = try active.host.execute(baton, ["status"]).output
                #expect(status.contains("reads at [\(Self.address)]:6379"), "\(status)")
                #expect(status.contains("[::]:\(BatonSettings.writePort)"), "\(status)")
                #expect(status.contains("read address \(Self.address) held here"), "\(status)")
            }
        }

        @Test("kill -9 of the active balancer: reads go on at the other")
        func balancerKilled() throws {
            try tell { story, active, other in
                let reader = try startReader(story)
                let fault = Laboratory.now
                active.kill()
                let pause = try story.pause(of: reader, since: fault, atMost: .seconds(5))
                story.report("kill -9 of the active balancer, IPv6: no reads for \(pause.text)")
                #expect(story.cluster.readHolders.contains { $0 === other.host })
            }
        }

        @Test("a balancer that is asked to end hands the address over first")
        func balancerStopped() throws {
            try tell { story, active, other in
                let reader = try startReader(story)
                let fault = Laboratory.now
                #expect(active.terminate(atMost: .seconds(8)) == .exited(0))
                story.watchQuietly(.seconds(1))
                let log = reader.stop()
                let gap = try #require(log.longestGap(since: fault))
                story.report("a balancer is stopped, IPv6: no reads for \(gap.length.text)")
                #expect(story.cluster.readHolders.map(\.name) == [other.host.name])
                let failed = log.attempts.filter { $0.end > fault && $0.outcome != .acknowledged }
                #expect(failed.count <= 1, "one reset at the most: \(failed)")
            }
        }
    }
}
