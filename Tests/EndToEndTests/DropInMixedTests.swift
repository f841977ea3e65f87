import Addressing
import Laboratory
import MonotonicTime
import RESP
import Testing

extension EndToEnd {
    @Suite("Baton's Sentinels and real ones", .timeLimit(.minutes(2)))
    struct DropInMixedTests {
        /// A real one connects to a new primary up to 1.1 s after it has heard of it, and counts
        /// what others said about the former for 5 s: with less patience it replaces that too.
        private static let settings = SentinelSettings(
            downAfter: .seconds(2), failoverTimeout: .seconds(5))

        @Test(
            "agree on the primary and the epoch whoever leads, and a returned one follows",
            arguments: [[Sentinel.Kind.baton, .redis, .baton], [.redis, .baton, .redis]])
        func agree(_ kinds: [Sentinel.Kind]) throws {
            try DropInStory.tell(of: kinds, Self.settings) { story in
                try kill(story)
                for sentinel in story.fleet.sentinels.prefix(2) { try order(sentinel, story) }
                for sentinel in story.fleet.sentinels {
                    let quorum = sentinel.ask("SENTINEL", "CKQUORUM", "master1")?.text
                    #expect(quorum?.hasPrefix("OK 3 usable Sentinels.") == true)
                    #expect(sentinel.ask("SENTINEL", "RESET", "*") == .integer(1))
                }
                // What was forgotten is found again, and nothing else.
                try story.fleet.waitUntilSettled()
                for sentinel in story.fleet.sentinels {
                    #expect(sentinel.field("num-slaves") == "2")
                    #expect(sentinel.field("num-other-sentinels") == "2")
                }
            }
        }

        /// The primary dies, another takes its place, and it comes back.
        private func kill(_ story: DropInStory) throws {
            let old = try story.fleet.waitUntilSettled()
            let before = story.electionCounts
            old.kill()
            let primary = try story.fleet.waitUntilSettled(otherThan: old)
            let leaders = story.leaders(since: before)
            story.report("\(primary.host.name) by \(leaders.map(\.kind.rawValue)), by itself")
            #expect(leaders.count == 1, "\(story.logEnds)")
            try old.start()
            #expect(try story.fleet.waitUntilSettled() === primary)
            let role = try old.connect().command("ROLE").elements ?? []
            #expect(role.first?.text == "slave")
            #expect(role.dropFirst().first?.text == "\(primary.endpoint.address)")
        }

        /// This one leads, and the others believe it.
        private func order(_ sentinel: Sentinel, _ story: DropInStory) throws {
            let old = try story.fleet.waitUntilSettled()
            let epoch = Int(sentinel.field("config-epoch") ?? "") ?? 0
            let before = story.electionCounts
            #expect(story.fleet.orderFailover(on: sentinel.host), "\(story.logEnds)")
            try story.fleet.waitUntilSettled(otherThan: old)
            let leaders = story.leaders(since: before).map(\.host.name)
            #expect(leaders == [sentinel.host.name], "\(story.logEnds)")
            #expect((Int(sentinel.field("config-epoch") ?? "") ?? 0) > epoch)
        }

        @Test("take each other's places host by host, and back, with the same file and identity")
        func exchange() throws {
            let kinds: [Sentinel.Kind] = [.redis, .redis, .redis]
            try DropInStory.tell(of: kinds, Self.settings) { story in
                let fleet = story.fleet
                let identities = fleet.sentinels.map { $0.ask("SENTINEL", "MYID") }
                for sentinel in fleet.sentinels { try exchange(sentinel, .baton, story) }
                let old = try fleet.waitUntilSettled()
                old.kill()
                let primary = try fleet.waitUntilSettled(otherThan: old)
                try old.start()
                for sentinel in fleet.sentinels { try exchange(sentinel, .redis, story) }
                #expect(try fleet.waitUntilSettled() === primary)
                #expect(fleet.sentinels.map { $0.ask("SENTINEL", "MYID") } == identities)
            }
        }

        private func exchange(
            _ sentinel: Sentinel, _ kind: Sentinel.Kind, _ story: DropInStory
        ) throws {
            #expect(sentinel.terminate() == .exited(0))
            try sentinel.start(as: kind)
            try story.fleet.hasten()
            #expect(sentinel.kind == kind)
            for one in story.fleet.sentinels {
                #expect(one.field("num-other-sentinels") == "2", "\(one.host.name)")
            }
        }
    }
}
