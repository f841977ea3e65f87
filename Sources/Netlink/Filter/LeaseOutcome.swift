public import MonotonicTime

/// What became of a lease that the kernel was to enforce until a deadline.
public enum LeaseOutcome: Equatable, Sendable {
    /// The kernel enforces it: for so long from the last commit on. `delay` is the longest time
    /// that a commit took.
    case held(for: Interval, delay: Interval)
    /// One lives already, and was left as it is: renew it, or close it first.
    case alreadyOpen
    /// It had expired, or was closed: nothing was added. To open it again is a new decision.
    case lapsed
    /// Baton's tables are gone, and the lease with them: somebody flushed the ruleset. Nothing
    /// guards the address until it is opened or closed; both put the tables right.
    case dismantled
    /// The deadline had passed before anything was done, or as good as: nothing was changed.
    case overdue
    /// A commit came so late that the kernel would have let the address be used beyond the
    /// deadline: the lease was removed again.
    case withdrawn(delay: Interval)
}
