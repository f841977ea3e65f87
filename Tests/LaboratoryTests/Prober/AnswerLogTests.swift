import MonotonicTime
import Testing

@testable import Laboratory

@Suite("The arithmetic of who answered when")
struct AnswerLogTests {
    private func moment(_ milliseconds: Double) -> Instant {
        Instant(nanoseconds: Int64(milliseconds * 1e6))
    }

    /// Answers of each host to probes of these milliseconds, each a tenth of one later, in the
    /// order in which they come.
    private func log(_ probes: [(host: String, sent: [Double])]) -> AnswerLog {
        let answers = probes.flatMap { host, sent in
            sent.map { answer(host, $0, $0 + 0.1) }
        }
        return AnswerLog(answers: answers.sorted { $0.received < $1.received })
    }

    private func answer(_ host: String, _ sent: Double, _ received: Double) -> AnswerLog.Answer {
        AnswerLog.Answer(
            host: host, kind: .arpReply, sent: moment(sent), received: moment(received))
    }

    private func every10(_ range: ClosedRange<Int>) -> [Double] {
        stride(from: range.lowerBound, through: range.upperBound, by: 10).map(Double.init)
    }

    @Test("one host after another are two holders at no moment")
    func handOver() {
        let log = log([("a", every10(0...500)), ("b", every10(502...900))])
        #expect(log.overlaps.isEmpty)
        #expect(log.twoHolders == .zero)
    }

    @Test("two hosts that answer in turns hold the address both, for as long as both answer")
    func interleaved() throws {
        let log = log([("a", every10(0...500)), ("b", every10(405...900))])
        let overlap = try #require(log.overlaps.first)
        #expect(overlap.hosts == ["a", "b"])
        #expect(overlap.begin == moment(405))
        #expect(overlap.end == moment(500.1))
        #expect(log.twoHolders == .microseconds(95_100))
    }

    @Test("a single answer between two answers of another host is enough")
    func single() {
        let log = log([("a", every10(0...500)), ("b", [205])])
        #expect(log.overlaps.count == 1)
        #expect(log.twoHolders > .zero)
        #expect(log.twoHolders < .milliseconds(1))
    }

    @Test("a host that was silent for long may have let go and taken the address again")
    func thereAndBack() {
        let log = log([
            ("a", every10(0...300) + every10(700...900)), ("b", every10(310...690)),
        ])
        #expect(log.twoHolders == .zero)
    }

    @Test("a host that misses a few answers has not let go")
    func missed() {
        let log = log([("a", every10(0...300) + every10(360...900)), ("b", [330])])
        #expect(log.twoHolders > .zero)
    }

    @Test("an answer that took long proves nothing of the time in between")
    func late() {
        let answers = [
            answer("a", 0, 0.1), answer("a", 10, 10.1), answer("a", 20, 20.1),
            // Sent while A still held it, answered when A no longer did.
            answer("b", 5, 60),
        ]
        #expect(AnswerLog(answers: answers).twoHolders == .zero)
    }

    @Test("what three hosts hold at once is not counted three times")
    func three() {
        let log = log([
            ("a", every10(0...500)), ("b", every10(103...500)), ("c", every10(206...500)),
        ])
        #expect(log.overlaps.count == 3)
        #expect(log.twoHolders > .milliseconds(380))
        #expect(log.twoHolders < .milliseconds(400))
    }

    @Test("first and last answers are found, and what came before a moment is left out")
    func moments() {
        let log = log([("a", every10(0...100)), ("b", every10(205...300))])
        #expect(log.first(of: "b", since: moment(0))?.sent == moment(205))
        #expect(log.last(of: "a", since: moment(0))?.sent == moment(100))
        #expect(log.last(of: "a", since: moment(150)) == nil)
        #expect(log.since(moment(150)).answers.allSatisfy { $0.host == "b" })
    }
}
