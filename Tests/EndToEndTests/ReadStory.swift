import Addressing
import Laboratory
import MonotonicTime
import Testing

/// Reads at a read address of either family, which one of two balancers has.
struct ReadStory {
    let story: Story
    let target: Endpoint
    /// Has the address at the beginning.
    let active: BatonNode
    let other: BatonNode

    /// Begins when a read is answered at `target`.
    static func begin(_ story: Story, at target: Endpoint) throws -> ReadStory {
        _ = try story.redisCLI("10.18.14.94", "set", "greeting", "hello")
        try story.wait(atMost: .seconds(10), for: "a read is answered") {
            try story.redisCLI("\(target.address)", "get", "greeting") == "hello\n"
        }
        let holders = story.cluster.readHolders
        try #require(holders.count == 1)
        let balancers = story.cluster.balancers
        return ReadStory(
            story: story, target: target,
            active: try #require(balancers.first { $0.host === holders[0] }),
            other: try #require(balancers.first { $0.host !== holders[0] }))
    }

    /// A client that reads, whose first read has been answered.
    func startReader() throws -> Writer {
        var settings = Writer.Settings(target: target)
        settings.deed = .read("greeting")
        let reader = Writer(on: story.client, settings)
        let begin = Laboratory.now
        try #require(reader.waitForAcknowledgement(after: begin, atMost: .seconds(3)))
        return reader
    }

    /// The active balancer is killed.
    func survivesDeath() throws {
        let reader = try startReader()
        let fault = Laboratory.now
        active.kill()
        let pause = try story.pause(of: reader, since: fault, atMost: .seconds(5))
        story.report("kill -9 of the active balancer, \(target): no reads for \(pause.text)")
        #expect(story.cluster.readHolders.contains { $0 === other.host })
    }

    /// The active balancer is asked to end.
    func survivesStop() throws {
        let reader = try startReader()
        let fault = Laboratory.now
        #expect(active.terminate(atMost: .seconds(8)) == .exited(0))
        story.watchQuietly(.seconds(1))
        let log = reader.stop()
        let gap = try #require(log.longestGap(since: fault))
        story.report("a balancer is stopped, \(target): no reads for \(gap.length.text)")
        #expect(story.cluster.readHolders.map(\.name) == [other.host.name])
        let failed = log.attempts.filter { $0.end > fault && $0.outcome != .acknowledged }
        #expect(failed.count <= 1, "one reset at the most: \(failed)")
    }
}
