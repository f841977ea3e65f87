import MonotonicTime
import Testing

@testable import Simulation

@Suite("The network")
struct NetworkTests {
    @Test("is cut one way only where a fault says so, until the last fault ends")
    func cuts() {
        var random = RandomSource(seed: 1)
        var network = Network(hostCount: 3, random: &random)
        network.cut(from: 0, to: 1, by: 1)
        network.cut(from: 0, to: 1, by: 1)
        #expect(network.isCut(from: 0, to: 1))
        #expect(!network.isCut(from: 1, to: 0))
        #expect(!network.isWhole(between: 1, and: 0))
        #expect(network.isWhole(between: 1, and: 2))
        network.cut(from: 0, to: 1, by: -1)
        #expect(network.isCut(from: 0, to: 1))
        network.cut(from: 0, to: 1, by: -1)
        #expect(network.isWhole(between: 0, and: 1))
    }

    @Test("never cuts a host off from itself")
    func itself() {
        var random = RandomSource(seed: 1)
        var network = Network(hostCount: 3, random: &random)
        network.cut(from: 1, to: 1, by: 1)
        #expect(!network.isCut(from: 1, to: 1))
    }

    @Test("takes longer while a fault slows one of the hosts")
    func slow() {
        var random = RandomSource(seed: 4)
        var network = Network(hostCount: 3, random: &random)
        network.slow(1, by: 1)
        #expect(network.isSlow(1))
        var longest = Interval.zero
        for _ in 0..<200 {
            longest = max(longest, network.delay(from: 0, to: 1, random: &random))
        }
        #expect(longest > .milliseconds(100))
        network.slow(1, by: -1)
        #expect(!network.isSlow(1))
    }
}
