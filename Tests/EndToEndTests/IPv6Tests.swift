import Addressing
import Laboratory
import MonotonicTime
import RESP
import Testing

extension EndToEnd {
    /// Servers and nodes talk by IPv4, as in the note; clients write to an IPv6 address.
    @Suite("The write address is an IPv6 address", .timeLimit(.minutes(1)))
    struct IPv6Tests {
        private static let writeAddress = IPAddress("fd00:10:18::94")!
        private static let target = Endpoint(address: writeAddress, port: 6379)

        /// Gives every host an address of the clients' network, then starts the cluster.
        private func tell(_ body: (Story) throws -> Void) throws {
            var settings = BatonSettings(downAfter: .seconds(1))
            settings.writeAddress = Prefix(address: Self.writeAddress, length: 64)
            try Story.prepare(settings) { story in
                for (index, host) in story.laboratory.hosts.enumerated() {
                    let words = ["address", "add", "fd00:10:18::\(index + 1)/64", "dev", "ens34"]
                    try #require(try host.execute("ip", words).ending == .exited(0))
                }
                for node in story.cluster.nodes { try node.start() }
                try story.cluster.waitUntilSettled()
                try body(story)
            }
        }

        private func startWriter(_ story: Story) throws -> Writer {
            try story.startWriter(to: Self.target)
        }

        @Test("the primary is killed: the address moves, and the other hosts see it answered")
        func primaryDies() throws {
            try tell { story in
                let writer = try startWriter(story)
                let fault = Laboratory.now
                story.cluster.servers[0].kill()
                let pause = try story.pause(of: writer, since: fault, atMost: .seconds(15))
                story.report("kill -9, IPv6: no writes for \(pause.text)")
                let primary = try story.cluster.waitUntilSettled()
                #expect(primary !== story.cluster.servers[0])
                let hardware = try #require(primary.host.hardwareAddress(on: .external))
                for node in story.cluster.nodes where node.host !== primary.host {
                    #expect(
                        node.waitForEvent("answered by \(hardware)", atMost: .seconds(2)))
                }
                writer.stop()
                #expect(try writer.lost(on: try primary.connect()).isEmpty)
            }
        }

        @Test("the holder's node is stopped: its kernel silences the address and resets clients")
        func nodeStops() throws {
            try tell { story in
                let writer = try startWriter(story)
                let idle = try RedisClient(from: story.client, to: Self.target)
                let fault = Laboratory.now
                story.cluster.nodes[0].pause()
                story.wait(atMost: .seconds(3), for: "the kernel did not silence the address") {
                    writer.log.attempts.contains { $0.end > fault && $0.outcome != .acknowledged }
                }
                // Nobody has taken over yet. A client whose request was on its way waits; whoever
                // asks later is reset.
                #expect(throws: ConnectionFailure.closed) { try idle.command("PING") }
                let pause = try story.pause(of: writer, since: fault, atMost: .seconds(15))
                story.report("SIGSTOP of the holder's node, IPv6: no writes for \(pause.text)")
                story.cluster.nodes[0].resume()
                let primary = try story.cluster.waitUntilSettled()
                #expect(primary !== story.cluster.servers[0])
                writer.stop()
                #expect(try writer.lost(on: try primary.connect()).isEmpty)
            }
        }

        @Test("a planned move loses nothing")
        func switchover() throws {
            try tell { story in
                let writer = try startWriter(story)
                let order = try story.cluster.nodes[1].connect()
                _ = try order.command(
                    "SENTINEL", "FAILOVER", story.cluster.settings.group, "COORDINATED")
                story.wait(atMost: .seconds(5), for: "the address did not move") {
                    story.cluster.holders.map(\.name) == ["redis02"]
                        || story.cluster.holders.map(\.name) == ["redis03"]
                }
                let primary = try story.cluster.waitUntilSettled()
                writer.stop()
                #expect(try writer.lost(on: try primary.connect()).isEmpty)
            }
        }
    }
}
