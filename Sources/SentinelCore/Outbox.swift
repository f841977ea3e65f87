import MonotonicTime

/// Keeps back what may only be sent once the state it rests on is durable.
///
/// A vote that is answered and then forgotten in a crash could be given twice; so could a
/// configuration be gossiped that its author no longer knows. Order is kept: what was said first
/// leaves first.
struct Outbox: Sendable {
    /// The state changed since the last `persist` effect.
    private var isDirty = false
    /// Effects of the event at hand.
    private var fresh: [Effect] = []
    /// Effects of earlier events, with the sequence number that they wait for.
    private var waiting: [(sequence: UInt64, effect: Effect)] = []
    private var lastSequence: UInt64 = 0
    private var durableSequence: UInt64 = 0
    /// Set while the last attempt failed.
    private var retryAt: Instant?

    /// Nothing is unsaved.
    var isSettled: Bool { !isDirty && lastSequence <= durableSequence }

    /// Something of this life is durable.
    var hasEverSettled: Bool { durableSequence > 0 }

    /// The last attempt to make the state durable failed.
    var isFailing: Bool { retryAt != nil }

    mutating func stateChanged() {
        isDirty = true
    }

    mutating func add(_ effect: Effect) {
        fresh.append(effect)
    }

    mutating func persisted(through sequence: UInt64, into effects: inout [Effect]) {
        durableSequence = max(durableSequence, sequence)
        if sequence == lastSequence { retryAt = nil }
        let ready = waiting.prefix { $0.sequence <= durableSequence }
        effects.append(contentsOf: ready.map(\.effect))
        waiting.removeFirst(ready.count)
    }

    /// What waited is dropped: a peer that hears nothing asks again, and no promise was made. Only
    /// announcements stay: nobody asks for those again, so they are made once the state is saved.
    ///
    /// - Returns: what will never be sent, for those who count on it.
    mutating func persistFailed(at now: Instant) -> [Effect] {
        let dropped = waiting.map(\.effect).filter { !Self.isAnnouncement($0) }
        waiting.removeAll { !Self.isAnnouncement($0.effect) }
        retryAt = now + Rhythm.persistRetry
        return dropped
    }

    /// Whether the event at hand ends with a `persist`: the state changed, or an attempt that
    /// failed is due again.
    mutating func needsState(at now: Instant) -> Bool {
        if let due = retryAt, now >= due {
            isDirty = true
            retryAt = now + Rhythm.persistRetry
        }
        return isDirty
    }

    /// Ends one event: asks for durability of `state` if there is one, and lets go what rests on
    /// nothing new.
    mutating func flush(_ state: PersistentState?, into effects: inout [Effect]) {
        if let state {
            isDirty = false
            lastSequence += 1
            effects.append(.persist(state, sequence: lastSequence))
        }
        guard !fresh.isEmpty else { return }
        if lastSequence <= durableSequence {
            effects.append(contentsOf: fresh)
        } else {
            let kept = retryAt == nil ? fresh : fresh.filter(Self.isAnnouncement)
            waiting.append(contentsOf: kept.map { (lastSequence, $0) })
        }
        fresh.removeAll(keepingCapacity: true)
    }

    private static func isAnnouncement(_ effect: Effect) -> Bool {
        switch effect {
        case .announce, .clientsMoved: true
        case .open, .close, .request, .reply, .respond, .persist, .record, .watchProcess: false
        }
    }
}
