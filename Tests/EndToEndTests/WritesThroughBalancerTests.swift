import Addressing
import Glibc
import Laboratory
import MonotonicTime
import RESP
import Testing

extension EndToEnd {
    @Suite("Writes through two balancers", .timeLimit(.minutes(1)))
    struct WritesThroughBalancerTests {
        /// A listener that takes writes.
        enum Listener: String, CaseIterable, CustomTestStringConvertible {
            case write
            case auto

            var port: UInt16 {
                switch self {
                case .write: BatonSettings.writePort
                case .auto: BatonSettings.autoPort
                }
            }
            var target: Endpoint { Endpoint(address: .v4(Plan.readAddress), port: port) }
            var testDescription: String { "through a \(rawValue) listener" }
        }

        /// The note's six hosts; the story begins when a write is taken at both listeners, and read
        /// at the read address.
        static func tell(_ body: (Story) throws -> Void) throws {
            try Story.tell(.withWrites(), plan: .note) { story in
                try story.wait(atMost: .seconds(10), for: "all listeners serve") {
                    for listener in Listener.allCases {
                        let client = try? connect(story, listener, timeout: .milliseconds(500))
                        let reply = try? client?.command("SET", "greeting", "hello")
                        guard reply == .simple("OK") else { return false }
                    }
                    return try story.redisCLI("10.18.14.95", "get", "greeting") == "hello\n"
                }
                try #require(story.cluster.readHolders.count == 1)
                try body(story)
            }
        }

        static func connect(
            _ story: Story, _ listener: Listener, timeout: Interval = .seconds(3)
        ) throws -> RedisClient {
            try RedisClient(
                from: story.client, to: listener.target, password: Story.password,
                timeout: timeout)
        }

        /// Clients of both listeners, each of which has been served.
        private func startSwarms(_ story: Story) throws -> [Swarm] {
            let swarms = Listener.allCases.map { listener in
                Swarm(
                    on: story.client,
                    Swarm.Settings(
                        target: listener.target,
                        work: listener == .write ? .writes : .writesAndReads, count: 20,
                        keyPrefix: "\(listener):"))
            }
            for swarm in swarms {
                try #require(swarm.waitUntilServed(after: Laboratory.now, atMost: .seconds(5)))
            }
            story.watchQuietly(.milliseconds(300))
            return swarms
        }

        /// Lets all clients be served once more, and compares what they know with what stands at
        /// the primary.
        private func finish(
            _ story: Story, _ swarms: [Swarm], since fault: Instant, _ what: String
        ) throws -> [(tally: SwarmTally, audit: SwarmAudit)] {
            for swarm in swarms {
                #expect(
                    swarm.waitUntilServed(after: Laboratory.now, atMost: .seconds(10)),
                    "not all clients of port \(swarm.settings.target.port) are served again")
            }
            let tallies = swarms.map { $0.finish() }
            let final = try story.cluster.restore()
            return try zip(swarms, tallies).map { swarm, tally in
                let audit = try SwarmAudit(swarm.accounts, on: final.connect())
                story.report(
                    "\(what), port \(swarm.settings.target.port): no writes for"
                        + " \(tally.longestGap(since: fault).text), longest wait"
                        + " \(tally.longestWait.text), errors \(tally.failureCounts),"
                        + " \(audit.lost) lost")
                #expect(tally.disconnections == 0)
                #expect(tally.unanswered == 0)
                #expect(tally.foreignReplies.isEmpty, "\(tally.foreignReplies)")
                #expect(audit.executedTwice == 0, "\(audit.remarks)")
                #expect(audit.ranThoughRefused == 0, "\(audit.remarks)")
                return (tally, audit)
            }
        }

        @Test("a balancer that reads its file anew serves at the new place, and disconnects nobody")
        func reload() throws {
            try Self.tell { story in
                let client = try Self.connect(story, .write)
                let node = try #require(
                    story.cluster.balancers.first { $0.host === story.cluster.readHolders.first })
                let name = try #require(node.configurationPath.split(separator: "/").last)
                let before = try #require(node.contents(of: String(name)))
                let added = "baton listen write \(story.cluster.settings.group) *:7001\n"
                try node.replaceContents(of: String(name), with: before + added)
                node.program?.send(signal: SIGHUP)
                #expect(node.waitForEvent("The file was read anew", atMost: .seconds(5)))
                let place = Endpoint(address: .v4(Plan.readAddress), port: 7001)
                let late = try RedisClient(
                    from: story.client, to: place, password: Story.password)
                #expect(try late.command("SET", "a", "1") == .simple("OK"))
                #expect(try client.command("GET", "a") == .bulk("1"))

                try node.replaceContents(of: String(name), with: before + "nonsense\n")
                node.program?.send(signal: SIGHUP)
                #expect(node.waitForEvent("The file was not taken up", atMost: .seconds(5)))
                #expect(try late.command("GET", "a") == .bulk("1"))
            }
        }

        @Test("a planned switchover: no client gets an error or is disconnected")
        func switchover() throws {
            try Self.tell { story in
                let swarms = try startSwarms(story)
                let baton = try #require(BatonExecutable.find())
                let old = story.cluster.servers[0]
                let fault = Laboratory.now
                let (ending, output) = try old.host.execute(
                    baton, ["switchover"], atMost: .seconds(15))
                #expect(ending == .exited(0), "\(output)")
                for (tally, audit) in try finish(story, swarms, since: fault, "switchover") {
                    #expect(tally.failureCount == 0, "\(tally.failureCounts)")
                    #expect(audit.lost == 0, "\(audit.remarks)")
                }
                #expect(try old.connect().command("ROLE").elements?.first?.text == "slave")
            }
        }

        @Test("kill -9 of the primary: what was under way may be unsure, all else is done")
        func kill() throws {
            try Self.tell { story in
                let swarms = try startSwarms(story)
                let fault = Laboratory.now
                story.cluster.servers[0].kill()
                // Time for the news to reach the balancer: what was sent meanwhile was under way.
                let struck = Laboratory.now + .milliseconds(20)
                story.watchQuietly(.milliseconds(500))
                for (tally, _) in try finish(story, swarms, since: fault, "kill -9") {
                    let stray = tally.failures.filter {
                        !$0.isUnsure || $0.isRead || $0.sent > struck
                    }
                    #expect(stray.isEmpty, "\(stray.prefix(5))")
                }
            }
        }

        /// How often a server has run a command since its figures were reset.
        private func calls(_ command: String, of server: RedisServer) throws -> Int {
            let info = try server.connect().command("INFO", "commandstats").text ?? ""
            let begin = "cmdstat_\(command):calls="
            let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix(begin) }
            return line.flatMap { Int($0.dropFirst(begin.count).prefix { $0.isNumber }) } ?? 0
        }

        @Test("through auto, reads go to the replicas, writes to the primary, pipelines in order")
        func spread() throws {
            try Self.tell { story in
                let servers = story.cluster.servers
                for server in servers { _ = try server.connect().command("CONFIG", "RESETSTAT") }
                var clients: [RedisClient] = []
                for _ in 0..<10 { clients.append(try Self.connect(story, .auto)) }
                for round in 0..<20 {
                    for (number, client) in clients.enumerated() {
                        #expect(try client.command("GET", "greeting").text == "hello")
                        #expect(try client.command("INCR", "c\(number)") == .integer(round + 1))
                    }
                }
                let reads = try servers.map { try calls("get", of: $0) }
                story.report("200 reads: \(reads)")
                #expect(reads[0] == 0)
                #expect(reads[1] + reads[2] == 200)
                #expect(reads[1] > 10 && reads[2] > 10)
                // A replica runs what the primary sends it too.
                #expect(try servers.map { try calls("incr", of: $0) } == [200, 200, 200])

                for round in 0..<100 {
                    let replies = try clients[0].pipeline([
                        ["SET", "own", "\(round)"], ["GET", "own"], ["INCR", "own"],
                        ["GET", "own"],
                    ])
                    #expect(replies[1].text == "\(round)")
                    #expect(replies[3].text == "\(round + 1)")
                }
            }
        }

        @Test(
            "transactions, watches, blocked pops and subscriptions work",
            arguments: Listener.allCases)
        func connectionsOfTheirOwn(_ listener: Listener) throws {
            try Self.tell { story in
                let first = try Self.connect(story, listener)
                let second = try Self.connect(story, listener)
                #expect(try first.command("MULTI") == .simple("OK"))
                #expect(try first.command("INCR", "t") == .simple("QUEUED"))
                #expect(try second.command("INCR", "t") == .integer(1))
                #expect(try first.command("EXEC") == .array([.integer(2)]))

                for (isDisturbed, reply) in [
                    (true, RESPValue.nullArray), (false, .array([.integer(4)])),
                ] {
                    #expect(try first.command("WATCH", "t") == .simple("OK"))
                    if isDisturbed { #expect(try second.command("INCR", "t") == .integer(3)) }
                    _ = try first.pipeline([["MULTI"], ["INCR", "t"]])
                    #expect(try first.command("EXEC") == reply)
                }

                let words = [
                    "-h", "\(listener.target.address)", "-p", "\(listener.port)", "-a",
                    Story.password, "--no-auth-warning", "blpop", "queue", "5",
                ]
                let blocked = try story.client.launch("redis-cli", words, name: "blocked")
                story.watchQuietly(.milliseconds(200))
                #expect(blocked.isRunning)
                #expect(try first.command("RPUSH", "queue", "job") == .integer(1))
                #expect(blocked.wait(atMost: .seconds(2)) == .exited(0))
                #expect(blocked.output == "queue\njob\n")

                let subscribed = try first.command("SUBSCRIBE", "news")
                #expect(subscribed.elements?.last == .integer(1))
                #expect(try second.command("PUBLISH", "news", "hello") == .integer(1))
                // What comes next is the message, before the answer to this.
                let message = try first.command("PING")
                #expect(message.elements?.map(\.text) == ["message", "news", "hello"])
            }
        }
    }
}
