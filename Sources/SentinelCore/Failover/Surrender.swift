import Addressing
import MonotonicTime

/// Where the present holder's host stands in handing the write address over while all is well.
///
///     announced ──25 ms──▶ pausing ──writes stand still──▶ draining ──all there──▶ given
///         │                    └───────────────┬───────────────┘               over
///         └─ the server is gone               └─ too slow, or refused: writes go on
struct Surrender: Equatable, Sendable {
    enum Stage: Equatable, Sendable {
        /// Whoever sends writes for others was told to hold them. Nothing stands still yet. Can
        /// transition to `pausing`.
        case announced
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
    /// When it was announced; from `pausing` on, when the server was told to pause writes. The
    /// pause and all patience are counted from then.
    private(set) var startedAt: Instant
    var stage: Stage = .announced

    init(epoch: Epoch, announcedAt: Instant) {
        self.epoch = epoch
        startedAt = announcedAt
    }

    var isGiven: Bool { stage == .given }

    /// The server is told to pause writes now.
    mutating func pause(at now: Instant) {
        startedAt = now
        stage = .pausing(isPaused: false)
    }
}
