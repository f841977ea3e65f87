import MonotonicTime

/// Where the present holder's host stands in handing the write address over while all is well.
///
///     pausing ──writes stand still──▶ draining ──the other has all──▶ given ──▶ over
///        └──────────────── too slow, or refused ─┘
///                           writes go on
struct Surrender: Equatable, Sendable {
    enum Stage: Equatable, Sendable {
        /// The server was told to pause writes, and to report behind that. Can transition to
        /// `draining`.
        case pausing(isPaused: Bool)
        /// No write runs: the stream ends at `offset`. Can transition to `given`.
        case draining(offset: UInt64)
        /// The address falls silent and the lease is released; only an election that fails brings
        /// it back.
        case given
    }

    let epoch: Epoch
    let startedAt: Instant
    var stage: Stage = .pausing(isPaused: false)

    var isGiven: Bool { stage == .given }
}
