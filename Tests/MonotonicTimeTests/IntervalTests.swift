import MonotonicTime
import Testing

@Suite("Interval")
struct IntervalTests {
    @Test("counts every unit in nanoseconds")
    func units() {
        #expect(Interval.microseconds(3) == Interval(nanoseconds: 3_000))
        #expect(Interval.milliseconds(3) == Interval(nanoseconds: 3_000_000))
        #expect(Interval.seconds(3) == .milliseconds(3_000))
        #expect(Interval.seconds(0) == .zero)
    }

    @Test("adds, subtracts, scales and compares", arguments: [1, 2, 7])
    func arithmetic(count: Int) {
        let second = Interval.seconds(1)
        #expect(second * count == .seconds(count))
        #expect(second * count / count == second)
        #expect(second + second - second == second)
        #expect(second < second + .microseconds(1))
    }

    @Test("shows whole milliseconds, cut towards zero as Sentinel does")
    func milliseconds() {
        #expect(Interval(nanoseconds: 1_999_999).milliseconds == 1)
        #expect(Interval(nanoseconds: -1_999_999).milliseconds == -1)
    }
}
