import Laboratory
import MonotonicTime
import RESP
import Testing

extension EndToEnd {
    /// Python's client, which is told one address and nothing of Sentinel or retries.
    @Suite("redis-py in plain mode", .timeLimit(.minutes(1)))
    struct RedisPyTests {
        @Test(
            "kill -9: no call takes longer than 2 s",
            arguments: [RedisPyWriter.Timeouts.defaults, .none])
        func kill(_ timeouts: RedisPyWriter.Timeouts) throws {
            try callsStayShort(BatonSettings(), timeouts) { $0.kill() }
        }

        @Test(
            "SIGSTOP with down-after 1000: no call takes longer than 2 s",
            arguments: [RedisPyWriter.Timeouts.defaults, .none])
        func stop(_ timeouts: RedisPyWriter.Timeouts) throws {
            try callsStayShort(BatonSettings(downAfter: .seconds(1)), timeouts) { $0.pause() }
        }

        private func callsStayShort(
            _ settings: BatonSettings, _ timeouts: RedisPyWriter.Timeouts,
            _ hurt: (RedisServer) -> Void
        ) throws {
            try Story.tell(settings) { story in
                let writer = try RedisPyWriter(
                    on: story.client, target: Story.writeTarget, password: Story.password,
                    timeouts: timeouts)
                try #require(
                    writer.waitForSuccess(after: Laboratory.now, atMost: .seconds(5)),
                    "redis-py does not write")
                let fault = Laboratory.now
                hurt(story.cluster.servers[0])
                story.wait(atMost: .seconds(5), for: "no failover") {
                    !story.cluster.holders.contains { $0 === story.cluster.servers[0].host }
                }
                #expect(writer.waitForSuccess(after: Laboratory.now, atMost: .seconds(8)))
                writer.stop()
                let calls = writer.calls.filter { $0.end >= fault }
                let longest = try #require(calls.max { $0.length < $1.length })
                let failed = calls.filter { $0.outcome != "OK" }.map(\.outcome)
                story.report("redis-py's longest call: \(longest.length.text); raised: \(failed)")
                #expect(longest.length < .seconds(2))
                let final = try story.cluster.restore()
                let last = try #require(writer.calls.last { $0.outcome == "OK" })
                #expect(
                    try final.connect().command("GET", "baton:python:\(last.number)").text
                        == "\(last.number)")
            }
        }
    }
}
