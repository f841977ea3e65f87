internal import MonotonicTime

/// Where a primary's replication stream stood, and when: what turns a replica's lag in bytes into
/// a time.
///
/// INFO tells when a replica was last heard, in whole seconds; not how old its data is. A replica
/// that stands at an offset is as old as the moment at which the primary passed it.
struct StreamMarks: Sendable {
    private struct Mark {
        var at: Instant
        var offset: UInt64
    }

    private var marks: [Mark] = []

    /// Longer ago than this is said as this.
    static let reach = Interval.seconds(120)
    /// One a report in hurry.
    static let countMax = 512

    /// The primary stood there. An offset that went back is another history's.
    mutating func note(_ offset: UInt64, at now: Instant) {
        if let last = marks.last, offset < last.offset { marks.removeAll(keepingCapacity: true) }
        // Where nothing was written meanwhile the newest moment counts.
        if marks.count >= 2, marks[marks.count - 1].offset == offset,
            marks[marks.count - 2].offset == offset
        {
            marks[marks.count - 1].at = now
        } else {
            marks.append(Mark(at: now, offset: offset))
        }
        let stale = marks.firstIndex { now - $0.at <= Self.reach } ?? marks.count
        let excess = max(stale - 1, marks.count - Self.countMax)
        if excess > 0 { marks.removeFirst(excess) }
    }

    /// How old the data of a replica is that stood at an offset when it was asked.
    func age(of offset: UInt64, askedAt: Instant) -> Interval? {
        guard let newest = marks.last, let oldest = marks.first else { return nil }
        guard offset < newest.offset else { return .zero }
        guard offset >= oldest.offset else { return max(askedAt - oldest.at, .zero) }
        // It stood there until the next mark at the latest.
        let reached = marks.last { $0.offset <= offset } ?? oldest
        return max(askedAt - reached.at, .zero)
    }

    /// What was acknowledged before then, a replica has that stands at an offset; `nil` where that
    /// is longer ago than any mark.
    func dataAsOf(_ offset: UInt64) -> Instant? {
        marks.last { $0.offset <= offset }?.at
    }

    mutating func forget() {
        marks.removeAll(keepingCapacity: true)
    }
}
