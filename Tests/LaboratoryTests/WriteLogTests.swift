import MonotonicTime
import Testing

@testable import Laboratory

@Suite("The arithmetic of a writer's log")
struct WriteLogTests {
    /// Attempts of 1 ms, given by the millisecond in which each ends.
    private func log(_ ends: [(Int, WriteLog.Outcome)]) -> WriteLog {
        WriteLog(
            attempts: ends.enumerated().map { index, entry in
                WriteLog.Attempt(
                    number: index + 1, begin: moment(entry.0 - 1), end: moment(entry.0),
                    outcome: entry.1)
            })
    }

    private func moment(_ milliseconds: Int) -> Instant {
        Instant(nanoseconds: 0) + .milliseconds(milliseconds)
    }

    @Test("a gap goes from the last acknowledged write before a fault to the first after it")
    func gapAroundFault() {
        let log = log([
            (5, .acknowledged), (10, .acknowledged), (15, .failed(.closed)),
            (20, .failed(.refused)), (120, .refused("READONLY")), (130, .acknowledged),
            (135, .acknowledged),
        ])
        let gap = WriteLog.Gap(begin: moment(10), end: moment(130))
        #expect(log.gap(around: moment(12)) == gap)
        #expect(log.gap(around: moment(10)) == gap)
        #expect(gap.length == .milliseconds(120))
    }

    @Test("without writes on both sides there is no gap to tell")
    func oneSided() {
        let log = log([(5, .acknowledged), (10, .failed(.timedOut))])
        #expect(log.gap(around: moment(7)) == nil)
        #expect(log.gap(around: moment(2)) == nil)
        #expect(log.longestGap(since: moment(2)) == nil)
    }

    @Test("the longest gap is found although writes still succeed just after the fault")
    func longestGap() {
        let log = log([
            (5, .acknowledged), (10, .acknowledged), (15, .acknowledged), (20, .failed(.timedOut)),
            (215, .acknowledged), (220, .acknowledged),
        ])
        #expect(log.gap(around: moment(11))?.length == .milliseconds(5))
        #expect(log.longestGap(since: moment(11))?.length == .milliseconds(200))
    }

    @Test("a gap that was over before the moment does not count")
    func earlierGap() {
        let log = log([
            (5, .acknowledged), (500, .acknowledged), (505, .acknowledged), (530, .acknowledged),
        ])
        #expect(log.longestGap(since: moment(501))?.length == .milliseconds(25))
    }

    @Test("the slowest attempt is the longest wait of a caller, whatever came of it")
    func slowest() {
        var log = log([(5, .acknowledged), (10, .failed(.closed))])
        log.attempts.append(
            WriteLog.Attempt(
                number: 3, begin: moment(10), end: moment(90), outcome: .failed(.timedOut)))
        #expect(log.slowest?.number == 3)
        #expect(WriteLog().slowest == nil)
    }
}
