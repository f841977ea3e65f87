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

    private func turn(_ watch: inout ReachWatch, _ time: Interval = .zero) {
        watch.turn(at: Self.start + time, asOf: Self.start + time)
    }

    @Test("what was just heard is not demanded of others before a second has passed")
    func late() {
        var watch = ReachWatch()
        watch.note(reach(10))
        #expect(watch.settled == nil)
        turn(&watch)
        #expect(watch.settled == reach(10))
        watch.note(reach(20))
        turn(&watch, .milliseconds(900))
        #expect(watch.settled == reach(10))
        turn(&watch, .seconds(1))
        #expect(watch.settled == reach(20))
    }

    @Test("a replica that is behind changes nothing, and another history begins anew")
    func others() {
        var watch = ReachWatch()
        watch.note(reach(10))
        watch.note(reach(5))
        turn(&watch)
        #expect(watch.settled == reach(10))
        let other = RunID(high: 2, middle: 2, low: 2)
        watch.note(reach(3, other))
        #expect(watch.settled == nil)
        turn(&watch, .milliseconds(1))
        #expect(watch.settled == reach(3, other))
    }

    @Test("a history that no replica has is worth nothing beside the one before")
    func unfollowed() {
        let (second, third) = (RunID(high: 2, middle: 2, low: 2), RunID(high: 3, middle: 3, low: 3))
        var watch = ReachWatch()
        #expect(watch.demanded == nil)
        watch.note(reach(10))
        #expect(watch.demanded == reach(0), "nothing has settled")
        turn(&watch)
        #expect(watch.demanded == reach(10))
        watch.note(reach(0, second))
        turn(&watch, .seconds(2))
        #expect(watch.demanded == reach(10))
        watch.note(reach(0, third))
        #expect(watch.demanded == reach(10))
        watch.note(reach(30, third))
        #expect(
            watch.demanded == reach(0, third), "whoever has the former one only lacks all of it")
    }

    @Test("what is known outlasts a change of the primary, when it was last heard does not")
    func primaryChanged() {
        var watch = ReachWatch()
        watch.note(reach(10))
        turn(&watch)
        #expect(watch.heardAsOf == Self.start)
        watch.primaryChanged()
        #expect(watch.heardAsOf == nil)
        #expect(watch.demanded == reach(10))
    }
}
