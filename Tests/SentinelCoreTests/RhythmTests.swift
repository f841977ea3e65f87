import MonotonicTime
import Testing

@testable import SentinelCore

@Suite("Rhythm")
struct RhythmTests {
    @Test("a holder that is cut off notices before the others give its server up")
    func contactWindow() {
        for milliseconds in [500, 1000, 5000, 30_000] {
            let downAfter = Interval.milliseconds(milliseconds)
            let noticed = Rhythm.contactWindow(downAfter: downAfter) + Rhythm.tickIdle
            #expect(noticed < downAfter)
            // While all is well the window is never empty: two pings may get lost.
            let period = Rhythm.pingPeriod(downAfter: downAfter)
            #expect(period * 3 < Rhythm.contactWindow(downAfter: downAfter))
        }
    }

    @Test("a voter's patience outlasts all rounds of the leader that it voted for")
    func patience() {
        let rounds =
            Rhythm.electionRound + Rhythm.selectionRound + Rhythm.promotionRound
            + Rhythm.tickBusy * 3
        #expect(rounds < Rhythm.leaderPatience)
    }

    @Test("each pause after a failed attempt is twice as long, at most five seconds")
    func backOff() {
        #expect(
            (1...8).map { Rhythm.backOff(attempt: $0).milliseconds }
                == [200, 400, 800, 1600, 3200, 5000, 5000, 5000])
        #expect(Rhythm.backOff(attempt: .max) == .seconds(5))
    }
}
