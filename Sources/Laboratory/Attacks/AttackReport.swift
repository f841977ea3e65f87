public import MonotonicTime

/// What one attack has cost.
public struct AttackReport: Equatable, Sendable {
    /// What was done.
    public let attack: Attack
    /// Who answered for the address.
    public let answers: AnswerLog
    /// When something was hurt.
    public let moments: [Instant]
    /// Writes that were acknowledged to either client.
    public internal(set) var acknowledgedCount = 0
    /// Those of them that the final primary lacks.
    public internal(set) var lost: [WriteLog.Attempt] = []
    /// Whether a client that reaches a majority wrote again before the attack was taken back.
    public internal(set) var cameBack = true
    /// The longest time without an acknowledged write, for that client.
    public internal(set) var unavailable = Interval.zero
    /// How long the first holder went on to answer, if another followed it.
    public internal(set) var silence: Interval?
    /// From the healing until all agreed again.
    public internal(set) var settling = Interval.zero

    init(attack: Attack, answers: AnswerLog, moments: [Instant]) {
        self.attack = attack
        self.answers = answers
        self.moments = moments
    }

    /// How long two hosts answered at once.
    public var twoHolders: Interval { answers.twoHolders }

    /// The lost writes that nothing explains: a write may be lost that was on its way at a blow, or
    /// that a holder acknowledged for as long as its lease went on after one.
    public var unreported: [WriteLog.Attempt] {
        lost.filter { write in
            !moments.contains { moment in
                write.end >= moment - Self.onTheWay
                    && write.end <= moment + LeaseFigures.use + Self.onTheWay
            }
        }
    }

    /// The lost writes that were on their way at no blow although no holder was cut off: with the
    /// old holder in reach, whatever it acknowledged could have been kept.
    public var forfeited: [WriteLog.Attempt] {
        guard !attack.isolatesHolder else { return [] }
        return lost.filter { write in
            !moments.contains { moment in
                write.end >= moment - Self.onTheWay && write.end <= moment + Self.onTheWay
            }
        }
    }

    /// How long a write may be under way: to the replicas, and back to a client whose thread is
    /// late.
    static let onTheWay = Interval.milliseconds(100)

    /// All of it on one line.
    public var line: String {
        var words = [
            "two holders \(Self.milliseconds(twoHolders)) ms",
            "lost \(lost.count) of \(acknowledgedCount) (unexplained \(unreported.count))",
            "no writes for \(unavailable.milliseconds) ms",
        ]
        if !forfeited.isEmpty { words.append("FORFEITED \(forfeited.count)") }
        if !cameBack { words.append("THEY DID NOT COME BACK") }
        if let silence { words.append("first holder silent after \(silence.milliseconds) ms") }
        words.append("settled \(settling.milliseconds) ms after the healing")
        words.append("prober blind for at most \(answers.longestBlindness.milliseconds) ms")
        return words.joined(separator: ", ")
    }

    /// Rounded up: a proven overlap is never 0 ms.
    public static func milliseconds(_ interval: Interval) -> Int {
        Int((interval.nanoseconds + 999_999) / 1_000_000)
    }
}
