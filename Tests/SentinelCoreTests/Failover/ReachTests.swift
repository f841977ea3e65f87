import MonotonicTime
import Testing

@testable import SentinelCore

@Suite("How far replicas were known to be")
struct ReachTests {
    private static let history = RunID(high: 1, middle: 1, low: 1)
    private static let start = Instant(nanoseconds: 0)

    private func reach(_ offset: UInt64, _ history: RunID = history) -> Reach {
        Reach(history: history, offset: offset)
    }

    @Test("what was just heard is not demanded of others before a second has passed")
    func late() {
        var watch = ReachWatch()
        watch.note(reach(10))
        #expect(watch.settled == nil)
        watch.turn(at: Self.start)
        #expect(watch.settled == reach(10))
        watch.note(reach(20))
        watch.turn(at: Self.start + .milliseconds(900))
        #expect(watch.settled == reach(10))
        watch.turn(at: Self.start + .seconds(1))
        #expect(watch.settled == reach(20))
    }

    @Test("a replica that is behind changes nothing, and another history begins anew")
    func others() {
        var watch = ReachWatch()
        watch.note(reach(10))
        watch.note(reach(5))
        watch.turn(at: Self.start)
        #expect(watch.settled == reach(10))
        let other = RunID(high: 2, middle: 2, low: 2)
        watch.note(reach(3, other))
        #expect(watch.settled == nil)
        watch.turn(at: Self.start + .milliseconds(1))
        #expect(watch.settled == reach(3, other))
    }
}
