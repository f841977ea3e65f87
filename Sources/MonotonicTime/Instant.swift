/// A moment on one host's monotonic clock.
///
/// Moments of different hosts, or of one host before and after a boot, must never be compared:
/// no clock of Baton's is set by another's. Only the driver and the simulator make instants; every
/// core is told the time as an argument.
public struct Instant: Comparable, Hashable, Sendable {
    /// Nanoseconds since an arbitrary origin of this host.
    public var nanoseconds: Int64

    @inlinable
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    @inlinable
    public static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    @inlinable
    public static func + (left: Instant, right: Interval) -> Instant {
        Instant(nanoseconds: left.nanoseconds + right.nanoseconds)
    }

    @inlinable
    public static func - (left: Instant, right: Interval) -> Instant {
        Instant(nanoseconds: left.nanoseconds - right.nanoseconds)
    }

    @inlinable
    public static func - (left: Instant, right: Instant) -> Interval {
        Interval(nanoseconds: left.nanoseconds - right.nanoseconds)
    }
}
