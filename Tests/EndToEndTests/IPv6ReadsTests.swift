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
            _ body: (ReadStory) throws -> Void
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
                try body(ReadStory.begin(story, at: Self.readTarget))
            }
        }

        @Test("every listener serves there, and status says who has the address")
        func listeners() throws {
            try tell { scene in
                let (story, active, other) = (scene.story, scene.active, scene.other)
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
            try tell { try $0.survivesDeath() }
        }

        @Test("a balancer that is asked to end hands the address over first")
        func balancerStopped() throws {
            try tell { try $0.survivesStop() }
        }
    }
}
