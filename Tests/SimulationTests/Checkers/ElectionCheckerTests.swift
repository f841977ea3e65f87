import SentinelCore
import Testing

@testable import Simulation

@Suite("The election checker")
struct ElectionCheckerTests {
    private let one = RunID(high: 0, middle: 0, low: 1)
    private let two = RunID(high: 0, middle: 0, low: 2)

    private func promises(_ votes: [(voter: Int, for: RunID, epoch: Epoch)])
        -> [Violation.Promise]
    {
        var checker = ElectionChecker()
        var verdicts = Verdicts()
        for vote in votes {
            checker.note(
                voter: vote.voter, for: vote.for, in: vote.epoch, group: 0, majority: 2,
                verdicts: &verdicts)
        }
        return verdicts.violations.map(\.promise)
    }

    @Test("lets every voter vote once an epoch, and say so again")
    func fair() {
        #expect(promises([(0, one, 1), (1, one, 1), (1, one, 1), (1, two, 2), (2, two, 2)]) == [])
    }

    @Test("sees a second vote in the same epoch")
    func twice() {
        #expect(promises([(0, one, 1), (0, two, 1)]) == [.oneVote])
    }

    @Test("sees a second leader of the same epoch")
    func leaders() {
        #expect(
            promises([(0, one, 1), (1, one, 1), (2, two, 1), (1, two, 1)])
                == [.oneVote, .oneLeader])
    }
}
