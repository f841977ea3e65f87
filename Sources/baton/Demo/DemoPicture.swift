import Addressing
import MonotonicTime

/// The live view as lines of text: everything that is shown, and nothing that does something.
struct DemoPicture {
    /// One line of the table.
    struct HostRow {
        var name: String
        /// Of its Redis, without the port.
        var address: String
        var port: UInt16
        var sight: HostSight
        /// It hangs because we stopped it.
        var isStopped = false
        var isIsolated = false
        var nodeIsRunning = true
    }

    var hosts: [HostRow]
    var writeAddress: String
    /// What a person types to be a client.
    var command: String
    var isOnLoopback: Bool
    var pulse: WritePulse
    var now: Instant
    var events: [DemoEvent]
    /// `nil` where there are no balancers.
    var reading: Reading?

    /// One line of the balancers' table.
    struct BalancerRow {
        var name: String
        var isRunning: Bool
        /// What it says of itself; `nil` while it does not answer.
        var group: BalancerReport.Group?
    }

    /// What clients read, and through whom.
    struct Reading {
        var address: String
        var balancers: [BalancerRow]
        var pulse: WritePulse
    }

    static let keys: [(key: String, meaning: String)] = [
        ("k", "kill"), ("s", "stop/go"), ("i", "cut"), ("r", "revive"),
        ("b", "baton"), ("l", "balancer"), ("f", "failover"), ("q", "quit"),
    ]
    /// What loopback can't show.
    private static let keysOfHosts: Set<String> = ["i", "l"]

    func lines(columns: Int, rows: Int) -> [StyledText] {
        var lines = [title, StyledText("")]
        lines += table.lines(widthMax: columns)
        if let reading {
            lines.append(StyledText(""))
            lines += balancerTable(reading).lines(widthMax: columns)
        }
        lines += [StyledText("")] + writes
        if let reading { lines.append(reads(reading)) }
        lines.append(StyledText(""))
        lines.append(StyledText("  Be the client, in another terminal:", .faint))
        lines.append(StyledText("  \(command)"))
        lines.append(StyledText(""))
        let room = max(0, rows - lines.count - 2)
        let shown = events.filter { !$0.isRoutine }.suffix(room).map(line)
        lines += shown + Array(repeating: StyledText(""), count: max(0, room - shown.count))
        return lines + [StyledText(""), keyBar(columns)].suffix(max(0, rows - lines.count))
    }

    private var title: StyledText {
        let balancers = reading == nil ? "" : ", two balancers"
        let place =
            isOnLoopback
            ? "three servers and nodes on loopback; no address moves here"
            : "three hosts\(balancers) and a client in network namespaces"
        return StyledText("  Baton", .title) + StyledText("  \(place)", .faint)
    }

    // MARK: Hosts

    private var table: Table {
        var table = Table(columns: [
            Table.Column(title: "HOST"), Table.Column(title: "REDIS", widthMin: 12),
            Table.Column(title: "ROLE", widthMin: 8, width: 7),
            Table.Column(title: "OFFSET", alignment: .trailing, width: 7),
            Table.Column(title: "LAG", alignment: .trailing, width: 6),
            Table.Column(
                title: isOnLoopback ? "WRITE PORT" : "WRITE ADDRESS",
                width: DisplayWidth.of(writeAddress)),
            Table.Column(title: "BATON"),
        ])
        // Of several that say so, as an old primary may that is cut off, the one that serves.
        let primary = hosts.first { $0.sight.server.isPrimary && $0.sight.holdsAddress }
        table.rows = hosts.map { host in
            [
                StyledText(host.name), StyledText("\(host.address):\(host.port)"), role(of: host),
                StyledText(host.sight.server.offset.map { $0 < 0 ? "" : String($0) } ?? ""),
                lag(of: host, behind: primary),
                host.sight.holdsAddress ? StyledText(writeAddress, .good) : "",
                node(of: host),
            ]
        }
        return table
    }

    private func role(of host: HostRow) -> StyledText {
        let role: StyledText
        switch host.sight.server {
        case .primary: role = StyledText("PRIMARY", .title)
        case .replica(_, "connected", _): role = "replica"
        case .replica(_, let link, _): role = StyledText("replica, \(link)", .warning)
        case .unwell(let text): role = StyledText(text, .warning)
        case .silent:
            role =
                host.isStopped
                ? StyledText("stopped", .bad) : StyledText("no answer", .bad)
        case .dead: role = StyledText("dead", .bad)
        }
        return role
    }

    private func node(of host: HostRow) -> StyledText {
        guard host.nodeIsRunning else { return StyledText("dead", .bad) }
        return host.isIsolated ? StyledText("cut off", .bad) : StyledText("up", .good)
    }

    private func lag(of host: HostRow, behind primary: HostRow?) -> StyledText {
        guard case .replica(_, "connected", let offset) = host.sight.server,
            case .primary(let newest, _)? = primary?.sight.server
        else { return "" }
        // Looks at different moments: a replica may have been seen later than its primary.
        let lag = max(0, newest - offset)
        return StyledText(StatusText.bytes(lag), lag > Self.usualLagMax ? .warning : .plain)
    }

    /// What the writer writes between two looks.
    private static let usualLagMax = 16_384

    // MARK: Writes

    private var writes: [StyledText] {
        let rate = pulse.rate(at: now)
        var first = StyledText("  Writes ", .faint)
        if let pause = pulse.currentPause(at: now) {
            first += StyledText("none for \(Self.time(pause))", .bad)
            first += StyledText(", \(Self.words(for: pulse.trouble))")
        } else {
            first += StyledText("\(rate) a second", .good)
            first += StyledText(" through \(writeAddress), \(pulse.acknowledgedCount) so far")
        }
        var second = StyledText("  Pauses ", .faint)
        if let last = pulse.lastPause, let longest = pulse.longestPause {
            second += StyledText("last ") + StyledText("\(last.length.milliseconds) ms", .title)
            second += StyledText(", \(Self.time(now - last.end)) ago")
            second += StyledText("; longest \(longest.length.milliseconds) ms")
        } else {
            second += StyledText("none yet: press k")
        }
        return [first, second]
    }

    private func reads(_ reading: Reading) -> StyledText {
        var line = StyledText("  Reads  ", .faint)
        if let pause = reading.pulse.currentPause(at: now) {
            line += StyledText("none for \(Self.time(pause))", .bad)
            line += StyledText(", \(Self.words(for: reading.pulse.trouble))")
        } else {
            line += StyledText("\(reading.pulse.rate(at: now)) a second", .good)
            line += StyledText(" through \(reading.address)")
        }
        if let longest = reading.pulse.longestPause {
            line += StyledText("; longest pause \(longest.length.milliseconds) ms")
        }
        return line
    }

    private func balancerTable(_ reading: Reading) -> Table {
        var table = Table(columns: [
            Table.Column(title: "BALANCER"),
            Table.Column(title: "READS/S", alignment: .trailing, width: 7),
            Table.Column(title: "SERVED BY", widthMin: 9, width: 27),
            Table.Column(title: "READ ADDRESS", width: DisplayWidth.of(reading.address)),
            Table.Column(title: "BATON"),
        ])
        table.rows = reading.balancers.map { row in
            let isActive = row.group?.router?.state == "active"
            return [
                StyledText(row.name),
                StyledText(row.group?.requestsPerSecond.map(String.init) ?? ""),
                shares(of: row.group), isActive ? StyledText(reading.address, .good) : "",
                row.isRunning ? StyledText("up", .good) : StyledText("dead", .bad),
            ]
        }
        return table
    }

    /// Servers that have a share, by the names of their hosts.
    private func shares(of group: BalancerReport.Group?) -> StyledText {
        let texts = (group?.servers ?? []).compactMap { server -> String? in
            guard let share = server.sharePercent, share > 0 else { return nil }
            let host = hosts.first { server.endpoint == "\($0.address):\($0.port)" }
            return "\(host?.name ?? server.endpoint) \(share) %"
        }
        return StyledText(texts.joined(separator: ", "))
    }

    static func time(_ interval: Interval) -> String {
        let milliseconds = interval.milliseconds
        return milliseconds < 1_000 ? "\(milliseconds) ms" : StatusText.age(milliseconds)
    }

    // MARK: Events

    private var names: [(name: String, address: String)] {
        hosts.map { ($0.name, $0.address) }
    }

    private func line(_ event: DemoEvent) -> StyledText {
        let source = StyledText(event.source).padded(to: 8, .leading)
        return StyledText("  \(event.time) ", .faint) + source
            + StyledText(event.brief(naming: names), event.style)
    }

    private func keyBar(_ columns: Int) -> StyledText {
        let keys = Self.keys.filter { !isOnLoopback || !Self.keysOfHosts.contains($0.key) }
        let bar = keys.reduce(StyledText(" ")) {
            $0 + StyledText(" \($1.key)", .title) + StyledText(" \($1.meaning) ", .faint)
        }
        guard bar.width > columns else { return bar }
        // Where not all have room the way out comes first.
        return StyledText("  q", .title) + StyledText(" quit  ", .faint)
            + StyledText(keys.dropLast().map(\.key).joined(separator: " "), .title)
    }
}
