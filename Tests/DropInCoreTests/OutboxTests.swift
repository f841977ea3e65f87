import Addressing
import MonotonicTime
import SentinelCore
import Testing

@testable import DropInCore

@Suite("What waits until it is durable")
struct OutboxTests {
    private let now = Instant(nanoseconds: 0)
    private let remark = DropInEffect.announce(Announcement(.remark, detail: "x"))
    private let done = DropInEffect.outcome(QueryID(number: 1), .done)

    private func flush(_ outbox: inout Outbox, at now: Instant) -> [DropInEffect] {
        var effects: [DropInEffect] = []
        let state = outbox.needsState(at: now) ? (Ledger(), GlobalSettings()) : nil
        outbox.flush(state, into: &effects)
        return effects
    }

    private func persist(_ sequence: UInt64) -> DropInEffect {
        .persist(Ledger(), GlobalSettings(), sequence: sequence)
    }

    @Test("passes at once while nothing is unsaved")
    func settled() {
        var outbox = Outbox()
        outbox.add(remark)
        #expect(flush(&outbox, at: now) == [remark])
    }

    @Test("waits for the state that it rests on, and that for the one before it")
    func order() {
        var outbox = Outbox()
        outbox.stateChanged()
        outbox.add(remark)
        #expect(flush(&outbox, at: now) == [persist(1)])
        outbox.stateChanged()
        outbox.add(done)
        #expect(flush(&outbox, at: now) == [])
        var effects: [DropInEffect] = []
        #expect(!outbox.persisted(1, into: &effects))
        #expect(effects == [remark])
        #expect(flush(&outbox, at: now) == [persist(2)])
        effects = []
        #expect(!outbox.persisted(2, into: &effects))
        #expect(effects == [done])
    }

    @Test("is answered as not saved when saving fails, and tried again after a second")
    func failure() {
        var outbox = Outbox()
        outbox.stateChanged()
        outbox.add(done)
        let vote = DownAnswer(
            isDown: true, leader: RunID(high: 1, middle: 1, low: 1), leaderEpoch: 4)
        outbox.add(.answer(QueryID(number: 2), vote))
        outbox.add(.request(LinkID(number: 3), .ping, names: []))
        _ = flush(&outbox, at: now)
        var effects: [DropInEffect] = []
        #expect(outbox.persistFailed(1, at: now, into: &effects))
        let without = DownAnswer(isDown: true, leader: nil, leaderEpoch: 0)
        #expect(
            effects == [
                .outcome(QueryID(number: 1), .refused(.notSaved)),
                .answer(QueryID(number: 2), without),
            ])
        #expect(outbox.takeDropped() == [LinkID(number: 3)])
        #expect(outbox.isFailing)
        #expect(flush(&outbox, at: now + .milliseconds(900)) == [])
        #expect(flush(&outbox, at: now + .seconds(1)) == [persist(2)])
        effects = []
        #expect(outbox.persisted(2, into: &effects))
        #expect(!outbox.isFailing)
    }
}
