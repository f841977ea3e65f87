import Addressing
import Laboratory
import MonotonicTime
import RESP
import Testing

extension EndToEnd {
    @Suite("The old primary returns", .timeLimit(.minutes(1)))
    struct ReturnTests {
        @Test("it is a replica within 1 s, never holds the address and takes no write through it")
        func returned() throws {
            try Story.tell { story in
                let old = story.cluster.servers[0]
                let writer = try story.startWriter()
                let fault = Laboratory.now
                old.kill()
                _ = try story.pause(of: writer, since: fault, atMost: .seconds(5))
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

        /// Reachable is the server from its first answer, whatever that is; it is a replica from
        /// its first READONLY.
        private func checkDirectWrites(_ log: WriteLog, _ story: Story) throws {
            func answers(_ attempt: WriteLog.Attempt) -> Bool {
                switch attempt.outcome {
                case .acknowledged, .refused: true
                case .failed: false
                }
            }
            func isReadOnly(_ attempt: WriteLog.Attempt) -> Bool {
                if case .refused(let text) = attempt.outcome { return text.hasPrefix("READONLY") }
                return false
            }
            let first = try #require(log.attempts.first(where: answers))
            let refused = try #require(log.attempts.first(where: isReadOnly))
            let last = log.acknowledged.last?.end
            story.report(
                "returned primary: replica \((refused.end - first.end).text) after its first"
                    + " answer; \(log.acknowledged.count) writes to its own address acknowledged"
                    + " before")
            #expect(refused.end - first.end < .seconds(1))
            #expect(last.map { $0 < refused.end } ?? true, "it took writes again later")
        }
    }
}
