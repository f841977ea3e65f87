import MonotonicTime
import VRRPCore

/// What must hold on a segment whose members hear each other. Each rule has its bound:
///
/// - two are active for no longer than an interval and two delays, since each advertises within an
///   interval and the one that ranks lower gives way when it hears the other;
/// - nobody is active for no longer than five intervals and a delay, since the down interval is
///   less than four, and who handed over leaves the others one before it;
/// - once that has passed, and as long again for the best to preempt, nobody takes the addresses.
struct SegmentCheckers {
    enum Rule: String {
        case oneAtMost, oneAtLeast, noFlapping
    }

    struct Violation: CustomStringConvertible {
        let rule: Rule
        let after: Interval
        var description: String { "\(rule.rawValue) after \(after.milliseconds) ms" }
    }

    private(set) var violations: [Violation] = []
    /// The longest of each in a calm time, to see that the bounds are not idle.
    private(set) var longestOverlap = Interval.zero
    private(set) var longestVacancy = Interval.zero
    let overlapMax: Interval
    let vacancyMax: Interval
    private let settledAfter: Interval
    /// Since when all hear each other and nothing was done to anybody.
    private var calmSince: Instant
    private var isCalm = true
    private var overlapSince: Instant?
    private var vacantSince: Instant?

    init(_ settings: [VirtualRouterSettings], since now: Instant) {
        let interval = settings.map(\.interval).max() ?? .seconds(1)
        let preemptDelay = settings.map(\.preemptDelay).max() ?? .zero
        overlapMax = interval + Segment.delayMax * 2
        vacancyMax = interval * 5 + Segment.delayMax
        settledAfter = vacancyMax * 2 + preemptDelay + interval + overlapMax
        calmSince = now
    }

    /// Somebody came, went, or was told something: the time counts anew.
    mutating func disturbed(at now: Instant) {
        calmSince = now
        overlapSince = nil
        vacantSince = nil
    }

    mutating func taken(by host: Int, at now: Instant) {
        guard isCalm, now - calmSince > settledAfter else { return }
        violations.append(Violation(rule: .noFlapping, after: now - calmSince))
    }

    mutating func look(active: [Int], isAnybodyUp: Bool, isCalm: Bool, at now: Instant) {
        self.isCalm = isCalm
        if !isCalm { disturbed(at: now) }
        let overlap = lasts(active.count > 1, &overlapSince, at: now)
        if overlap > overlapMax { violations.append(Violation(rule: .oneAtMost, after: overlap)) }
        longestOverlap = max(longestOverlap, overlap)
        let vacancy = lasts(active.isEmpty && isAnybodyUp, &vacantSince, at: now)
        if vacancy > vacancyMax { violations.append(Violation(rule: .oneAtLeast, after: vacancy)) }
        longestVacancy = max(longestVacancy, vacancy)
    }

    /// How long something has lasted by now.
    private func lasts(_ holds: Bool, _ since: inout Instant?, at now: Instant) -> Interval {
        // What held until this moment is counted up to it.
        let length = since.map { now - $0 } ?? .zero
        since = holds ? since ?? now : nil
        return length
    }
}
