import MonotonicTime
import Testing

@testable import Laboratory

@Suite("What an attack has cost")
struct AttackReportTests {
    private func moment(_ milliseconds: Int) -> Instant {
        Instant(nanoseconds: 0) + .milliseconds(milliseconds)
    }

    /// A report of a holder that was hurt at 10 s, with lost writes that were acknowledged then.
    private func report(
        _ attack: Attack = .cutWithClients, lost ends: [Int]
    ) -> AttackReport {
        var report = AttackReport(
            attack: attack, answers: AnswerLog(), moments: [moment(10_000)])
        report.lost = ends.enumerated().map { index, end in
            WriteLog.Attempt(
                number: index, begin: moment(end - 1), end: moment(end), outcome: .acknowledged)
        }
        return report
    }

    @Test("what a holder that is cut off acknowledges while its lease goes on is explained")
    func explained() {
        #expect(report(lost: [9_950, 10_000, 10_600, 11_280]).unreported.isEmpty)
    }

    @Test("what was acknowledged later, or long before, is not")
    func unexplained() {
        let report = report(lost: [9_000, 10_010, 11_290, 13_000])
        #expect(report.unreported.map(\.number) == [0, 2, 3])
    }

    @Test("a holder in reach that goes on to acknowledge what is lost forfeits it")
    func forfeited() {
        let ends = [9_950, 10_050, 10_600]
        #expect(report(lost: ends).forfeited.isEmpty)
        #expect(report(.stopNode, lost: ends).forfeited.map(\.number) == [2])
    }

    @Test("an overlap is never rounded to nothing")
    func rounding() {
        #expect(AttackReport.milliseconds(.zero) == 0)
        #expect(AttackReport.milliseconds(.microseconds(1)) == 1)
        #expect(AttackReport.milliseconds(.milliseconds(7)) == 7)
    }
}
