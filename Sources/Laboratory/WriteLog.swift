public import MonotonicTime

/// What a ``Writer`` has tried, and how it went.
///
/// Moments are those of ``Laboratory/now``, so that a fault's moment can be compared with them.
public struct WriteLog: Equatable, Sendable {
    /// How one write ended.
    public enum Outcome: Equatable, Sendable {
        /// The server said OK.
        case acknowledged
        /// The server answered with an error, for example READONLY.
        case refused(String)
        /// The connection could not be made or did not last; the write may have happened.
        case failed(ConnectionFailure)
    }

    /// One write; the connecting before it, if any, is part of it.
    public struct Attempt: Equatable, Sendable {
        /// From 1, each number once.
        public let number: Int
        /// When the writer began to try.
        public let begin: Instant
        /// When it knew the outcome.
        public let end: Instant
        /// How it ended.
        public let outcome: Outcome

        /// One write as it went.
        public init(number: Int, begin: Instant, end: Instant, outcome: Outcome) {
            self.number = number
            self.begin = begin
            self.end = end
            self.outcome = outcome
        }
    }

    /// In the order in which they were made.
    public internal(set) var attempts: [Attempt]

    /// A log of these attempts, oldest first.
    public init(attempts: [Attempt] = []) {
        self.attempts = attempts
    }

    /// The attempts that the server acknowledged, oldest first.
    public var acknowledged: [Attempt] {
        attempts.filter { $0.outcome == .acknowledged }
    }

    /// A time without acknowledged writes.
    public struct Gap: Equatable, Sendable {
        /// The end of the last acknowledged write before it.
        public let begin: Instant
        /// The end of the first acknowledged write after it.
        public let end: Instant

        /// How long nobody could write.
        public var length: Interval { end - begin }
    }

    /// From the last acknowledgement at or before `moment` to the first one after it; `nil` when
    /// either is missing.
    ///
    /// A write that was on its way at `moment` and was still acknowledged ends this gap at once:
    /// for what a fault has cost use ``longestGap(since:)``.
    public func gap(around moment: Instant) -> Gap? {
        let ends = acknowledged.map(\.end)
        guard let before = ends.last(where: { $0 <= moment }),
            let after = ends.first(where: { $0 > moment })
        else { return nil }
        return Gap(begin: before, end: after)
    }

    /// The longest time between neighbouring acknowledgements, beginning with the last one at or
    /// before `moment`; `nil` when fewer than two are left. Time after the last acknowledgement
    /// does not count: writes must have come back.
    public func longestGap(since moment: Instant) -> Gap? {
        let ends = acknowledged.map(\.end)
        let first = ends.lastIndex { $0 <= moment } ?? 0
        return zip(ends.dropFirst(first), ends.dropFirst(first + 1))
            .map { Gap(begin: $0, end: $1) }
            .max { $0.length < $1.length }
    }

    /// The attempt that took longest: with no socket timeout, how long a caller would have hung.
    public var slowest: Attempt? {
        attempts.max { $0.end - $0.begin < $1.end - $1.begin }
    }
}
