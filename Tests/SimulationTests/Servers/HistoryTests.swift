import Testing

@testable import Simulation

@Suite("Replication histories")
struct HistoryTests {
    @Test("count the acknowledged writes of the whole lineage, up to where each was left")
    func lineage() {
        var histories = Histories()
        let first = histories.begin(from: nil)
        for offset in [UInt64(10), 20, 30, 40] { histories.acknowledge(offset, in: first) }
        let second = histories.begin(from: .init(history: first, offset: 25))
        histories.acknowledge(35, in: second)
        histories.acknowledge(45, in: second)
        #expect(histories.acknowledgedCount(upTo: 45, in: second) == 4)
        #expect(histories.acknowledgedCount(upTo: 35, in: second) == 3)
        #expect(histories.acknowledgedCount(upTo: 40, in: first) == 4)
    }
}
