import Laboratory
import MonotonicTime
import RESP
import Testing

extension EndToEnd {
    @Suite("The primary's host is cut off", .timeLimit(.minutes(1)))
    struct IsolationTests {
        @Test(
            "writes go on elsewhere, and after the healing one host has the address",
            arguments: [Isolation.carrierLoss, .silence])
        func isolated(_ isolation: Isolation) throws {
            try Story.tell(BatonSettings(downAfter: .seconds(1))) { story in
                let old = story.cluster.servers[0]
                let watch = HolderWatch(story.cluster.servers.map(\.host))
                let writer = try story.startWriter()
                let fault = Laboratory.now
                try story.laboratory.isolate(old.host, by: isolation)
                let pause = try story.pause(of: writer, since: fault, atMost: .seconds(10))
                story.wait(atMost: .seconds(5), for: "the host that is cut off keeps the address") {
                    watch.holdings.last { $0.host == old.host.name }?.end != nil
                }
                let released = watch.holdings.last { $0.host == old.host.name }?.end
                let back = try story.healed(old)
                story.report(
                    "\(isolation), down-after 1000: no writes for \(pause.text); the old host had"
                        + " the address for \(released.map { ($0 - fault).text } ?? "ever");"
                        + " all settled \(back.text) after the healing")
                let primary = try story.cluster.waitUntilSettled()
                #expect(primary !== old)
                #expect(story.cluster.holders.map(\.name) == [primary.host.name])
                watch.stop()
                let log = writer.stop()
                let lost = try writer.lost(on: try primary.connect())
                story.report("\(isolation): \(lost.count) acknowledged writes lost")
                // Only what was acknowledged before the cut and not yet sent to a replica.
                let late = log.acknowledged.filter { $0.begin > fault + .milliseconds(500) }
                #expect(Set(late.map(\.number)).isDisjoint(with: lost))
            }
        }
    }
}

extension Story {
    /// Heals a host's networks and waits until all agree; returns how long that took.
    func healed(_ server: RedisServer) throws -> Interval {
        let begin = Laboratory.now
        try laboratory.heal(server.host)
        try cluster.waitUntilSettled()
        return Laboratory.now - begin
    }
}
