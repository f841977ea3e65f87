import MonotonicTime
import Simulation
import Testing

@Suite("A broken rule is caught")
struct MutationTests {
    /// Each rule, the promise that it breaks, and within how many worlds that must be seen.
    static let cases: [(Mutation, Violation.Promise, UInt64)] = [
        (.votesTwice, .oneVote, 40),
        (.votesTwice, .oneLeader, 40),
        (.sendsBeforePersist, .durableFirst, 10),
        (.forgetsState, .durableFirst, 10),
        (.reusesEpoch, .oneConfiguration, 20),
        (.neverFailsOver, .served, 60),
        (.keepsAddress, .convergence, 20),
        (.keepsEverything, .soleHolder, 20),
        (.ignoresReturnedPrimary, .returnedPrimary, 20),
        (.deafNode, .convergence, 20),
    ]

    @Test("by the checker that guards it", arguments: cases)
    func caught(mutation: Mutation, promise: Violation.Promise, within limit: UInt64) throws {
        var options = Options()
        options.mutation = mutation
        options.healsAlways = true
        var found: Outcome?
        Simulator.run(seeds: 0..<limit, options: options) { outcome in
            if outcome.violations.contains(where: { $0.promise == promise }) { found = outcome }
            return found == nil
        }
        let outcome = try #require(found, "not seen in \(limit) worlds")
        let violation = try #require(outcome.violations.first { $0.promise == promise })
        #expect(violation.moment > Moment(nanoseconds: 0))
        #expect(violation.tracePosition > 0)
        #expect(outcome.text.contains("VIOLATION"))
        options.mutation = nil
        #expect(
            Simulator.run(seed: outcome.seed, options: options).violations.isEmpty,
            "the same world is well when the rule is kept")
    }

    @Test("for every promise there is a rule whose breach it catches")
    func everyPromise() {
        for promise in Violation.Promise.allCases {
            #expect(Self.cases.contains { $0.1 == promise })
        }
        for mutation in Mutation.allCases {
            #expect(Self.cases.contains { $0.0 == mutation })
        }
    }
}
