/// One failover as one node saw it: a line of the journal.
struct HistoryRecord: Equatable {
    struct Step: Equatable {
        var phase: String
        var milliseconds: Int
    }

    /// Whose view it is.
    var node: String
    var group: String
    var cause: String
    var epoch: Int
    var leader: String?
    var votes: [String]
    var from: String
    var to: String?
    /// RFC 3339, UTC: texts of the same length, which sort as their times do.
    var at: String
    var steps: [Step]
    var unheldMilliseconds: Int?
    var lostBytes: Int?
    var failure: String?
    /// Who heard the new holder answer for the write address.
    var seenBy: String?
    var seenMilliseconds: Int?

    /// `nil` for what is no record of the schema that this program knows.
    init?(_ json: JSONValue) {
        guard json["schema"]?.integer == 1, let node = json["node"]?.text,
            let group = json["group"]?.text, let cause = json["cause"]?.text,
            let epoch = json["epoch"]?.integer, let from = json["from"]?.text,
            let at = json["at"]?.text, let steps = json["steps"]?.elements
        else { return nil }
        self.node = node
        self.group = group
        self.cause = cause
        self.epoch = epoch
        self.from = from
        self.at = at
        self.steps = steps.compactMap { step in
            guard let phase = step["phase"]?.text, let count = step["milliseconds"]?.integer else {
                return nil
            }
            return Step(phase: phase, milliseconds: count)
        }
        leader = json["leader"]?.text
        votes = json["votes"]?.elements?.compactMap(\.text) ?? []
        to = json["to"]?.text
        unheldMilliseconds = json["unheldMilliseconds"]?.integer
        lostBytes = json["lostBytes"]?.integer
        failure = json["failure"]?.text
        seenBy = json["seenBy"]?.text
        seenMilliseconds = json["seenMilliseconds"]?.integer
    }

    /// One record a failover, from what several nodes say: the leader's, which knows most, with
    /// what only others know. Oldest first.
    static func merged(_ records: [HistoryRecord]) -> [HistoryRecord] {
        var merged: [HistoryRecord] = []
        for record in records.sorted(by: { ($0.at, $0.node) < ($1.at, $1.node) }) {
            let place = merged.firstIndex {
                $0.group == record.group && $0.epoch == record.epoch && record.epoch > 0
                    && $0.from == record.from
            }
            if let place {
                merged[place] = merged[place].completed(by: record)
            } else {
                merged.append(record)
            }
        }
        return merged
    }

    private func completed(by other: HistoryRecord) -> HistoryRecord {
        var best = isLeaders || !other.isLeaders ? self : other
        let rest = best == self ? other : self
        best.lostBytes = best.lostBytes ?? rest.lostBytes
        best.unheldMilliseconds = best.unheldMilliseconds ?? rest.unheldMilliseconds
        best.leader = best.leader ?? rest.leader
        if best.seenBy == nil {
            best.seenBy = rest.seenBy
            best.seenMilliseconds = rest.seenMilliseconds
        }
        return best
    }

    private var isLeaders: Bool { leader == node }
}
