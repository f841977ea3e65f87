import Testing

@testable import SentinelCore

@Suite("Complaints")
struct ComplaintsTests {
    @Test("each is new once")
    func once() {
        var complaints = Complaints()
        #expect(complaints.isNew("garbage"))
        #expect(complaints.isNew("stranger"))
        #expect(!complaints.isNew("garbage"))
    }

    @Test("a flood of different ones costs no memory")
    func flood() {
        var complaints = Complaints()
        for number in 0...Complaints.countMax { #expect(complaints.isNew("\(number)")) }
        #expect(!complaints.isNew("\(Complaints.countMax)"))
        #expect(complaints.isNew("0"))
    }
}
