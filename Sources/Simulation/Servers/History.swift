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

    /// For how long the writes of `present` were taken that a server lacks which stands at
    /// `successor`. `nil` when it lacks none.
    ///
    /// Clients try every `period`. A longer gap is time in which nothing was taken: the primary
    /// refused, stood still or was not reached. That is no part of a loss.
    func lostTime(
        of present: History.Origin, to successor: History.Origin, period: Interval
    ) -> Interval? {
        var lost: Interval?
        var next: Moment?
        var here: History.Origin? = present
        while let at = here {
            let has = reach(of: successor, in: at.history)
            let writes = all[at.history]
            for (offset, moment) in zip(writes.acknowledged, writes.acknowledgedAt).reversed()
            where offset <= at.offset {
                guard offset > has else { break }
                lost = (lost ?? .zero) + (next.map { min($0 - moment, period) } ?? .zero)
                next = moment
            }
            here = has > 0 ? nil : all[at.history].parent
        }
        return lost
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
