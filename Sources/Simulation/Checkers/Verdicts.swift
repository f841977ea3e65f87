/// The violations found so far: each promise's first one in each group.
struct Verdicts: Sendable {
    private(set) var violations: [Violation] = []
    private var said: [(promise: Violation.Promise, group: Int)] = []
    /// Kept up by the world, so that checkers need not be told.
    var now = Moment.zero
    var tracePosition = 0

    mutating func add(_ promise: Violation.Promise, group: Int, _ sentence: String) {
        for entry in said where entry.promise == promise && entry.group == group { return }
        said.append((promise, group))
        violations.append(
            Violation(
                promise: promise, moment: now,
                sentence: "\(Scenario.groupNames[group]): \(sentence)",
                tracePosition: tracePosition))
    }
}
