import Testing

@testable import SentinelCore

@Suite("Complaints")
struct ComplaintsTests {
    @Test("each is new once")
    func once() {
        var complaints = Complaints()
        let answers = ["garbage", "stranger", "garbage"].map { complaints.isNew($0) }
        #expect(answers == [true, true, false])
    }

    @Test("a flood of different ones costs no memory")
    func flood() {
        var complaints = Complaints()
        let floods = (0...Complaints.countMax).map { complaints.isNew("\($0)") }
        #expect(floods.allSatisfy { $0 })
        let newest = complaints.isNew("\(Complaints.countMax)")
        #expect(!newest)
        // The first was forgotten for the last.
        let oldest = complaints.isNew("0")
        #expect(oldest)
    }
}
