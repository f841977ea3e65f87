internal import MonotonicTime
internal import SentinelCore

/// Finds out that the whole machine stood still, by comparing its clocks.
///
/// What the kernel counts down for a lease stands still with the machine, so the time between two
/// looks is not enough to know.
struct StandstillWatch: Sendable {
    /// How the machine is known to have stood still, and for how long.
    enum Standstill: Equatable, Sendable {
        /// It was suspended: CLOCK_BOOTTIME counted on, CLOCK_MONOTONIC did not.
        case suspended(Interval)
        /// Its wall clock was set forward. A virtual machine that was stopped finds all its clocks
        /// where they stood, until its host's tools or NTP do that; an operator may do it too.
        case wallClockSet(forward: Interval)
    }

    /// Suspending takes longer; less is the clocks' own rounding.
    static let suspensionMin = Interval.milliseconds(10)
    /// A step that is smaller is NTP's business: a lease stands more.
    static let stepMin = Interval.milliseconds(200)
    /// Clocks that were not read together say nothing of one another.
    static let readingMax = Interval.milliseconds(1)

    private var last: ClockReading?

    /// What happened since the last reading; `nil`: nothing that could be seen.
    mutating func compare(_ reading: ClockReading) -> Standstill? {
        guard reading.spread <= Self.readingMax else { return nil }
        let former = last ?? reading
        last = reading
        let asleep = reading.asleep - former.asleep
        let ahead = reading.ahead - former.ahead
        if asleep >= Self.suspensionMin { return .suspended(asleep) }
        if ahead >= Self.stepMin { return .wallClockSet(forward: ahead) }
        return nil
    }
}

extension LogLine {
    init(_ standstill: StandstillWatch.Standstill) {
        let what =
            switch standstill {
            case .suspended(let length):
                "This machine was suspended for \(length.milliseconds) ms."
            case .wallClockSet(let step):
                "The wall clock was set forward by \(step.milliseconds) ms: if this is a virtual"
                    + " machine it may have stood still."
            }
        self.init(
            .warning, what + " A write address that is held here is confirmed by the voters anew.")
    }
}
