import MonotonicTime
import Simulation
import Testing

@Suite("A world")
struct SimulatorTests {
    /// An optimised build runs a world in a twentieth of a second, a debug build in seconds;
    /// thousands of seeds are `baton simulate`'s business.
    #if DEBUG
    static let worldCount = 12
    #else
    static let worldCount = 200
    #endif

    @Test("breaks no promise, whatever befalls it, and is not spared")
    func worlds() {
        var failovers = 0
        var faults = 0
        for seed in UInt64(0)..<UInt64(Self.worldCount) {
            let outcome = Simulator.run(seed: seed)
            #expect(outcome.violations.isEmpty, Comment(rawValue: outcome.text))
            #expect(outcome.virtualSeconds >= 120)
            #expect(outcome.acknowledgedWrites > 0)
            failovers += outcome.failovers
            faults += outcome.faults.count
        }
        #expect(failovers >= Self.worldCount, "\(failovers) failovers")
        #expect(faults >= Self.worldCount * 5 / 2, "\(faults) faults")
    }

    @Test("without faults is served from its first moment to its last, by one host")
    func undisturbed() {
        var options = Options()
        options.faultCount = 0
        for seed in UInt64(0)..<2 {
            let outcome = Simulator.run(seed: seed, options: options)
            #expect(outcome.violations.isEmpty, Comment(rawValue: outcome.text))
            #expect(outcome.dualHolder == .zero)
            #expect(outcome.lostWrites == 0)
        }
    }

    @Test("is the same each time, in whichever thread")
    func reproducible() async {
        let here = (UInt64(100)..<102).map { Simulator.run(seed: $0).traceDigest }
        // Another order, other threads, other addresses in memory.
        let there = await withTaskGroup(of: (UInt64, UInt64).self) { group in
            for seed in (UInt64(100)..<102).reversed() {
                group.addTask { (seed, Simulator.run(seed: seed).traceDigest) }
            }
            var digests: [UInt64: UInt64] = [:]
            for await (seed, digest) in group { digests[seed] = digest }
            return digests
        }
        for seed in UInt64(100)..<102 { #expect(there[seed] == here[Int(seed - 100)]) }
        #expect(Set(here).count == here.count, "every seed has a world of its own")
    }

    @Test("is the same whether it is traced or not")
    func traceChangesNothing() {
        var options = Options()
        options.trace = .nothing
        let silent = Simulator.run(seed: 7, options: options)
        options.trace = .whole(routine: true)
        let traced = Simulator.run(seed: 7, options: options)
        #expect(silent.traceDigest == traced.traceDigest)
        #expect(silent.eventCount == traced.eventCount)
        #expect(silent.trace.lines.isEmpty)
        #expect(traced.trace.lines.count > silent.eventCount / 4)
    }

    @Test("is run for one seed after another until somebody has seen enough")
    func sweep() {
        var seeds: [UInt64] = []
        Simulator.run(seeds: 5..<100) { outcome in
            seeds.append(outcome.seed)
            return seeds.count < 2
        }
        #expect(seeds == [5, 6])
    }
}
