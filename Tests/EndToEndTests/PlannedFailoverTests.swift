import Laboratory
import MonotonicTime
import RESP
import Testing

extension EndToEnd {
    @Suite("SENTINEL FAILOVER", .timeLimit(.minutes(1)))
    struct PlannedFailoverTests {
        @Test("through any node: the address moves, the old primary follows, writes go on")
        func throughAnyNode() throws {
            try Story.tell { story in
                let writer = try story.startWriter()
                for node in story.cluster.nodes {
                    let old = try story.cluster.waitUntilSettled()
                    let order = Laboratory.now
                    #expect(
                        try node.connect().command("SENTINEL", "FAILOVER", "master1")
                            == .simple("OK"))
                    let moved = story.wait(atMost: .seconds(8), for: "the address did not move") {
                        let holders = story.cluster.holders
                        return !holders.isEmpty && !holders.contains { $0 === old.host }
                    }
                    guard moved else { break }
                    let primary = try story.cluster.waitUntilSettled()
                    #expect(primary !== old)
                    try old.waitUntilReplicating(atMost: .seconds(5))
                    let writesGoOn = writer.waitForAcknowledgement(
                        after: Laboratory.now, atMost: .seconds(2))
                    #expect(writesGoOn)
                    let gap = try #require(writer.log.longestGap(since: order))
                    story.report(
                        "SENTINEL FAILOVER on \(node.host.name): no writes for \(gap.length.text)")
                    #expect(gap.length < .milliseconds(1_500))
                }
                let primary = try story.cluster.waitUntilSettled()
                writer.stop()
                let lost = try writer.lost(on: try primary.connect())
                story.report("three planned failovers: \(lost.count) acknowledged writes lost")
            }
        }

        @Test("baton switchover, to and fro: nothing is lost, and clients see one reset each time")
        func switchover() throws {
            try Story.tell { story in
                let baton = try #require(BatonExecutable.find())
                let writer = try story.startWriter()
                for target in ["redis02", "redis03", "redis01"] {
                    let old = try story.cluster.restore()
                    let order = Laboratory.now
                    let (ending, output) = try old.host.execute(
                        baton, ["switchover", "--to", target])
                    try #require(
                        ending == .exited(0), "\(output)\n\(story.cluster.logEnds)")
                    let primary = try story.cluster.restore()
                    #expect(primary.host.name == target)
                    let writesGoOn = writer.waitForAcknowledgement(
                        after: Laboratory.now, atMost: .seconds(2))
                    #expect(writesGoOn)
                    let failures = writer.log.attempts.filter {
                        $0.end > order && $0.outcome != .acknowledged
                    }
                    #expect(failures.count <= 1, "\(failures)")
                    let gap = try #require(writer.log.longestGap(since: order))
                    story.report("\(output.dropLast()) no writes for \(gap.length.text)")
                    #expect(gap.length < .seconds(1))
                }
                let primary = try story.cluster.waitUntilSettled()
                writer.stop()
                #expect(try writer.lost(on: try primary.connect()) == [])
                let (_, history) = try primary.host.execute(baton, ["history"])
                #expect(history.contains("redis03 -> redis01"), "\(history)")
                #expect(history.contains("led by redis03"), "\(history)")
            }
        }

        @Test("an unknown group is refused, and so is a stranger without the secret")
        func refused() throws {
            try Story.tell { story in
                let local = try story.cluster.nodes[0].connect()
                #expect(
                    try local.command("SENTINEL", "FAILOVER", "mymaster")
                        == .error(Array("ERR No such master with that name".utf8)))
                let stranger = try story.cluster.nodes[0].connect(from: story.client)
                let reply = try stranger.command("SENTINEL", "FAILOVER", "master1")
                #expect(reply.text?.hasPrefix("NOPERM") == true)
                #expect(story.cluster.holders.map(\.name) == ["redis01"])
            }
        }
    }
}
