import MonotonicTime

/// All trials of one fault.
struct Summary {
    let fault: Fault
    let trials: [Trial]

    var pauses: [Interval] { trials.map(\.pause).sorted() }
    var pythonCalls: [Interval] { trials.map(\.pythonCall).sorted() }
    var lostCount: Int { trials.reduce(0) { $0 + $1.lostCount } }

    /// The middle one, or the mean of the two in the middle.
    static func median(_ sorted: [Interval]) -> Interval? {
        guard !sorted.isEmpty else { return nil }
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }

    static let header = row([
        "fault", "down-after", "runs", "median", "worst", "lost", "redis-py median", "worst",
    ])

    var row: String {
        Self.row([
            fault.title, "\(fault.downAfter.milliseconds)", "\(trials.count)",
            Self.text(Self.median(pauses)), Self.text(pauses.last), "\(lostCount)",
            Self.text(Self.median(pythonCalls)), Self.text(pythonCalls.last),
        ])
    }

    /// Milliseconds, `-` where nothing was measured.
    static func text(_ interval: Interval?) -> String {
        interval.map { "\($0.milliseconds)" } ?? "-"
    }

    private static let widths = [28, 10, 5, 7, 7, 6, 15, 7]

    private static func row(_ cells: [String]) -> String {
        zip(cells, widths).enumerated().map { index, cell in
            let (text, width) = cell
            let blanks = String(repeating: " ", count: max(0, width - text.count))
            return index == 0 ? text + blanks : blanks + text
        }.joined(separator: "  ")
    }
}
