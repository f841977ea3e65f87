import Laboratory
import MonotonicTime

/// All runs of one attack.
struct Tally {
    let attack: Attack
    let reports: [AttackReport]

    var twoHolders: Interval { reports.reduce(.zero) { $0 + $1.twoHolders } }
    var unreportedCount: Int { reports.reduce(0) { $0 + $1.unreported.count } }
    var strandedCount: Int { reports.count { !$0.cameBack } }
    private var forfeitedCount: Int { reports.reduce(0) { $0 + $1.forfeited.count } }
    private var lostCount: Int { reports.reduce(0) { $0 + $1.lost.count } }
    private var pauses: [Interval] { reports.map(\.unavailable).sorted() }
    private var silences: [Interval] { reports.compactMap(\.silence).sorted() }
    var longestPause: Interval? { pauses.last }

    static let header = row([
        "attack", "runs", "two holders", "lost", "forfeited", "unexplained", "no writes", "longest",
        "silent",
        "longest", "stranded",
    ])

    var row: String {
        Self.row([
            attack.sentence, "\(reports.count)", "\(AttackReport.milliseconds(twoHolders))",
            "\(lostCount)", "\(forfeitedCount)", "\(unreportedCount)", Self.middle(pauses),
            Self.text(pauses.last),
            Self.middle(silences), Self.text(silences.last), "\(strandedCount)",
        ])
    }

    private static func middle(_ sorted: [Interval]) -> String {
        text(sorted.isEmpty ? nil : sorted[sorted.count / 2])
    }

    private static func text(_ interval: Interval?) -> String {
        interval.map { "\($0.milliseconds)" } ?? "-"
    }

    private static let widths = [74, 4, 11, 5, 9, 11, 9, 7, 6, 7, 8]

    private static func row(_ cells: [String]) -> String {
        zip(cells, widths).enumerated().map { index, cell in
            let (text, width) = cell
            let blanks = String(repeating: " ", count: max(0, width - text.count))
            return index == 0 ? text + blanks : blanks + text
        }.joined(separator: "  ")
    }
}
