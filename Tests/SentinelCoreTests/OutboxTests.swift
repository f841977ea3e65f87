import MonotonicTime
import Testing

@testable import SentinelCore

@Suite("Outbox")
struct OutboxTests {
    private let state = PersistentState(id: RunID(high: 1, middle: 2, low: 3))
    private let now = Instant(nanoseconds: 0)

    private func word(_ number: UInt64) -> Effect {
        .respond(QueryID(number: number), error: nil)
    }

    private let announcement = Effect.announce(Announcement(.switchPrimary, detail: "x"))

    /// Ends an event, with or without a change of the state.
    private func flush(_ outbox: inout Outbox, changed: Bool, at now: Instant) -> [Effect] {
        if changed { outbox.stateChanged() }
        var effects: [Effect] = []
        outbox.flush(outbox.needsState(at: now) ? state : nil, into: &effects)
        return effects
    }

    private func persisted(_ outbox: inout Outbox, through sequence: UInt64) -> [Effect] {
        var effects: [Effect] = []
        outbox.persisted(through: sequence, into: &effects)
        return effects
    }

    @Test("what rests on nothing new leaves at once")
    func nothingNew() {
        var outbox = Outbox()
        outbox.add(word(1))
        #expect(flush(&outbox, changed: false, at: now) == [word(1)])
    }

    @Test("what rests on a change leaves when that change is durable, in its order")
    func change() {
        var outbox = Outbox()
        outbox.add(word(1))
        #expect(flush(&outbox, changed: true, at: now) == [.persist(state, sequence: 1)])
        outbox.add(word(2))
        #expect(flush(&outbox, changed: false, at: now) == [])
        outbox.add(word(3))
        #expect(flush(&outbox, changed: true, at: now) == [.persist(state, sequence: 2)])
        #expect(persisted(&outbox, through: 1) == [word(1), word(2)])
        #expect(persisted(&outbox, through: 2) == [word(3)])
    }

    @Test("a later state that is durable makes the earlier ones so")
    func later() {
        var outbox = Outbox()
        outbox.add(word(1))
        _ = flush(&outbox, changed: true, at: now)
        outbox.add(word(2))
        _ = flush(&outbox, changed: true, at: now)
        #expect(persisted(&outbox, through: 2) == [word(1), word(2)])
        #expect(persisted(&outbox, through: 1) == [])
    }

    @Test("after a failed save nothing leaves until one succeeds, and promises are forgotten")
    func failure() {
        var outbox = Outbox()
        outbox.add(word(1))
        _ = flush(&outbox, changed: true, at: now)
        #expect(outbox.persistFailed(at: now) == [word(1)])
        #expect(outbox.isFailing)
        outbox.add(word(2))
        #expect(flush(&outbox, changed: false, at: now + .milliseconds(999)) == [])
        #expect(
            flush(&outbox, changed: false, at: now + .seconds(1)) == [.persist(state, sequence: 2)])
        #expect(persisted(&outbox, through: 2) == [])
        #expect(!outbox.isFailing)
        outbox.add(word(3))
        #expect(flush(&outbox, changed: false, at: now + .seconds(1)) == [word(3)])
    }

    @Test("announcements outlast a failed save")
    func announcements() {
        var outbox = Outbox()
        outbox.add(announcement)
        outbox.add(word(1))
        _ = flush(&outbox, changed: true, at: now)
        #expect(outbox.persistFailed(at: now) == [word(1)])
        outbox.add(announcement)
        outbox.add(word(2))
        #expect(flush(&outbox, changed: false, at: now) == [])
        _ = flush(&outbox, changed: false, at: now + .seconds(1))
        #expect(persisted(&outbox, through: 2) == [announcement, announcement])
    }
}
