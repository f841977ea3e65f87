import Addressing
import Laboratory
import MonotonicTime
import RESP
import Testing

extension EndToEnd {
    @Suite("The old primary returns", .timeLimit(.minutes(1)))
    struct ReturnTests {
        @Test("it becomes a replica, never holds the address and takes no write by any address")
        func returned() throws {
            try Story.tell { story in
                let old = story.cluster.servers[0]
                let writer = try story.startWriter()
                let fault = Laboratory.now
                old.kill()
                _ = try story.pause(of: writer, since: fault, atMost: .seconds(15))
                story.wait(atMost: .seconds(5), for: "the old host keeps the address") {
                    !old.host.has(Plan.writeAddress)
                }

                let watch = HolderWatch(story.cluster.servers.map(\.host))
                let direct = Writer(
                    on: story.client, Writer.Settings(target: old.endpoint, keyPrefix: "own:"))
                let start = Laboratory.now
                try old.start()
                try old.waitUntilReplicating(atMost: .seconds(10))
                story.watchQuietly(.milliseconds(500))
                let primary = try story.cluster.waitUntilSettled()
                watch.stop()

                #expect(watch.holdings(of: old.host, since: start).isEmpty)
                try checkDirectWrites(direct.stop(), story)
                let log = writer.stop()
                let gap = try #require(log.longestGap(since: start))
                #expect(gap.length < .seconds(1))
                try checkWrites(log, lost: writer.lost(on: primary.connect()), fault, story)
            }
        }

        /// What was acknowledged behind the kill is all there. The kill itself may take the last
        /// write: a server answers its client and writes to its replicas one after the other.
        private func checkWrites(
            _ log: WriteLog, lost: [Int], _ fault: Instant, _ story: Story
        ) {
            let later = log.attempts.filter { lost.contains($0.number) && $0.begin > fault }
            #expect(later.map(\.number) == [])
            story.report("lost with the killed server itself: \(lost.count - later.count)")
        }

        /// Until it is a replica nobody but the cluster reaches it: its first answer to a client is
        /// READONLY, and no write is acknowledged by its own address.
        private func checkDirectWrites(_ log: WriteLog, _ story: Story) throws {
            func isReadOnly(_ attempt: WriteLog.Attempt) -> Bool {
                if case .refused(let text) = attempt.outcome { return text.hasPrefix("READONLY") }
                return false
            }
            #expect(log.acknowledged.count == 0, "it took writes by its own address")
            let first = try #require(log.attempts.first)
            let refused = try #require(log.attempts.first(where: isReadOnly))
            story.report(
                "returned primary: open to clients, as a replica, \((refused.end - first.end).text)"
                    + " after its start")
        }

        @Test("one that was stopped takes no write by its own address when it goes on")
        func woken() throws {
            try Story.tell(BatonSettings(downAfter: .seconds(1))) { story in
                let old = story.cluster.servers[0]
                let direct = Writer(
                    on: story.client, Writer.Settings(target: old.endpoint, keyPrefix: "own:"))
                #expect(direct.waitForAcknowledgement(after: Laboratory.now, atMost: .seconds(3)))
                old.pause()
                let fault = Laboratory.now
                story.wait(atMost: .seconds(8), for: "no failover") {
                    !story.cluster.holders.contains { $0 === old.host }
                        && !story.cluster.holders.isEmpty
                }
                old.resume()
                try old.waitUntilReplicating(atMost: .seconds(10))
                let late = direct.stop().acknowledged.filter { $0.end > fault }
                #expect(late.map(\.number) == [])
            }
        }
    }
}
