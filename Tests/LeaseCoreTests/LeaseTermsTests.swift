import LeaseCore
import MonotonicTime
import Testing

@Suite("The figures of a lease")
struct LeaseTermsTests {
    @Test("D is at most (1 - r) (L / (1 + r) - e), and that by default")
    func useMax() {
        let terms = LeaseTerms(promise: .milliseconds(2200), lateness: .milliseconds(100))
        #expect(terms.use == .milliseconds(1710))
        #expect(terms.objection == nil)
        #expect(LeaseTerms().promise <= .seconds(2))
        #expect(LeaseTerms().objection == nil)
    }

    @Test("a longer D is refused with the figures")
    func tooLong() throws {
        let terms = LeaseTerms(
            promise: .milliseconds(2200), use: .milliseconds(1711), lateness: .milliseconds(100))
        let objection = try #require(terms.objection)
        for figure in ["1710 ms", "L = 2200 ms", "r = 10 %", "e = 100 ms", "D = 1711 ms"] {
            #expect(objection.contains(figure))
        }
    }

    @Test("an L that leaves no time for renewals is refused, and the least is named")
    func tooShort() throws {
        let objection = try #require(LeaseTerms(promise: .milliseconds(400)).objection)
        #expect(objection.contains("L must be at least 544 ms"))
        #expect(LeaseTerms(promise: .milliseconds(544)).objection == nil)
        #expect(LeaseTerms(promise: .milliseconds(543)).objection != nil)
    }

    @Test("an L that would keep writes waiting for long is refused")
    func muchTooLong() {
        #expect(LeaseTerms(promise: .seconds(10)).objection == nil)
        #expect(LeaseTerms(promise: .milliseconds(10_001)).objection != nil)
    }

    @Test("with the address's lifetime alone, the kernel's lateness costs a longer L")
    func lifetimeOnly() {
        let late = LeaseTerms.addressLifetimeLateness
        #expect(LeaseTerms(lateness: late).objection != nil)
        #expect(LeaseTerms(promise: .seconds(3), lateness: late).objection == nil)
    }

    @Test("in true time the last packet leaves before the first promise ends, at any clock rate")
    func exclusive() {
        for promise in [600, 1500, 2000, 9999] {
            let terms = LeaseTerms(promise: .milliseconds(promise))
            // The holder's clock is as slow as it may be, the voter's as fast.
            let off = Double(terms.use.nanoseconds) / 0.9 + Double(terms.lateness.nanoseconds)
            let free = Double(terms.promise.nanoseconds) / 1.1
            #expect(off <= free)
        }
    }
}
