import MonotonicTime
import SentinelCore

/// One replication history (`master_replid`): the writes of one primary's reign, numbered by
/// offset, upon a beginning that it shares with the history that it came from.
struct History: Sendable {
    var id: RunID
    /// The history that this one continues, and how far that one counts; `nil` for an empty start.
    var parent: Origin?
    /// The offsets, ascending, behind which a client was told that its write was done.
    var acknowledged: [UInt64] = []
    /// When, for each.
    var acknowledgedAt: [Moment] = []
    /// While its primary stood still.
    var standstills: [(from: Moment, to: Moment)] = []

    struct Origin: Equatable, Sendable {
        var history: Int
        var offset: UInt64
    }
}

/// Every history of the world; a server names its own by its place in here.
struct Histories: Sendable {
    private(set) var all: [History] = []

    subscript(index: Int) -> History { all[index] }

    mutating func begin(from parent: History.Origin?) -> Int {
        let number = UInt64(all.count + 1)
        all.append(History(id: RunID(high: 0xD1, middle: number, low: 0), parent: parent))
        return all.count - 1
    }

    mutating func acknowledge(_ offset: UInt64, in history: Int, at moment: Moment) {
        all[history].acknowledged.append(offset)
        all[history].acknowledgedAt.append(moment)
    }

    /// A primary's process stood still.
    mutating func stoodStill(from begin: Moment, to end: Moment, in history: Int) {
        all[history].standstills.append((begin, end))
    }

    /// How long the writes of `present` were being acknowledged that a server lacks which stands at
    /// `successor`: from the first of them to the last. `nil` when it lacks none.
    ///
    /// While its process stood still a primary took none, nor could it look which replicas were
    /// gone: that is no part of the bound.
    func lostSpan(of present: History.Origin, to successor: History.Origin) -> Interval? {
        var first: Moment?
        var last: Moment?
        var stoodStill = Interval.zero
        var here: History.Origin? = present
        while let at = here {
            let has = reach(of: successor, in: at.history)
            let writes = all[at.history].acknowledged
            let begin = writes.firstIndex { $0 > has } ?? writes.count
            let end = writes.firstIndex { $0 > at.offset } ?? writes.count
            if begin < end {
                first = all[at.history].acknowledgedAt[begin]
                last = last ?? all[at.history].acknowledgedAt[end - 1]
                for standstill in all[at.history].standstills {
                    let from = max(standstill.from, all[at.history].acknowledgedAt[begin])
                    let to = min(standstill.to, all[at.history].acknowledgedAt[end - 1])
                    stoodStill = stoodStill + max(to - from, .zero)
                }
            }
            here = has > 0 ? nil : all[at.history].parent
        }
        guard let first, let last else { return nil }
        return last - first - stoodStill
    }

    /// How much of a history a server has that stands at `origin`; 0: nothing.
    private func reach(of origin: History.Origin, in history: Int) -> UInt64 {
        var here: History.Origin? = origin
        while let at = here {
            if at.history == history { return at.offset }
            here = all[at.history].parent
        }
        return 0
    }

    /// How many acknowledged writes a server has that stands at `offset` of `history`.
    func acknowledgedCount(upTo offset: UInt64, in history: Int) -> Int {
        var count = 0
        var at: History.Origin? = .init(history: history, offset: offset)
        while let here = at {
            let writes = all[here.history].acknowledged
            count += writes.firstIndex { $0 > here.offset } ?? writes.count
            at = all[here.history].parent
        }
        return count
    }
}
