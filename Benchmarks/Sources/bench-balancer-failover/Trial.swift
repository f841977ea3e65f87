import Laboratory
import MonotonicTime

/// What one fault has done to the clients of the balancers.
struct Trial {
    let fault: Fault
    /// When it was over: the process gone, the order given.
    let struck: Instant
    /// The clients of the `write`, the `auto` and the `read` listener.
    let write: SwarmTally
    let auto: SwarmTally
    let read: SwarmTally
    /// What the final primary holds of both that write.
    let audits: [SwarmAudit]
    /// The longest time in which no client could write, or read.
    let writePause: Interval
    let readPause: Interval

    /// Time for the news of a dead process to reach a balancer: what was sent meanwhile was under
    /// way too.
    private static let news = Interval.milliseconds(20)

    private var tallies: [SwarmTally] { [write, auto, read] }
    private func sum(_ figure: (SwarmTally) -> Int) -> Int { tallies.reduce(0) { $0 + figure($1) } }
    private func total(_ figure: (SwarmAudit) -> Int) -> Int {
        audits.reduce(0) { $0 + figure($1) }
    }

    var acknowledged: Int { sum(\.acknowledged) }
    var errorCount: Int { sum(\.failureCount) }
    var foreignCount: Int { sum(\.foreignReplies.count) }
    /// Those that a balancer must not have caused.
    var disconnections: Int { fault.keepsConnections ? sum(\.disconnections) : 0 }
    var executedTwice: Int { total(\.executedTwice) }
    var ranThoughRefused: Int { total(\.ranThoughRefused) }
    var lost: Int { total(\.lost) }

    /// Reads that failed, wherever they were asked; a client whose balancer was killed is not
    /// counted.
    var readErrors: Int {
        guard fault.keepsConnections else { return 0 }
        return read.failureCount + read.disconnections + auto.failures.count { $0.isRead }
    }

    /// Errors that the documentation does not permit here: anything but BATON_UNSURE, anything to
    /// a read, and anything to what was sent when the fault was over.
    var strayErrors: [SwarmTally.Failure] {
        tallies.flatMap(\.failures).filter { failure in
            let mayBeUnsure = fault == .primary || fault == .balancer
            return
                !(mayBeUnsure && failure.isUnsure && !failure.isRead
                && failure.sent <= struck + Self.news)
        }
    }

    /// Where something is not as the documentation says: what, and how often.
    var brokenPromises: [String] {
        let figures = [
            ("ran twice", executedTwice), ("ran though refused", ranThoughRefused),
            ("replies to somebody else", foreignCount), ("connections ended", disconnections),
            ("errors that may not be", strayErrors.count),
            ("lost although nothing died", fault == .primary ? 0 : lost),
            ("unanswered", fault.keepsConnections ? sum(\.unanswered) : 0),
        ]
        return figures.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
            + strayErrors.prefix(3).map { "  \($0.text)" }
            + audits.flatMap(\.remarks).prefix(lostIsPermitted ? 0 : 3).map { "  \($0)" }
            + tallies.flatMap(\.foreignReplies).prefix(3).map { "  \($0)" }
    }

    private var lostIsPermitted: Bool {
        fault == .primary && executedTwice + ranThoughRefused == 0
    }

    /// One line of progress.
    var line: String {
        let errors = tallies.flatMap(\.failures).reduce(into: [String: Int]()) {
            $0[$1.code, default: 0] += 1
        }
        let kinds = errors.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        let wait = max(write.longestWait, auto.longestWait)
        return "no writes for \(writePause.milliseconds) ms, no reads for"
            + " \(readPause.milliseconds) ms, longest wait \(wait.milliseconds) ms;"
            + " \(acknowledged) acknowledged, errors: "
            + (kinds.isEmpty ? "none" : kinds.joined(separator: ", "))
            + " (\(total(\.unsureThatRan)) unsure pushes ran), \(sum(\.disconnections))"
            + " disconnections, \(executedTwice) twice, \(lost) lost"
            + brokenPromises.map { "\n    BROKEN: \($0)" }.joined()
    }
}

/// Why a trial has no figures.
struct TrialFailure: Error, CustomStringConvertible {
    var description: String
}
