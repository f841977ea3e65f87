import LeaseCore
import MonotonicTime
import Testing

@Suite("The figures of a lease")
struct LeaseTermsTests {
    @Test("D is at most (1 - r) (L / (1 + r) - e), and that by default")
    func useMax() {
        let terms = LeaseTerms(promise: .milliseconds(2200))
        #expect(terms.use == .milliseconds(1755))
        #expect(terms.objection == nil)
        #expect(LeaseTerms().promise <= .seconds(2))
        #expect(LeaseTerms().objection == nil)
    }

    @Test("a longer D is refused with the figures")
    func tooLong() throws {
        let terms = LeaseTerms(
            promise: .milliseconds(2200), use: .milliseconds(1756))
        let objection = try #require(terms.objection)
        for figure in ["1755 ms", "L = 2200 ms", "r = 10 %", "e = 50 ms", "D = 1756 ms"] {
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
    func lifetimeAlone() throws {
        let objection = try #require(LeaseTerms(enforcement: .addressLifetime).objection)
        for figure in ["L = 1500 ms", "e = 1500 ms", "at least 2100 ms", "at least 4217 ms"] {
            #expect(objection.contains(figure))
        }
        let least = LeaseTerms(promise: .milliseconds(4217), enforcement: .addressLifetime)
        #expect(least.objection == nil)
        #expect(
            LeaseTerms(promise: .milliseconds(4215), enforcement: .addressLifetime).objection
                != nil)
        let usual = LeaseTerms(promise: .milliseconds(4500), enforcement: .addressLifetime)
        #expect(usual.use > .milliseconds(2331) && usual.use < .milliseconds(2332))
        // Two whole seconds outlast three renewals.
        #expect(usual.renewPeriod * 3 < .seconds(2))
    }

    @Test("voters that agree on an L too short for a host's kernel leave it no time, and no haste")
    func agreedTooShort() {
        let terms = LeaseTerms(promise: .milliseconds(4500), enforcement: .addressLifetime)
            .agreed(promise: .milliseconds(1500))
        #expect(terms.use == .zero)
        #expect(terms.objection != nil)
        #expect(terms.renewPeriod == .milliseconds(100))
    }

    @Test("in true time the last packet leaves before the first promise ends, at any clock rate")
    func exclusive() {
        for enforcement in LeaseEnforcement.allCases {
            for promise in [600, 1500, 2000, 4217, 4500, 9999] {
                let terms = LeaseTerms(
                    promise: .milliseconds(promise), enforcement: enforcement)
                guard terms.objection == nil else { continue }
                // The holder's clock is as slow as it may be, the voter's as fast.
                let off =
                    Double(terms.use.nanoseconds) / 0.9 + Double(terms.lateness.nanoseconds)
                #expect(off <= Double(terms.promise.nanoseconds) / 1.1)
            }
        }
    }
}
