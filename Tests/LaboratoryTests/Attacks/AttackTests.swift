import LeaseCore
import MonotonicTime
import Testing

@testable import Laboratory

@Suite("The attacks")
struct AttackTests {
    @Test("they know how long a lease goes on")
    func leaseFigures() {
        let terms = LeaseTerms()
        #expect(terms.promise == LeaseFigures.promise)
        #expect(terms.lateness == LeaseFigures.lateness)
        #expect(terms.use <= LeaseFigures.use)
        #expect(LeaseFigures.use - terms.use < .milliseconds(1))
    }

    @Test("each is a sentence of its own")
    func sentences() {
        #expect(Set(Attack.allCases.map(\.sentence)).count == Attack.allCases.count)
    }
}
