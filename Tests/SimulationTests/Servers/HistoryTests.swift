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

    @Test("the writes that a successor lacks are told by the time from the first to the last")
    func lostSpan() {
        var histories = Histories()
        let first = histories.begin(from: nil)
        for second in 1...4 {
            histories.acknowledge(
                UInt64(second * 10), in: first, at: .zero + .seconds(second))
        }
        let second = histories.begin(from: .init(history: first, offset: 30))
        histories.acknowledge(35, in: second, at: .zero + .seconds(9))
        let present = History.Origin(history: second, offset: 35)
        #expect(histories.lostSpan(of: present, to: present) == nil)
        #expect(
            histories.lostSpan(of: present, to: .init(history: second, offset: 34)) == .zero)
        #expect(
            histories.lostSpan(of: present, to: .init(history: first, offset: 10))
                == .seconds(7))
        let other = histories.begin(from: nil)
        #expect(
            histories.lostSpan(of: present, to: .init(history: other, offset: 99))
                == .seconds(8))
    }

    @Test("what stood still took no writes, which is no part of the time that is lost")
    func standstill() {
        var histories = Histories()
        let first = histories.begin(from: nil)
        for second in [1, 2, 9] {
            histories.acknowledge(UInt64(second), in: first, at: .zero + .seconds(second))
        }
        histories.stoodStill(from: .zero, to: .zero + .seconds(1), in: first)
        histories.stoodStill(from: .zero + .seconds(3), to: .zero + .seconds(8), in: first)
        let present = History.Origin(history: first, offset: 9)
        #expect(
            histories.lostSpan(of: present, to: .init(history: first, offset: 0)) == .seconds(3))
        // A server that was replaced and went on later takes nothing from its successor's time.
        let second = histories.begin(from: .init(history: first, offset: 2))
        for moment in [10, 20] {
            histories.acknowledge(UInt64(moment), in: second, at: .zero + .seconds(moment))
        }
        histories.stoodStill(from: .zero + .seconds(10), to: .zero + .seconds(19), in: first)
        #expect(
            histories.lostSpan(
                of: .init(history: second, offset: 20), to: .init(history: first, offset: 2))
                == .seconds(10))
    }
}
