import NodeCore

/// What happened in a world, kept as values and made text only when somebody looks.
public struct Trace: Sendable {
    /// How much is kept.
    public enum Extent: Equatable, Sendable {
        case nothing
        case last(lines: Int)
        /// Everything; `routine` adds ticks, pings and reports, which are most of it.
        case whole(routine: Bool)
    }

    struct Entry: Sendable {
        var moment: Moment
        /// -1 for what concerns no host.
        var host: Int
        var what: TraceItem
    }

    private let extent: Extent
    private var entries: [Entry] = []
    /// Where the next entry goes once a ring is full.
    private var place = 0
    /// How many entries there ever were.
    private(set) var position = 0

    init(extent: Extent) {
        self.extent = extent
        if case .last(let count) = extent { entries.reserveCapacity(count) }
    }

    /// False when recording would be for nothing.
    var isKept: Bool { extent != .nothing }

    mutating func record(_ what: TraceItem, host: Int, at moment: Moment) {
        let entry = Entry(moment: moment, host: host, what: what)
        switch extent {
        case .nothing:
            break
        case .last(let limit):
            guard !what.isRoutine else { return }
            if entries.count < limit {
                entries.append(entry)
            } else if limit > 0 {
                entries[place] = entry
                place = (place + 1) % limit
            }
        case .whole(let routine):
            guard routine || !what.isRoutine else { return }
            entries.append(entry)
        }
        position += 1
    }

    /// One line an entry, oldest first: time in seconds, host, what.
    public var lines: [String] {
        (entries[place...] + entries[..<place]).map { entry in
            let name = entry.host < 0 ? "world  " : Scenario.name(ofHost: entry.host)
            return "\(entry.moment)  \(name)  \(entry.what)"
        }
    }
}
