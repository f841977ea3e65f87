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

    static let turn = Interval.seconds(1)

    /// A replica is here, in the history that the primary has.
    mutating func note(_ reach: Reach) {
        if latest?.history != reach.history {
            latest = reach
            settled = nil
            turnedAt = nil
        } else if let known = latest, known.offset < reach.offset {
            latest = reach
        }
    }

    /// The primary speaks: time goes on. Without it nothing settles, or what the best replica got
    /// in the primary's last moment would be demanded of the others.
    mutating func turn(at now: Instant) {
        if let turnedAt, now - turnedAt < Self.turn { return }
        settled = latest
        turnedAt = now
    }
}
