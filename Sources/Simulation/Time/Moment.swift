import MonotonicTime

/// True time: nanoseconds since the world began. No host can read it; the checkers judge by it.
///
/// A type of its own, so that it is never taken for an ``Instant`` of some host's clock.
public struct Moment: Comparable, Hashable, Sendable {
    public var nanoseconds: Int64

    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The beginning of the world.
    static let zero = Moment(nanoseconds: 0)

    public static func < (left: Moment, right: Moment) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    static func + (left: Moment, right: Interval) -> Moment {
        Moment(nanoseconds: left.nanoseconds + right.nanoseconds)
    }

    static func - (left: Moment, right: Moment) -> Interval {
        Interval(nanoseconds: left.nanoseconds - right.nanoseconds)
    }
}

extension Moment: CustomStringConvertible {
    /// Seconds with microseconds, padded so that traces align.
    public var description: String {
        let microseconds = nanoseconds / 1_000
        let whole = String(microseconds / 1_000_000)
        let rest = String(microseconds % 1_000_000)
        return String(repeating: " ", count: max(0, 4 - whole.count)) + whole + "."
            + String(repeating: "0", count: 6 - rest.count) + rest
    }
}
