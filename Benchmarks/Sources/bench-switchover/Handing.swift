import Laboratory
import MonotonicTime

/// What one planned move has cost a client.
struct Handing {
    /// From the last acknowledged write to the next.
    var gap: Interval
    /// Writes that were not acknowledged: refused, or broken off by a reset.
    var errorCount: Int
    /// Acknowledged writes that the final primary lacks.
    var lostCount: Int
    /// Writes that failed for the client and yet stand in the final primary.
    var ghostCount: Int
}

/// All moves of one way.
struct Summary {
    let title: String
    let handings: [Handing]

    var gaps: [Interval] { handings.map(\.gap).sorted() }
    var lostCount: Int { handings.reduce(0) { $0 + $1.lostCount } }
    var ghostCount: Int { handings.reduce(0) { $0 + $1.ghostCount } }
    /// Beyond the one reset that a move costs.
    var errorCount: Int { handings.reduce(0) { $0 + max(0, $1.errorCount - 1) } }
    var median: Interval? {
        let sorted = gaps
        guard !sorted.isEmpty else { return nil }
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }

    static let header =
        "way                                runs  gap median   worst  errors  lost  ghosts"

    var row: String {
        let cells: [(String, Int)] = [
            ("\(handings.count)", 6), (Self.text(median), 12), (Self.text(gaps.last), 8),
            ("\(errorCount)", 8), ("\(lostCount)", 6), ("\(ghostCount)", 8),
        ]
        let name = title + String(repeating: " ", count: max(0, 33 - title.count))
        return cells.reduce(name) { row, cell in
            row + String(repeating: " ", count: max(0, cell.1 - cell.0.count)) + cell.0
        }
    }

    /// Milliseconds, `-` where nothing was measured.
    static func text(_ interval: Interval?) -> String {
        interval.map { "\($0.milliseconds)" } ?? "-"
    }
}

/// Why a move has no figures.
struct HandingFailure: Error, CustomStringConvertible {
    var description: String
}
