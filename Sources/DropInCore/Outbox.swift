import MonotonicTime
import SentinelCore

/// Keeps back what may only be sent once the state it rests on is durable.
///
///     settled ──stateChanged──▶ dirty ──flush──▶ saving ──persisted──▶ settled
///                                 ▲                │ persistFailed
///                                 └──── failing ◀──┘
///
/// One state at a time is being saved: what changes meanwhile is saved together afterwards, so
/// that a thousand new groups are not a thousand files.
struct Outbox: Sendable {
    private var isDirty = false
    /// Effects of the event at hand.
    private var fresh: [DropInEffect] = []
    /// Effects with the sequence number that they wait for.
    private var waiting: [(sequence: UInt64, effect: DropInEffect)] = []
    /// The last that was asked for.
    private(set) var lastSequence: UInt64 = 0
    private(set) var durableSequence: UInt64 = 0
    private var isSaving = false
    /// Set while the last attempt failed.
    private var retryAt: Instant?
    /// The links of requests that are never sent.
    private var dropped: [LinkID] = []

    /// Between two attempts to save (nobody waits for an answer meanwhile).
    static let retryPeriod = Interval.seconds(1)

    var isFailing: Bool { retryAt != nil }

    /// What is changed now will be durable with this number.
    var nextSequence: UInt64 { lastSequence + 1 }

    mutating func stateChanged() {
        isDirty = true
    }

    /// The state changed, or is to be saved anew, and somebody waits: an attempt is due at once.
    mutating func mustSave(at now: Instant) {
        isDirty = true
        if retryAt != nil { retryAt = now }
    }

    mutating func add(_ effect: DropInEffect) {
        fresh.append(effect)
    }

    /// True when saving works again.
    mutating func persisted(_ sequence: UInt64, into effects: inout [DropInEffect]) -> Bool {
        guard isSaving, sequence == lastSequence else { return false }
        isSaving = false
        durableSequence = sequence
        let wasFailing = isFailing
        retryAt = nil
        let count = waiting.prefix { $0.sequence <= sequence }.count
        effects.append(contentsOf: waiting[..<count].map(\.effect))
        waiting.removeFirst(count)
        return wasFailing
    }

    /// True when it is the first of a row. Votes that waited are answered without the vote, orders
    /// that they were not saved; what was to be told to peers is dropped, since it is told again.
    mutating func persistFailed(
        _ sequence: UInt64, at now: Instant, into effects: inout [DropInEffect]
    ) -> Bool {
        guard isSaving, sequence == lastSequence else { return false }
        isSaving = false
        isDirty = true
        let isFirst = retryAt == nil
        retryAt = now + Self.retryPeriod
        let failed = waiting.map(\.effect)
        waiting = []
        fail(failed, into: &effects)
        return isFirst
    }

    /// Whether the event at hand ends with a state to save: it changed, or an attempt that failed
    /// is due again, and none is being saved.
    func needsState(at now: Instant) -> Bool {
        isDirty && !isSaving && (retryAt.map { now >= $0 } ?? true)
    }

    /// Ends one event: has `state` saved if there is one, and lets go what rests on nothing new.
    mutating func flush(
        _ state: (ledger: Ledger, globals: GlobalSettings)?, into effects: inout [DropInEffect]
    ) {
        let mustWait = isDirty || isSaving
        let awaited = isDirty ? nextSequence : lastSequence
        if let state {
            isDirty = false
            isSaving = true
            lastSequence += 1
            effects.append(.persist(state.ledger, state.globals, sequence: lastSequence))
        }
        guard !fresh.isEmpty else { return }
        if !mustWait {
            effects.append(contentsOf: fresh)
        } else if isFailing, !isSaving {
            fail(fresh, into: &effects)
        } else {
            waiting.append(contentsOf: fresh.map { (awaited, $0) })
        }
        fresh.removeAll(keepingCapacity: true)
    }

    private mutating func fail(_ failed: [DropInEffect], into effects: inout [DropInEffect]) {
        for effect in failed {
            switch effect {
            case .answer(let query, var answer):
                answer.leader = nil
                answer.leaderEpoch = 0
                effects.append(.answer(query, answer))
            case .outcome(let query, let outcome):
                // What was refused was refused whether or not the file can be written.
                let isDone =
                    switch outcome {
                    case .done, .reset: true
                    case .refused: false
                    }
                effects.append(.outcome(query, isDone ? .refused(.notSaved) : outcome))
            case .announce, .announceDelay, .runScript:
                effects.append(effect)
            case .request(let link, _, _):
                dropped.append(link)
            case .open, .close, .resolve, .persist, .killScript, .crash:
                break
            }
        }
    }

    /// Links that were counted on to carry a request that is never sent; each is told once.
    mutating func takeDropped() -> [LinkID] {
        guard !dropped.isEmpty else { return [] }
        defer { dropped = [] }
        return dropped
    }
}
