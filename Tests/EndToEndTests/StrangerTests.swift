import Addressing
import Laboratory
import MonotonicTime
import RESP
import Testing

extension EndToEnd {
    /// Somebody on the clients' network has the write address configured.
    @Suite("A stranger has the write address", .timeLimit(.minutes(1)))
    struct StrangerTests {
        private static func configure(_ verb: String, on host: Host) throws {
            let (ending, output) = try host.execute(
                "ip", ["address", verb, "\(Plan.writeAddress)/32", "dev", "ens34"])
            try #require(ending == .exited(0), Comment(rawValue: output))
        }

        /// What the stranger does to Baton, and what happens once he has gone.
        private static func checkRefusal(_ story: Story, by node: BatonNode) throws {
            let hardware = try #require(story.client.hardwareAddress(on: .external))
            let words = "\(hardware) answers for it on its network"
            #expect(
                node.waitForEvent(words, atMost: .seconds(5)),
                Comment(rawValue: story.cluster.logEnds))
            story.watchQuietly(.seconds(2))
            #expect(story.cluster.holders.isEmpty)
            #expect(node.events(words).count == 1, "he is named once")
            let connection = try node.connect()
            let status = try connection.command("BATON", "STATUS").text ?? ""
            #expect(status.contains("\(hardware)"))

            try configure("del", on: story.client)
            let gone = Laboratory.now
            story.wait(atMost: .seconds(3), for: "the address was not taken") {
                node.host.has(Plan.writeAddress)
            }
            story.report("the stranger gone, taken after \((Laboratory.now - gone).text)")
        }

        @Test("who starts then doesn't take it, says the hardware address, and takes it afterwards")
        func start() throws {
            try Story.prepare { story in
                try Self.configure("add", on: story.client)
                for node in story.cluster.nodes { try node.start() }
                try Self.checkRefusal(story, by: story.cluster.nodes[0])
                _ = try story.cluster.waitUntilSettled()
            }
        }

        @Test("a failover doesn't take it from him, and is finished once he has gone")
        func failover() throws {
            try Story.tell { story in
                try Self.configure("add", on: story.client)
                story.cluster.servers[0].kill()
                var heir: BatonNode?
                story.wait(atMost: .seconds(5), for: "nobody was to take the address") {
                    heir = story.cluster.nodes.first { !$0.events("cannot be taken").isEmpty }
                    return heir != nil
                }
                try Self.checkRefusal(story, by: try #require(heir))
                let primary = try story.cluster.waitUntilSettled()
                #expect(primary !== story.cluster.servers[0])
            }
        }
    }
}
