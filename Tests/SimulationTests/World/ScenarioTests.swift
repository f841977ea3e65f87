import MonotonicTime
import SentinelCore
import Testing

@testable import Simulation

@Suite("A scenario")
struct ScenarioTests {
    @Test("chooses every kind of fault, every shape of cluster, and leaves time to heal")
    func variety() {
        var kinds: [String: Int] = [:]
        var shapes: Set<[Int]> = []
        for seed in UInt64(0)..<500 {
            var random = RandomSource(seed: seed)
            let scenario = Scenario(seed: 0, random: &random, options: Options())
            for fault in scenario.faults {
                kinds[fault.kind.rawValue, default: 0] += 1
                #expect(fault.begins <= .zero + Scenario.calm + Scenario.trouble)
                #expect(fault.other != fault.host)
                #expect((1..<1 << UInt32(scenario.hostCount) - 1).contains(fault.part))
            }
            shapes.insert([scenario.hostCount, scenario.serverHostCount, scenario.groupCount])
            if let healing = scenario.healing {
                let quiet = scenario.end - healing
                #expect(
                    quiet
                        > Bounds(downAfter: scenario.downAfter, promise: scenario.promiseMax)
                        .convergence)
            }
        }
        #expect(kinds.count == FaultKind.allCases.count)
        #expect(shapes.count == 6)
    }

    @Test("tells every node the same, but for its own name")
    func settings() {
        var random = RandomSource(seed: 0)
        let scenario = Scenario(seed: 0, random: &random, options: Options())
        for host in 0..<scenario.hostCount {
            let settings = scenario.settings(ofHost: host, file: scenario.file)
            #expect(settings.groups == scenario.settings(ofHost: 0, file: scenario.file).groups)
            #expect(settings.peers.count == scenario.hostCount - 1)
            #expect(settings.localAddresses == [Scenario.address(ofHost: host)])
        }
    }
}
