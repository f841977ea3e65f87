import Laboratory
import MonotonicTime
import Testing

@testable import baton

@Suite("The pulse of the demonstration's writes")
struct WritePulseTests {
    private static func attempt(
        _ number: Int, endsAt milliseconds: Int, _ outcome: WriteLog.Outcome = .acknowledged
    ) -> WriteLog.Attempt {
        let end = instant(milliseconds)
        return WriteLog.Attempt(
            number: number, begin: end - .milliseconds(1), end: end, outcome: outcome)
    }

    private static func instant(_ milliseconds: Int) -> Instant {
        Instant(nanoseconds: Int64(milliseconds) * 1_000_000)
    }

    @Test("writes in a steady stream make no pause")
    func steady() {
        var pulse = WritePulse()
        pulse.add((0..<400).map { Self.attempt($0 + 1, endsAt: $0 * 5) })
        #expect(pulse.lastPause == nil)
        #expect(pulse.acknowledgedCount == 400)
        #expect(pulse.rate(at: Self.instant(1_995)) == 200)
        #expect(pulse.currentPause(at: Self.instant(2_000)) == nil)
    }

    @Test("a pause lasts from the last acknowledged write to the next one")
    func pause() {
        var pulse = WritePulse()
        pulse.add([
            Self.attempt(1, endsAt: 100), Self.attempt(2, endsAt: 200, .failed(.refused)),
            Self.attempt(3, endsAt: 300, .refused("READONLY")), Self.attempt(4, endsAt: 412),
        ])
        #expect(pulse.lastPause?.length == .milliseconds(312))
        #expect(pulse.trouble == nil)
        #expect(pulse.attemptCount == 4)
    }

    @Test("a failed write makes a pause however short it is")
    func shortPause() {
        var pulse = WritePulse()
        pulse.add([
            Self.attempt(1, endsAt: 100), Self.attempt(2, endsAt: 105, .failed(.closed)),
            Self.attempt(3, endsAt: 110),
        ])
        #expect(pulse.lastPause?.length == .milliseconds(10))
    }

    @Test("the longest pause stays when a shorter one follows")
    func longest() {
        var pulse = WritePulse()
        pulse.add([0, 500, 600].enumerated().map { Self.attempt($0 + 1, endsAt: $1) })
        #expect(pulse.longestPause?.length == .milliseconds(500))
        #expect(pulse.lastPause?.length == .milliseconds(100))
    }

    @Test("while nobody can write, the pause grows and the reason is known")
    func current() {
        var pulse = WritePulse()
        pulse.add([Self.attempt(1, endsAt: 0), Self.attempt(2, endsAt: 200, .failed(.timedOut))])
        #expect(pulse.currentPause(at: Self.instant(900)) == .milliseconds(900))
        #expect(pulse.trouble == .failed(.timedOut))
        #expect(DemoPicture.words(for: pulse.trouble) == "no answer within the timeout")
    }
}
