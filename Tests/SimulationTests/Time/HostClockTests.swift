import MonotonicTime
import Testing

@testable import Simulation

@Suite("A host's clock")
struct HostClockTests {
    @Test(
        "moves on by at least what was waited for, at every rate",
        arguments: [
            Int64(-100_000), -9_999, -1, 0, 1, 77, 100_000,
        ])
    func roundTrip(rate: Int64) {
        var random = RandomSource(seed: 9)
        var clock = HostClock(random: &random)
        clock.rate = rate
        for _ in 0..<200 {
            let now = Moment(nanoseconds: Int64(random.below(200_000_000_000)))
            let wait = random.between(.zero, .seconds(10))
            let later = clock.instant(at: now + clock.trueLength(of: wait))
            let passed = later - clock.instant(at: now)
            // Two roundings of the instants and one of the length.
            #expect(passed >= wait - Interval(nanoseconds: 2))
            #expect(passed <= wait + Interval(nanoseconds: 4))
        }
    }

    @Test(
        "shows the same after its machine stood still, at every rate",
        arguments: [-99_999, 0, 7, 100_000])
    func stood(rate: Int64) {
        var random = RandomSource(seed: 9)
        var clock = HostClock(random: &random)
        clock.rate = rate
        for _ in 0..<200 {
            let fell = Moment(nanoseconds: Int64(random.below(200_000_000_000)))
            let length = random.between(.zero, .seconds(10))
            let shown = clock.instant(at: fell)
            clock.stood(for: length)
            let difference = clock.instant(at: fell + length) - shown
            #expect(difference >= Interval(nanoseconds: -2))
            #expect(difference <= Interval(nanoseconds: 2))
        }
    }

    @Test("runs within ten per cent of true time")
    func range() {
        for seed in UInt64(0)..<200 {
            var random = RandomSource(seed: seed)
            let clock = HostClock(random: &random)
            #expect((-100_000...100_000).contains(clock.rate))
        }
    }
}
