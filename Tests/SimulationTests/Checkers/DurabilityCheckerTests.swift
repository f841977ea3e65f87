import SentinelCore
import Testing

@testable import Simulation

@Suite("The durability checker")
struct DurabilityCheckerTests {
    private let id = RunID(high: 0, middle: 0, low: 1)
    private let primary = Scenario.serverEndpoint(host: 0, group: 0)

    private func durable(configEpoch: Epoch, votedEpoch: Epoch) -> PersistentState {
        PersistentState(
            id: id, currentEpoch: 9,
            groups: [
                .init(
                    name: "orders", primary: primary, configEpoch: configEpoch,
                    votedEpoch: votedEpoch, votedFor: id)
            ])
    }

    @Test("objects to a configuration that the disk does not hold")
    func hello() {
        let hello = Hello(
            sender: primary, senderID: id, currentEpoch: 9, group: "orders", primary: primary,
            configEpoch: 4)
        let held = durable(configEpoch: 4, votedEpoch: 0)
        #expect(DurabilityChecker.objection(to: hello, durable: held) == nil)
        let behind = durable(configEpoch: 3, votedEpoch: 0)
        #expect(DurabilityChecker.objection(to: hello, durable: behind) != nil)
    }

    @Test("objects to a vote, given or asked for, that the disk does not hold")
    func vote() {
        let answer = Answer(
            group: "orders", kind: .vote, isDown: true, isGranted: true, votedFor: id,
            votedEpoch: 5, currentEpoch: 5)
        let question = Question(
            kind: .vote, group: "orders", primary: primary, epoch: 5, candidate: id)
        let held = durable(configEpoch: 0, votedEpoch: 5)
        #expect(DurabilityChecker.objection(to: answer, durable: held) == nil)
        #expect(DurabilityChecker.objection(to: question, durable: held) == nil)
        let ahead = durable(configEpoch: 0, votedEpoch: 6)
        #expect(DurabilityChecker.objection(to: answer, durable: ahead) == nil)
        let behind = durable(configEpoch: 0, votedEpoch: 4)
        #expect(DurabilityChecker.objection(to: answer, durable: behind) != nil)
        #expect(DurabilityChecker.objection(to: question, durable: behind) != nil)
    }
}
