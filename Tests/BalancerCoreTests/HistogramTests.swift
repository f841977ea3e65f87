import MonotonicTime
import Testing

@testable import BalancerCore

@Suite("Histogram")
struct HistogramTests {
    @Test("a quantile is at least the true one, and at most an eighth higher")
    func quantiles() throws {
        var histogram = Histogram()
        for microseconds in 1...10_000 { histogram.record(.microseconds(microseconds)) }
        for (share, truth) in [(0.5, 5_000), (0.99, 9_900), (1.0, 10_000)] {
            let quantile = try #require(histogram.quantile(share)).nanoseconds / 1000
            #expect(quantile >= truth && quantile <= truth * 9 / 8 + 1)
        }
    }

    @Test("nothing has no quantile; anything longer counts as the longest")
    func edges() {
        var histogram = Histogram()
        #expect(histogram.quantile(0.5) == nil)
        histogram.record(Interval(nanoseconds: -5))
        histogram.record(.seconds(1_000_000))
        #expect(histogram.count == 2)
        #expect(histogram.quantile(0)?.nanoseconds == 1000)
        #expect(histogram.quantile(1) != nil)
    }

    @Test("two are one by their sum")
    func sums() {
        var one = Histogram()
        var other = Histogram()
        one.record(.microseconds(10))
        other.record(.milliseconds(10))
        one.add(other)
        #expect(one.count == 2)
        #expect((one.quantile(1)?.nanoseconds ?? 0) >= 10_000_000)
    }
}
