internal import Glibc
public import MonotonicTime

/// This host's monotonic clock, the only place where the driver reads the time that decides.
///
/// `CLOCK_BOOTTIME` counts on while the host is suspended: a lease or a silence that passed
/// meanwhile has passed.
public enum BootClock {
    /// Now.
    public static func now() -> Instant {
        var time = timespec()
        // Cannot fail: the clock exists since Linux 2.6.39 and the pointer is good.
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
