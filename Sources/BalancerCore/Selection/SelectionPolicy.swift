public import MonotonicTime

/// Which servers share the reads of a listener.
public struct SelectionPolicy: Equatable, Sendable {
    /// Whether a primary is one of them.
    public enum PrimaryUse: Equatable, Sendable {
        /// Only while too few replicas are fit.
        case fallback
        /// Like a replica without lag.
        case member
    }

    public var primary = PrimaryUse.fallback

    /// A replica whose data is older rests. Default 10 s: far beyond what a replica in order is
    /// behind, and beyond the second or so by which the age is known.
    public var lagAgeMax = Interval.seconds(10)

    /// A replica that is further behind rests. Default 64 MiB: about a second of a busy primary's
    /// stream on a gigabit network.
    public var lagByteCountMax = 64 << 20

    /// A replica without a link to its primary serves no longer than this. Default 60 s: longer
    /// than any failover, in which all are without.
    public var detachedMax = Interval.seconds(60)

    /// One that rests is fit again below this share of a limit, in percent, so that one at the
    /// limit does not come and go. Default 50.
    public var readmissionPercent = 50

    /// With fewer fit servers, the best of the others serve as well. Default 1.
    public var servingCountMin = 1

    /// A server that begins to serve gets its full share only after this long, since its caches
    /// are cold. Default 10 s.
    public var slowStart = Interval.seconds(10)

    public init() {}
}
