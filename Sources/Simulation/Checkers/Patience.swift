import MonotonicTime

/// Waits until something has been wrong for so long, undisturbed, that it counts.
struct Patience: Sendable {
    private var wrongSince: Moment?

    /// Whether patience has run out now.
    mutating func runsOut(
        isWrong: Bool, at now: Moment, disturbedAt: Moment, bound: Interval
    ) -> Bool {
        guard isWrong else {
            wrongSince = nil
            return false
        }
        let since = max(wrongSince ?? now, disturbedAt)
        wrongSince = since
        return now - since > bound
    }
}
