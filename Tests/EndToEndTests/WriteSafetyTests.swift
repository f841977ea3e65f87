import Addressing
import Glibc
import Laboratory
import MonotonicTime
import RESP
import Testing

extension EndToEnd {
    /// `baton write-safety GROUP bounded SECONDS` on real servers.
    @Suite("Losses are bounded", .timeLimit(.minutes(1)))
    struct WriteSafetyTests {
        private static let bound = Interval.seconds(3)
        private static let settings = BatonSettings(
            downAfter: .seconds(1), lines: ["baton write-safety master1 bounded 3"])

        /// Baton closes the write address and the server's port to clients after D. A client on the
        /// host itself is let pass by both: only the server can refuse it.
        @Test("a holder that is cut off with its clients refuses their writes in time")
        func cutOffWithClients() throws {
            try Story.tell(Self.settings) { story in
                let old = story.cluster.servers[0]
                let loopback = Endpoint(address: .v4(IPv4Address(127, 0, 0, 1)), port: 6379)
                let inside = Writer(
                    on: old.host, Writer.Settings(target: loopback, keyPrefix: "inside:"))
                let outside = try story.startWriter()
                story.watchQuietly(.milliseconds(700))
                let fault = Laboratory.now
                try story.laboratory.isolate(old.host, by: .silence)
                let pause = try story.pause(of: outside, since: fault, atMost: .seconds(10))
                story.wait(atMost: .seconds(5), for: "the minority's server takes writes on") {
                    inside.log.attempts.last.map { Self.isRefusal($0.outcome) } == true
                }
                let log = inside.stop()
                try story.laboratory.heal(old.host)
                let primary = try story.cluster.waitUntilSettled()
                try #require(primary !== old)

                let lost = Set(try inside.lost(on: try primary.connect()))
                let attempts = log.acknowledged.filter { lost.contains($0.number) }
                let first = try #require(attempts.first, "the cut cost nothing: was it made?")
                let last = try #require(attempts.last)
                let age = last.end - first.begin
                story.report(
                    "bounded 3 s, cut off with clients: \(lost.count) acknowledged writes lost, "
                        + "of \(age.text); NOREPLICAS \((last.end - fault).text) after the cut; "
                        + "no writes outside for \(pause.text)")
                #expect(age <= Self.bound)
                let next = try #require(log.attempts.first { $0.begin >= last.end })
                #expect(Self.isRefusal(next.outcome), "\(next.outcome)")
            }
        }

        private static func isRefusal(_ outcome: WriteLog.Outcome) -> Bool {
            switch outcome {
            case .refused(let text): text.hasPrefix("NOREPLICAS")
            case .acknowledged, .failed: false
            }
        }

        @Test("without a replica the primary refuses writes, and the status says so")
        func withoutReplica() throws {
            try Story.tell(Self.settings) { story in
                let primary = story.cluster.servers[0]
                let baton = try #require(BatonExecutable.find())
                #expect(try status(primary.host, baton).contains("at most 3 s of acknowledged"))
                for replica in story.cluster.servers[1...] { replica.kill() }
                try story.wait(atMost: .seconds(3), for: "writes without a replica") {
                    try story.redisCLI("10.18.14.94", "set", "k", "v").hasPrefix("NOREPLICAS")
                }
                try story.wait(atMost: .seconds(3), for: "the status does not say it") {
                    try status(primary.host, baton).contains("refuses writes now: no replica")
                }
                // Somebody finds a quick way out: it is closed again.
                let client = try primary.connect()
                _ = try client.command("CONFIG", "SET", "min-replicas-to-write", "0")
                try story.wait(atMost: .seconds(4), for: "the setting was not put back") {
                    let reply = try client.command("CONFIG", "GET", "min-replicas-to-write")
                    return reply.elements?.last?.text == "1"
                }
                try story.cluster.restore()
                try story.wait(atMost: .seconds(2), for: "writes did not come back") {
                    try story.redisCLI("10.18.14.94", "set", "k", "v") == "OK\n"
                }
            }
        }

        private func status(_ host: Host, _ baton: String) throws -> String {
            try host.execute(baton, ["status"]).output
        }

        @Test("a switchover loses nothing, and the new primary has a replica at once")
        func switchover() throws {
            try Story.tell(Self.settings) { story in
                let baton = try #require(BatonExecutable.find())
                let writer = try story.startWriter()
                for target in ["redis02", "redis03", "redis01", "redis02"] {
                    let old = try story.cluster.restore()
                    let order = Laboratory.now
                    let (ending, output) = try old.host.execute(
                        baton, ["switchover", "--to", target])
                    try #require(ending == .exited(0), "\(output)\n\(story.cluster.logEnds)")
                    _ = try story.cluster.restore()
                    let gap = try #require(writer.log.longestGap(since: order))
                    let refusals = writer.log.attempts.filter {
                        $0.end > order && Self.isRefusal($0.outcome)
                    }
                    let refused =
                        refusals.isEmpty
                        ? "none refused"
                        : "refused for \((refusals.last!.end - refusals.first!.begin).text)"
                    story.report(
                        "bounded 3 s, switchover to \(target): no writes for \(gap.length.text), "
                            + refused)
                    #expect(gap.length < .seconds(1))
                }
                let primary = try story.cluster.waitUntilSettled()
                writer.stop()
                #expect(try writer.lost(on: try primary.connect()) == [])
            }
        }

        @Test("kill -9 of the primary: writes go on as soon as a replica follows the next one")
        func killed() throws {
            try Story.tell(Self.settings) { story in
                for _ in 1...3 {
                    let old = try story.cluster.restore()
                    let writer = try story.startWriter(prefix: "\(old.host.name):")
                    let fault = Laboratory.now
                    old.kill()
                    let pause = try story.pause(of: writer, since: fault, atMost: .seconds(12))
                    story.report("bounded 3 s, kill -9: no writes for \(pause.text)")
                    let primary = try story.cluster.waitUntilSettled()
                    writer.stop()
                    let lost = try writer.lost(on: try primary.connect())
                    story.report("bounded 3 s, kill -9: \(lost.count) lost")
                    #expect(pause < .seconds(2))
                }
            }
        }
    }
}
