/// The journal for people: what happened, what it cost, and when each step was reached.
struct HistoryText {
    let records: [HistoryRecord]
    /// The name of the host at an address, where it is known.
    let names: [String: String]

    func lines() -> [StyledText] {
        guard !records.isEmpty else { return ["No failover is on record."] }
        return records.enumerated().flatMap { index, record in
            (index == 0 ? [] : [""]) + lines(record)
        }
    }

    private func lines(_ record: HistoryRecord) -> [StyledText] {
        var head = StyledText("\(Self.date(record.at))  \(record.group)  ", .title)
        let from = name(record.from)
        if record.failure != nil {
            head += StyledText("\(from) stayed the primary's host", .bad)
        } else if let to = record.to.map(name) {
            head += StyledText(to == from ? "\(from) confirmed" : "\(from) -> \(to)", .good)
        } else {
            head += StyledText("from \(from)", .warning)
        }
        var lines = [head, StyledText("  " + Self.sentence(record))]
        lines.append(StyledText("  " + cost(record)))
        let steps = record.steps.map { "\($0.phase) \($0.milliseconds)" }
        if steps.count > 1 {
            lines.append(StyledText("  ms: " + steps.joined(separator: ", "), .faint))
        }
        return lines
    }

    private static func sentence(_ record: HistoryRecord) -> String {
        let cause =
            switch record.cause {
            case "silence": "the primary was silent"
            case "evidence": "the primary's process ended"
            case "unheld": "nobody held the write address"
            case "reborn": "the primary came back without its data"
            case "client-network": "the holder was cut off from the clients' network"
            case "order": "ordered, as it stands"
            case "switchover": "ordered, without loss"
            default: "learnt of when it was over"
            }
        var parts = [cause]
        if let leader = record.leader { parts.append("led by \(leader)") }
        if !record.votes.isEmpty { parts.append("votes: \(record.votes.joined(separator: " "))") }
        if record.epoch > 0 { parts.append("epoch \(record.epoch)") }
        if let failure = record.failure { parts.append(failure) }
        return parts.joined(separator: "; ")
    }

    private func cost(_ record: HistoryRecord) -> String {
        let unheld =
            record.unheldMilliseconds.map { "no write address for \($0) ms" }
            ?? "time without write address not known"
        let lost: String
        if record.failure != nil {
            lost = "nothing lost"
        } else if let bytes = record.lostBytes {
            lost =
                bytes == 0
                ? "nothing lost" : "\(bytes) bytes of the stream lost with the former primary"
        } else if record.cause == "switchover" {
            lost = "nothing lost"
        } else {
            lost = "loss known when \(name(record.from)) returns with its history"
        }
        var parts = [unheld]
        if let name = record.seenBy, let count = record.seenMilliseconds {
            parts.append("seen by \(name) after \(count) ms")
        }
        return (parts + [lost]).joined(separator: "; ")
    }

    private func name(_ endpoint: String) -> String {
        names[Self.address(endpoint)] ?? endpoint
    }

    static func address(_ endpoint: String) -> String {
        guard let colon = endpoint.lastIndex(of: ":") else { return endpoint }
        return String(endpoint[..<colon].drop { $0 == "[" }.prefix { $0 != "]" })
    }

    /// `2026-01-31T23:59:59.123Z` without what machines need.
    private static func date(_ text: String) -> String {
        text.replacing("T", with: " ", maxReplacements: 1)
    }
}
