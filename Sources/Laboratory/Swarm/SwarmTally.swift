public import MonotonicTime

/// What a ``Swarm`` has been answered, all clients together.
public struct SwarmTally: Equatable, Sendable {
    /// A request that was answered with an error.
    public struct Failure: Equatable, Sendable {
        /// The error, as it came.
        public let text: String
        /// Whether it was a read.
        public let isRead: Bool
        public let sent: Instant
        public let answered: Instant

        /// The first word of the error.
        public var code: String { String(text.prefix { $0 != " " }) }
        /// The balancer's word that the command may have run.
        public var isUnsure: Bool { code == "BATON_UNSURE" }
    }

    /// A time in which no client was served.
    public struct Gap: Equatable, Sendable {
        public let begin: Instant
        public let end: Instant

        public var length: Interval { end - begin }
    }

    /// Requests that did what was asked.
    public internal(set) var acknowledged = 0
    /// Requests that were answered with an error, oldest first, the first `failuresMax` of them.
    public internal(set) var failures: [Failure] = []
    /// All that were answered with an error.
    public internal(set) var failureCount = 0
    /// Connections that ended although the client had not asked for it.
    public internal(set) var disconnections = 0
    /// Connections that could not be made.
    public internal(set) var refusals = 0
    /// Requests whose connection ended before the reply, or that had none when all was over.
    public internal(set) var unanswered = 0
    /// The longest that a reply was waited for.
    public internal(set) var longestWait = Interval.zero
    /// Reads that had not seen yet what the same client had written before.
    public internal(set) var staleReads = 0
    /// Replies that this client could not have been sent: another's, or of another kind.
    public internal(set) var foreignReplies: [String] = []
    /// Times of 20 ms and more in which no client was served.
    public internal(set) var gaps: [Gap] = []
    private var served: Instant?

    static let failuresMax = 10_000
    private static let gapLeast = Interval.milliseconds(20)

    /// The longest time without service that was over after `moment`.
    public func longestGap(since moment: Instant) -> Interval {
        gaps.filter { $0.end > moment }.map(\.length).max() ?? .zero
    }

    /// How often each error came, the most frequent first.
    public var failureCounts: [(code: String, count: Int)] {
        Dictionary(grouping: failures, by: \.code).map { ($0.key, $0.value.count) }
            .sorted { ($1.1, $0.0) < ($0.1, $1.0) }
    }

    /// `isPoint`: whether service is measured by requests of this kind.
    mutating func noteAcknowledged(sent: Instant, _ now: Instant, isPoint: Bool) {
        acknowledged += 1
        longestWait = max(longestWait, now - sent)
        guard isPoint else { return }
        if let served, now - served >= Self.gapLeast { gaps.append(Gap(begin: served, end: now)) }
        served = now
    }

    mutating func note(_ failure: Failure) {
        failureCount += 1
        longestWait = max(longestWait, failure.answered - failure.sent)
        if failures.count < Self.failuresMax { failures.append(failure) }
    }

    mutating func noteForeign(_ reply: String) {
        if foreignReplies.count < Self.failuresMax { foreignReplies.append(reply) }
    }
}
