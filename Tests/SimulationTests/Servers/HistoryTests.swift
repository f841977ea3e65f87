import MonotonicTime
import Testing

@testable import Simulation

@Suite("Replication histories")
struct HistoryTests {
    @Test("count the acknowledged writes of the whole lineage, up to where each was left")
    func lineage() {
        var histories = Histories()
        let first = histories.begin(from: nil)
        for offset in [UInt64(10), 20, 30, 40] {
            histories.acknowledge(offset, in: first, at: .zero)
        }
        let second = histories.begin(from: .init(history: first, offset: 25))
        histories.acknowledge(35, in: second, at: .zero)
        histories.acknowledge(45, in: second, at: .zero)
        #expect(histories.acknowledgedCount(upTo: 45, in: second) == 4)
        #expect(histories.acknowledgedCount(upTo: 35, in: second) == 3)
        #expect(histories.acknowledgedCount(upTo: 40, in: first) == 4)
    }

    @Test("the writes that a successor lacks are told by the time in which they were taken")
    func lostTime() {
        var histories = Histories()
        let first = histories.begin(from: nil)
        for second in 1...4 {
            histories.acknowledge(
                UInt64(second * 10), in: first, at: .zero + .seconds(second))
        }
        let second = histories.begin(from: .init(history: first, offset: 30))
        histories.acknowledge(35, in: second, at: .zero + .seconds(9))
        let present = History.Origin(history: second, offset: 35)
        func lost(to successor: History.Origin, period: Interval = .seconds(9)) -> Interval? {
            histories.lostTime(of: present, to: successor, period: period)
        }
        #expect(lost(to: present) == nil)
        #expect(lost(to: .init(history: second, offset: 34)) == .zero)
        #expect(lost(to: .init(history: first, offset: 10)) == .seconds(7))
        let other = histories.begin(from: nil)
        #expect(lost(to: .init(history: other, offset: 99)) == .seconds(8))
        // From the third second to the ninth nothing was taken.
        #expect(lost(to: .init(history: first, offset: 10), period: .seconds(2)) == .seconds(3))
    }
}
