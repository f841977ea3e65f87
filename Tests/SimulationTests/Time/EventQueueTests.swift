import MonotonicTime
import Testing

@testable import Simulation

@Suite("The queue")
struct EventQueueTests {
    private func number(_ occurrence: Occurrence) -> Int {
        if case .faultBegins(let number) = occurrence { Int(number) } else { -1 }
    }

    @Test("gives the earliest first, and equals in the order in which they came")
    func order() {
        var queue = EventQueue()
        var random = RandomSource(seed: 3)
        var expected: [(moment: Int, number: Int)] = []
        for number in 0..<500 {
            let moment = random.below(40)
            expected.append((moment, number))
            queue.schedule(
                .faultBegins(Int32(number)), at: Moment(nanoseconds: Int64(moment)))
        }
        expected.sort { $0.moment != $1.moment ? $0.moment < $1.moment : $0.number < $1.number }
        for entry in expected {
            let next = queue.next()
            #expect(next?.moment == Moment(nanoseconds: Int64(entry.moment)))
            #expect(next.map { number($0.occurrence) } == entry.number)
        }
        #expect(queue.next().map { number($0.occurrence) } == nil)
    }
}
