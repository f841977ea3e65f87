import Simulation

/// What many simulated worlds came to.
struct Tally: Equatable {
    private(set) var seedCount = 0
    private(set) var violationCount = 0
    private(set) var virtualSeconds = 0
    private(set) var faultCount = 0
    private(set) var failoverCount = 0
    /// Seeds with violations, ascending, whatever order they ended in.
    private(set) var failing: [UInt64] = []

    mutating func add(_ outcome: Outcome) {
        seedCount += 1
        violationCount += outcome.violations.count
        virtualSeconds += outcome.virtualSeconds
        faultCount += outcome.faults.count
        failoverCount += outcome.failovers
        guard !outcome.violations.isEmpty else { return }
        let place = failing.firstIndex { $0 > outcome.seed } ?? failing.endIndex
        failing.insert(outcome.seed, at: place)
    }

    /// The line that programs read: the last that a run prints.
    func result(after duration: Duration) -> String {
        let seconds =
            Double(duration.components.seconds)
            + Double(duration.components.attoseconds) / 1e18
        return "RESULT seeds=\(seedCount) violations=\(violationCount) "
            + "virtual_hours=\(Self.tenths(Double(virtualSeconds) / 3600)) faults=\(faultCount) "
            + "failovers=\(failoverCount) seconds=\(Self.tenths(seconds))"
    }

    private static func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
