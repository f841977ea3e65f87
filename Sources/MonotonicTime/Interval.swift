/// A length of time, in whole nanoseconds.
///
/// The standard library's `Duration` counts attoseconds in 128 bits; the simulator adds intervals
/// tens of millions of times, so this is one machine word. Range: about ±292 years.
public struct Interval: Comparable, Hashable, Sendable {
    /// The length in nanoseconds; negative when it points into the past.
    public var nanoseconds: Int64

    @inlinable
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// No time at all.
    public static let zero = Interval(nanoseconds: 0)

    /// `count` whole microseconds; traps beyond the range.
    @inlinable
    public static func microseconds(_ count: Int) -> Interval {
        Interval(nanoseconds: Int64(count) * 1_000)
    }

    /// `count` whole milliseconds; traps beyond the range.
    @inlinable
    public static func milliseconds(_ count: Int) -> Interval {
        Interval(nanoseconds: Int64(count) * 1_000_000)
    }

    /// `count` whole seconds; traps beyond the range.
    @inlinable
    public static func seconds(_ count: Int) -> Interval {
        Interval(nanoseconds: Int64(count) * 1_000_000_000)
    }

    /// Whole milliseconds, rounded towards zero: what Sentinel's replies and logs count in.
    @inlinable
    public var milliseconds: Int {
        Int(nanoseconds / 1_000_000)
    }

    @inlinable
    public static func < (left: Interval, right: Interval) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    @inlinable
    public static func + (left: Interval, right: Interval) -> Interval {
        Interval(nanoseconds: left.nanoseconds + right.nanoseconds)
    }

    @inlinable
    public static func - (left: Interval, right: Interval) -> Interval {
        Interval(nanoseconds: left.nanoseconds - right.nanoseconds)
    }

    @inlinable
    public static func * (left: Interval, right: Int) -> Interval {
        Interval(nanoseconds: left.nanoseconds * Int64(right))
    }

    @inlinable
    public static func / (left: Interval, right: Int) -> Interval {
        Interval(nanoseconds: left.nanoseconds / Int64(right))
    }
}
