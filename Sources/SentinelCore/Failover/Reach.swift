import MonotonicTime

/// How far some replica of a group has come in a history.
///
/// A voter says it with its vote. Whoever heard the lost primary last is among any majority, so the
/// leader learns which history was its own, and where losses are bounded that a replica is far
/// behind one that went with the primary.
public struct Reach: Equatable, Sendable {
    /// `master_replid`.
    public var history: RunID
    /// Bytes of that history.
    public var offset: UInt64

    public init(history: RunID, offset: UInt64) {
        self.history = history
        self.offset = offset
    }
}

/// What a voter knows, with its vote, of what a successor must have.
public enum Witness: Equatable, Sendable {
    /// It has heard of no replica.
    case nothing
    /// Some replica has come so far, in the primary's history or in the last that was followed.
    case reach(Reach)
    /// Losses are bounded, and it renewed the lease of a primary that it had not heard lately: how
    /// far replicas have come it can't say.
    case blind
}

/// What one node knows of the replicas' progress, a second late.
///
/// Of two replicas in order one is always a few bytes ahead. What is demanded of a successor is
/// what was known a while before, or the loss of the first would condemn the second.
struct ReachWatch: Equatable, Sendable {
    /// The farthest that any replica was heard to be.
    private var latest: Reach?
    /// The same a turn ago.
    private(set) var settled: Reach?
    private var turnedAt: Instant?
    /// How far replicas were in the last history before this one that any of them had.
    private var former: Reach?
    /// As of when the present primary was last heard.
    private(set) var heardAsOf: Instant?

    static let turn = Interval.seconds(1)

    /// A replica is here, in the history that the primary has.
    mutating func note(_ reach: Reach) {
        if latest?.history != reach.history {
            // One that nobody followed took nothing that a successor could lack.
            if let latest, latest.offset > 0 { former = settledOrBegun(latest) }
            latest = reach
            settled = nil
            turnedAt = nil
        } else if let known = latest, known.offset < reach.offset {
            latest = reach
        }
    }

    /// The primary spoke at `asOf` or later: time goes on. Without it nothing settles, or what the
    /// best replica got in the primary's last moment would be demanded of the others.
    mutating func turn(at now: Instant, asOf: Instant) {
        heardAsOf = asOf
        if let turnedAt, now - turnedAt < Self.turn { return }
        settled = latest
        turnedAt = now
    }

    /// Another server is the primary: what is known stands, but that one has not been heard.
    mutating func primaryChanged() { heardAsOf = nil }

    /// What a successor must have; `nil` when no replica was ever heard of.
    var demanded: Reach? {
        guard let latest else { return nil }
        return latest.offset == 0 ? former ?? latest : settledOrBegun(latest)
    }

    private func settledOrBegun(_ latest: Reach) -> Reach {
        settled ?? Reach(history: latest.history, offset: 0)
    }
}
