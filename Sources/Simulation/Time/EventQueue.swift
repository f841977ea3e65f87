import MonotonicTime

/// What is still to happen, earliest first; what falls on the same moment happens in the order in
/// which it was scheduled, so that nothing depends on how the heap happens to lie.
struct EventQueue: Sendable {
    private struct Entry {
        var moment: Int64
        var sequence: UInt64
        var occurrence: Occurrence

        func precedes(_ other: Entry) -> Bool {
            moment != other.moment ? moment < other.moment : sequence < other.sequence
        }
    }

    private var heap: [Entry] = []
    private var sequence: UInt64 = 0

    init() {
        heap.reserveCapacity(256)
    }

    mutating func schedule(_ occurrence: Occurrence, at moment: Moment) {
        let entry = Entry(
            moment: moment.nanoseconds, sequence: sequence, occurrence: occurrence)
        sequence += 1
        heap.append(entry)
        raise(entry, from: heap.count - 1)
    }

    /// Takes the earliest one out; `nil` when nothing will ever happen again.
    mutating func next() -> (moment: Moment, occurrence: Occurrence)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty { raise(last, from: sinkHole()) }
        return (Moment(nanoseconds: first.moment), first.occurrence)
    }

    /// The root is empty: the earlier child of each hole moves up into it. Returns the leaf where
    /// this ends. The last entry is a late one, so it is cheaper to let it rise from there than to
    /// compare it on the way down.
    private mutating func sinkHole() -> Int {
        var entries = heap.mutableSpan
        var hole = 0
        var child = 1
        while child < entries.count {
            if child + 1 < entries.count, entries[child + 1].precedes(entries[child]) { child += 1 }
            entries[hole] = entries[child]
            hole = child
            child = 2 * hole + 1
        }
        return hole
    }

    /// Puts an entry into a hole, or as far above it as it belongs.
    private mutating func raise(_ entry: Entry, from leaf: Int) {
        var entries = heap.mutableSpan
        var hole = leaf
        while hole > 0 {
            let parent = (hole - 1) / 2
            guard entry.precedes(entries[parent]) else { break }
            entries[hole] = entries[parent]
            hole = parent
        }
        entries[hole] = entry
    }
}
