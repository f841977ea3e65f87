import MonotonicTime

/// One host's monotonic clock: it starts anywhere and runs a little fast or slow.
struct HostClock: Sendable {
    /// What the clock showed when the world began.
    var origin: Int64
    /// Parts per million by which it runs fast; negative when it is slow. Within ±100,000 (10 %).
    var rate: Int64

    /// Most clocks are good, some are slewed, a few are as bad as a clock may be.
    init(random: inout RandomSource) {
        let range: Int =
            switch random.below(10) {
            case 0: 100_000
            case 1, 2: 10_000
            default: 100
            }
        rate = Int64(random.below(2 * range + 1) - range)
        origin = Int64(random.below(1_000_000)) * 1_000_000_007
    }

    /// It showed the same all the time, until now.
    mutating func stood(for length: Interval) {
        let shown = instant(at: .zero + length).nanoseconds - instant(at: .zero).nanoseconds
        origin -= shown
    }

    func instant(at moment: Moment) -> Instant {
        Instant(
            nanoseconds: origin + moment.nanoseconds + moment.nanoseconds / 1_000_000 * rate
                + moment.nanoseconds % 1_000_000 * rate / 1_000_000)
    }

    /// How long it truly takes until the clock has moved on by `interval`; rounded up.
    func trueLength(of interval: Interval) -> Interval {
        let factor = 1_000_000 + rate
        let whole = interval.nanoseconds / factor
        let rest = interval.nanoseconds % factor
        return Interval(nanoseconds: whole * 1_000_000 + (rest * 1_000_000 + factor - 1) / factor)
    }
}
