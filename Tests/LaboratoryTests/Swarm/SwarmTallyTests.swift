import MonotonicTime
import Testing

@testable import Laboratory

@Suite("The tally of a swarm")
struct SwarmTallyTests {
    private func at(_ milliseconds: Int) -> Instant {
        Instant(nanoseconds: 0) + .milliseconds(milliseconds)
    }

    @Test("the longest time without service counts from the last that was served before")
    func gaps() {
        var tally = SwarmTally()
        for moment in [0, 10, 200, 210, 700, 705] {
            tally.noteAcknowledged(sent: at(moment - 5), at(moment), isPoint: true)
        }
        #expect(tally.longestGap(since: at(0)) == .milliseconds(490))
        #expect(tally.longestGap(since: at(701)) == .zero)
        #expect(tally.acknowledged == 6)
    }

    @Test("reads that go on do not hide that nobody can write")
    func points() {
        var tally = SwarmTally()
        for moment in stride(from: 0, through: 100, by: 10) {
            let isPoint = moment == 0 || moment == 100
            tally.noteAcknowledged(sent: at(moment), at(moment), isPoint: isPoint)
        }
        #expect(tally.longestGap(since: at(0)) == .milliseconds(100))
    }

    @Test("errors are counted by their first word, the most frequent first")
    func failures() {
        var tally = SwarmTally()
        for text in ["ERR no", "BATON_UNSURE it may", "BATON_UNSURE it may have"] {
            tally.note(
                SwarmTally.Failure(text: text, isRead: false, sent: at(0), answered: at(30)))
        }
        #expect(tally.failureCounts.map(\.code) == ["BATON_UNSURE", "ERR"])
        #expect(tally.failureCounts.map(\.count) == [2, 1])
        #expect(tally.failures.count { $0.isUnsure } == 2)
        #expect(tally.longestWait == .milliseconds(30))
    }
}
