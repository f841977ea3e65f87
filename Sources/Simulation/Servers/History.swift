import SentinelCore

/// One replication history (`master_replid`): the writes of one primary's reign, numbered by
/// offset, upon a beginning that it shares with the history that it came from.
struct History: Sendable {
    var id: RunID
    /// The history that this one continues, and how far that one counts; `nil` for an empty start.
    var parent: Origin?
    /// The offsets, ascending, behind which a client was told that its write was done.
    var acknowledged: [UInt64] = []

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

    mutating func acknowledge(_ offset: UInt64, in history: Int) {
        all[history].acknowledged.append(offset)
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
