internal import MonotonicTime

/// One server's part in the choice.
struct Candidate: Equatable, Sendable {
    /// What its report makes of it.
    enum Standing: Equatable, Sendable {
        /// Serves since then.
        case fit(since: Instant)
        /// Up, and not to be balanced to.
        case resting
        case down
    }

    /// A server that all reads may go to, once it has served long enough.
    static let weightMax = 256
    /// Of one that has just begun.
    static let weightMin = 16

    var report: ServerReport
    var standing = Standing.resting
    /// Its share of the reads against the others'; 0 for none.
    var weight = 0

    init(report: ServerReport) {
        self.report = report
    }

    /// Weighs the newest report. One that was fit remains so up to the limits, another must be well
    /// within them.
    mutating func judge(by policy: SelectionPolicy, at now: Instant) {
        let wasFit =
            switch standing {
            case .fit: true
            case .resting, .down: false
            }
        let percent = wasFit ? 100 : policy.readmissionPercent
        switch report.condition {
        case .unreachable:
            standing = .down
        case .loading, .syncing:
            standing = .resting
        case .serving(let lag):
            let isNear =
                lag.age.nanoseconds <= Self.part(percent, of: policy.lagAgeMax.nanoseconds)
                && Int64(lag.byteCount)
                    <= Self.part(percent, of: Int64(policy.lagByteCountMax))
            admit(report.role == .primary || isNear, wasFit, now)
        case .detached(let interval):
            // It is not readmitted without a link: nobody knows how old its data is.
            admit(wasFit && interval <= policy.detachedMax, wasFit, now)
        }
    }

    private mutating func admit(_ isFit: Bool, _ wasFit: Bool, _ now: Instant) {
        if !isFit {
            standing = .resting
        } else if !wasFit {
            standing = .fit(since: now)
        }
    }

    private static func part(_ percent: Int, of whole: Int64) -> Int64 {
        whole / 100 * Int64(percent)
    }

    /// The share of one that serves, by how long it has.
    func share(by policy: SelectionPolicy, at now: Instant) -> Int {
        guard case .fit(let since) = standing, policy.slowStart > .zero else {
            return Self.weightMax
        }
        let served = (now - since).nanoseconds
        guard served < policy.slowStart.nanoseconds else { return Self.weightMax }
        let steps = Int64(Self.weightMax - Self.weightMin)
        let permille = max(0, served) / max(1, policy.slowStart.nanoseconds / 1000)
        return Self.weightMin + Int(steps * permille / 1000)
    }

    /// Which of two that are not fit is the lesser evil; lower is better.
    var unfitness: Int64 {
        switch report.condition {
        case .serving(let lag): lag.age.nanoseconds
        case .detached(let interval): 1 << 60 | min(interval.nanoseconds, 1 << 59)
        case .syncing: 1 << 61
        case .loading: 1 << 61 | 1
        case .unreachable: 1 << 62
        }
    }
}
