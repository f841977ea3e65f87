internal import Glibc
internal import MonotonicTime

/// What the machine's clocks show at one moment.
struct ClockReading: Equatable, Sendable {
    /// CLOCK_BOOTTIME, right before the others were read.
    var boot: Instant
    var monotonic: Instant
    /// The wall clock, since 1970.
    var real: Instant
    /// How long it took to read them.
    var spread: Interval

    /// How long the machine was suspended since it was started.
    var asleep: Interval { boot - monotonic }

    /// Grows and shrinks only when the wall clock is set: who slews it slews all three.
    var ahead: Interval { real - boot }

    static func now() -> ClockReading {
        let boot = BootClock.now()
        let monotonic = read(CLOCK_MONOTONIC)
        let real = read(CLOCK_REALTIME)
        return ClockReading(
            boot: boot, monotonic: monotonic, real: real, spread: BootClock.now() - boot)
    }

    private static func read(_ clock: clockid_t) -> Instant {
        var time = timespec()
        // Cannot fail: these clocks always exist and the pointer is good.
        clock_gettime(clock, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
