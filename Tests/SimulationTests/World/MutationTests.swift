import MonotonicTime
import Simulation
import Testing

@Suite("A broken rule is caught")
struct MutationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var mutation: Mutation
        var promise: Violation.Promise
        /// The faults under which the breach shows.
        var faults: [FaultKind]
        /// The world in which it was last seen, so that the others need not be lived through; where
        /// it is no longer seen there, all are.
        var hint: UInt64
        /// Whether losses are bounded there; `nil` leaves it to the seed.
        var isBounded: Bool?
        /// Whether hosts lack the packet filter there.
        var lacksPacketFilter: Bool?

        init(
            mutation: Mutation, promise: Violation.Promise, faults: [FaultKind], hint: UInt64 = 0,
            isBounded: Bool? = nil, lacksPacketFilter: Bool? = nil
        ) {
            self.lacksPacketFilter = lacksPacketFilter
            self.mutation = mutation
            self.promise = promise
            self.faults = faults
            self.hint = hint
            self.isBounded = isBounded
        }

        init(
            mutation: Mutation, promise: Violation.Promise, fault: FaultKind,
            and other: FaultKind? = nil, hint: UInt64 = 0
        ) {
            self.mutation = mutation
            self.promise = promise
            faults = [fault, other].compactMap { $0 }
            self.hint = hint
        }

        var testDescription: String { "\(mutation.rawValue) by \(promise.rawValue)" }
    }

    static let cases = [
        Case(mutation: .votersAtOnce, promise: .oneVoterSet, fault: .changeVoters),
        Case(mutation: .votesTwice, promise: .oneVote, fault: .crashHost, hint: 45),
        Case(mutation: .votesTwice, promise: .oneLeader, fault: .crashHost, hint: 45),
        Case(mutation: .sendsBeforePersist, promise: .durableFirst, fault: .crashHost),
        Case(mutation: .forgetsState, promise: .durableFirst, fault: .crashHost),
        Case(mutation: .reusesEpoch, promise: .oneConfiguration, fault: .crashHost),
        Case(mutation: .neverFailsOver, promise: .served, fault: .crashHost),
        Case(mutation: .keepsAddress, promise: .soleHolder, fault: .orderFailover),
        Case(mutation: .keepsEverything, promise: .soleHolder, fault: .orderFailover),
        Case(mutation: .usesTooLong, promise: .soleHolder, fault: .isolateHost),
        Case(mutation: .grantsTwice, promise: .soleHolder, fault: .isolateHost),
        Case(mutation: .lateKernel, promise: .soleHolder, fault: .killNode),
        Case(
            mutation: .forgetsLateness, promise: .soleHolder, faults: [.killNode], hint: 4,
            lacksPacketFilter: true),
        Case(mutation: .deadKernel, promise: .soleHolder, fault: .killNode),
        Case(mutation: .wildClocks, promise: .soleHolder, fault: .isolateHost),
        Case(
            mutation: .neverPauses, promise: .losslessHandover, fault: .orderSwitchover, hint: 42),
        Case(mutation: .releasesAndStays, promise: .soleHolder, fault: .killServer),
        Case(
            mutation: .overhearsStranger, promise: .soleHolder, fault: .strangeHost,
            and: .orderFailover),
        Case(mutation: .oversleeps, promise: .soleHolder, fault: .stopMachine),
        Case(
            mutation: .ignoresReturnedPrimary, promise: .returnedPrimary, fault: .orderFailover),
        Case(
            mutation: .neverLimits, promise: .boundedLoss,
            faults: [.killServer, .isolateHost, .crashHost], hint: 13, isBounded: true),
        Case(
            mutation: .forgetsPause, promise: .pauseKept, faults: [.pauseGroup, .killServer],
            hint: 5, isBounded: false),
        Case(mutation: .deafNode, promise: .convergence, fault: .orderFailover),
    ]
    /// Within how many worlds a breach must be seen.
    static let worldsMax: UInt64 = 60

    @Test("by the checker that guards it", arguments: cases)
    func caught(_ breach: Case) throws {
        var options = Options()
        options.mutation = breach.mutation
        options.kinds = breach.faults
        options.faultCount = breach.faults.count * 2
        options.healsAlways = true
        options.isBounded = breach.isBounded
        options.lacksPacketFilter = breach.lacksPacketFilter
        var found: Outcome?
        for seed in [breach.hint] + Array(0..<Self.worldsMax) where found == nil {
            let outcome = Simulator.run(seed: seed, options: options)
            if outcome.violations.contains(where: { $0.promise == breach.promise }) {
                found = outcome
            }
        }
        let outcome = try #require(found, "not seen in \(Self.worldsMax) worlds")
        let violation = try #require(
            outcome.violations.first { $0.promise == breach.promise })
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
            #expect(Self.cases.contains { $0.promise == promise })
        }
        for mutation in Mutation.allCases {
            #expect(Self.cases.contains { $0.mutation == mutation })
        }
    }
}
