import Addressing
import Laboratory
import MonotonicTime
import RESP
import Testing

extension EndToEnd {
    /// The note's failover test: what it hoped to see.
    @Suite("The primary is killed", .timeLimit(.minutes(1)))
    struct FailoverTests {
        @Test("the note's test, command by command: the write address answers again")
        func commandByCommand() throws {
            try Story.tell { story in
                let old = story.cluster.servers[0]
                #expect(
                    try story.redisCLI("10.18.14.94", "set", "test:username", "weilin") == "OK\n")
                try replicate(from: old, to: 2)

                // 客户端通过writevip连到redis master
                #expect(try story.redisCLI("10.18.14.94", "get", "test:username") == "weilin\n")
                // 客户端直接连到slave redis上
                #expect(try story.redisCLI("192.168.11.124", "get", "test:username") == "weilin\n")
                #expect(try story.redisCLI("192.168.11.125", "get", "test:username") == "weilin\n")
                // 通过writevip连到redis master修改value
                #expect(
                    try story.redisCLI("10.18.14.94", "set", "test:username", "weilin123") == "OK\n"
                )
                #expect(try story.redisCLI("10.18.14.94", "get", "test:username") == "weilin123\n")
                try replicate(from: old, to: 2)
                // 查看两台slave redis，已经复制同步成功
                #expect(
                    try story.redisCLI("192.168.11.124", "get", "test:username") == "weilin123\n")
                #expect(
                    try story.redisCLI("192.168.11.125", "get", "test:username") == "weilin123\n")

                // 制造故障，shutdown redis master: kill -9
                let fault = Laboratory.now
                old.kill()
                try story.wait(atMost: .seconds(3), for: "the write address answers no more") {
                    try story.redisCLI("10.18.14.94", "get", "test:username") == "weilin123\n"
                }
                story.report("redis-cli read again \((Laboratory.now - fault).text) after kill -9")
                #expect(
                    try story.redisCLI("10.18.14.94", "set", "test:username", "weilin456") == "OK\n"
                )

                let primary = try story.cluster.waitUntilSettled()
                #expect(primary !== old)
                #expect(story.cluster.holders.map(\.name) == [primary.host.name])
                try replicate(from: primary, to: 1)
                for replica in story.cluster.servers where replica !== old {
                    let address = "\(replica.host.address(on: .internal))"
                    #expect(try story.redisCLI(address, "get", "test:username") == "weilin456\n")
                }
                checkOrderOfEvents(story.cluster)
                try checkSightings(story, of: primary.host)
            }
        }

        /// The others ask the clients' network for the address, and find it at its holder.
        private func checkSightings(_ story: Story, of holder: Host) throws {
            let hardware = try #require(holder.hardwareAddress(on: .external))
            let words = "answered by \(hardware) (\(holder.name)) after"
            for node in story.cluster.nodes where node.host !== holder {
                #expect(node.waitForEvent(words, atMost: .seconds(2)))
                story.report("\(node.host.name): \(node.events(words).last ?? "")")
            }
            let node = story.cluster.node(on: holder)
            story.wait(atMost: .seconds(2), for: "the holder does not know who sees it") {
                let history = try? node.connect().command("BATON", "HISTORY").text
                return history?.contains("\"seenBy\":\"redis0") == true
            }
        }

        private func replicate(from primary: RedisServer, to count: Int) throws {
            let client = try primary.connect()
            #expect(try client.command("SET", "marker", "1") == .simple("OK"))
            #expect(try client.command("WAIT", "\(count)", "5000") == .integer(count))
        }

        /// The order in the note's own log, from its leader, without addresses. `+switch-master`,
        /// with the `+slave` lines that belong to it, stands at its end there.
        private static let noteOrder = [
            "+sdown", "+odown", "+new-epoch", "+try-failover", "+vote-for-leader",
            "+elected-leader", "+failover-state-select-slave", "+selected-slave",
            "+failover-state-send-slaveof-noone", "+failover-state-wait-promotion",
            "+promoted-slave", "+failover-state-reconf-slaves", "+slave-reconf-sent",
            "+slave-reconf-inprog", "+slave-reconf-done", "+failover-end",
        ]

        private func checkOrderOfEvents(_ cluster: BatonCluster) {
            guard let leader = cluster.nodes.first(where: { !$0.events("+elected-leader").isEmpty })
            else {
                Issue.record("nobody was elected\n\(cluster.logEnds)")
                return
            }
            // The last line is logged by the leader once the replica has synchronised.
            #expect(leader.waitForEvent("+failover-end ", atMost: .seconds(5)))
            let log = leader.events()
            let monitoring = log.firstIndex(
                of: "+monitor master master1 192.168.11.123 6379 quorum 2")
            let replica = log.firstIndex { $0.hasPrefix("+slave slave") }
            #expect(monitoring ?? .max < replica ?? 0)
            let begin = log.firstIndex { $0.hasPrefix("+sdown master") } ?? 0
            let end = log.firstIndex { $0.hasPrefix("+failover-end") } ?? log.endIndex - 1
            let events = log[begin...max(begin, end)]
            let names = events.map { String($0.prefix { $0 != " " }) }
            let comment = Comment(rawValue: log.joined(separator: "\n"))

            #expect(names.filter(Self.noteOrder.contains) == Self.noteOrder, comment)
            let vote = events.firstIndex { $0.contains(" voted for ") }
            let election = events.firstIndex { $0.hasPrefix("+elected-leader") }
            #expect(vote ?? .max < election ?? 0, comment)
            // Earlier than in the note: at the promotion, because clients wait for it.
            let promotion = names.firstIndex(of: "+promoted-slave") ?? .max
            let announcement = names.firstIndex(of: "+switch-master") ?? 0
            let following = names.firstIndex(of: "+slave-reconf-done") ?? 0
            #expect(promotion < announcement && announcement < following, comment)

            for observer in cluster.nodes where observer !== leader {
                let seen = observer.events()
                let update = seen.firstIndex { $0.hasPrefix("+config-update-from sentinel") }
                let switched = seen.firstIndex { $0.hasPrefix("+switch-master master1") }
                #expect(
                    update ?? .max < switched ?? 0, Comment(rawValue: seen.joined(separator: "\n")))
            }
        }

        @Test("a writer with a time-out of 200 ms goes on within 1.5 s and misses no write")
        func writerGoesOn() throws {
            try Story.tell { story in
                let writer = try story.startWriter()
                let fault = Laboratory.now
                story.cluster.servers[0].kill()
                let pause = try story.pause(of: writer, since: fault, atMost: .seconds(15))
                story.report("kill -9, down-after 5000: no writes for \(pause.text)")
                #expect(pause < .milliseconds(1_500))
                let primary = try story.cluster.waitUntilSettled()
                writer.stop()
                #expect(try writer.lost(on: try primary.connect()).isEmpty)
            }
        }

        @Test("two failovers, one after another, end where the address is")
        func twoInARow() throws {
            try Story.tell { story in
                let writer = try story.startWriter()
                for _ in 1...2 {
                    let primary = try story.cluster.restore()
                    let fault = Laboratory.now
                    primary.kill()
                    let pause = try story.pause(of: writer, since: fault, atMost: .seconds(15))
                    story.report("kill -9, down-after 5000: no writes for \(pause.text)")
                }
                let primary = try story.cluster.restore()
                writer.stop()
                #expect(try writer.lost(on: try primary.connect()).isEmpty)
            }
        }
    }
}
