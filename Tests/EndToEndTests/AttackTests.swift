import Laboratory
import MonotonicTime
import Synchronization
import Testing

extension EndToEnd {
    /// Each attack once; `make chaos` repeats them in every order and at every moment.
    @Suite("Attacks on the real thing", .serialized, .timeLimit(.minutes(5)))
    struct AttackTests {
        @Test(
            "one host answers or none, and no write is lost without a reason",
            arguments: Attack.allCases)
        func attack(_ attack: Attack) throws {
            let report = try Arena.shared.run(attack)
            print("measured: \(attack.sentence): \(report.line)")
            #expect(report.twoHolders == .zero, "\(report.answers.overlaps)")
            #expect(report.unreported.isEmpty, "\(report.moments)")
            #expect(report.cameBack)
            #expect(!report.answers.answers.isEmpty, "the prober saw nobody")
            if attack.isAnswered { #expect(report.unavailable < Self.comebackLimit) }
            if attack.leavesLeaseToItself, let silence = report.silence {
                #expect(silence < LeaseFigures.use + LeaseFigures.lateness + Self.leeway)
            }
        }

        /// max(down-after, L) and what a vote for a leader that died may hold up the next election.
        private static let comebackLimit = LeaseFigures.promise + .seconds(7)
        /// Between the moment that was noted and the blow itself lies the start of a program.
        private static let leeway = Interval.milliseconds(100)
    }
}

/// One cluster for all attacks: each begins where the one before was healed. After a failure the
/// next attack finds a new one.
private final class Arena: Sendable {
    static let shared = Arena()
    private let current = Mutex<AttackScene?>(nil)

    func run(_ attack: Attack) throws -> AttackReport {
        try current.withLock { current in
            let scene = try current ?? AttackScene()
            current = scene
            do {
                return try AttackRun.run(attack, on: scene)
            } catch {
                current = nil
                scene.laboratory.close()
                throw error
            }
        }
    }
}
