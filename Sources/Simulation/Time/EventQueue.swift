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
        var hole = heap.count - 1
        while hole > 0 {
            let parent = (hole - 1) / 2
            guard entry.precedes(heap[parent]) else { break }
            heap[hole] = heap[parent]
            hole = parent
        }
        heap[hole] = entry
    }

    /// Takes the earliest one out; `nil` when nothing will ever happen again.
    mutating func next() -> (moment: Moment, occurrence: Occurrence)? {
        guard let first = heap.first, let entry = heap.popLast() else { return nil }
        let count = heap.count
        if count > 0 {
            var hole = 0
            while true {
                var child = 2 * hole + 1
                guard child < count else { break }
                if child + 1 < count, heap[child + 1].precedes(heap[child]) { child += 1 }
                guard heap[child].precedes(entry) else { break }
                heap[hole] = heap[child]
                hole = child
            }
            heap[hole] = entry
        }
        return (Moment(nanoseconds: first.moment), first.occurrence)
    }
}
