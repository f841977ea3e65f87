/// A balancer's report as people read it.
struct BalancerText {
    let report: BalancerReport
    /// Cells in a line; `nil` is no limit.
    var widthMax: Int? = 80

    func lines() -> [StyledText] {
        var lines = [
            StyledText("as seen by ", .faint) + StyledText(report.name, .title)
                + StyledText(" at \(report.endpoint), a balancer", .faint)
        ]
        for group in report.groups {
            lines.append("")
            lines += headlines(of: group)
            lines.append("")
            lines += servers(of: group).lines(widthMax: widthMax)
        }
        return lines.map { line in widthMax.map(line.clipped(to:)) ?? line }
    }

    private func headlines(of group: BalancerReport.Group) -> [StyledText] {
        let margin = StyledText(String(repeating: " ", count: DisplayWidth.of(group.name) + 2))
        var lines: [StyledText] = []
        for (service, words) in Self.services {
            let places = group.places.filter { $0.service == service }.map(Self.place)
            guard !places.isEmpty else { continue }
            lines.append(
                (lines.isEmpty ? StyledText(group.name, .title) + "  " : margin)
                    + StyledText("\(words) at \(places.joined(separator: ", "))"))
        }
        if lines.isEmpty { lines.append(StyledText(group.name, .title)) }
        if let router = group.router { lines.append(margin + text(of: router)) }
        switch group.serverTransport {
        case .plain: break
        case .tls: lines.append(margin + "TLS to the servers")
        }
        lines.append(margin + load(of: group))
        if !group.isNamed {
            lines.append(margin + StyledText("no node has said yet who the primary is", .warning))
        }
        let services = group.places.map(\.service)
        if services.contains(where: { $0 != "write" }),
            !group.servers.contains(where: Self.isReadable)
        {
            lines.append(margin + StyledText("NO SERVER CAN SERVE READS", .bad))
        }
        if services.contains(where: { $0 != "read" }),
            !group.servers.contains(where: { $0.isPrimary && $0.state == "serving" })
        {
            lines.append(margin + StyledText("NO SERVER TAKES WRITES", .bad))
        }
        return lines
    }

    private static func place(_ place: BalancerReport.Place) -> String {
        switch place.transport {
        case .plain: place.endpoint
        case .tls: place.endpoint + " (TLS)"
        }
    }

    /// In the order in which they are shown.
    private static let services = [
        ("read", "reads"), ("write", "writes"), ("auto", "reads and writes"),
    ]

    private func text(of router: BalancerReport.Router) -> StyledText {
        let state: StyledText =
            switch router.state {
            case "active": StyledText("held here", .good)
            case "backup": StyledText("held by another balancer")
            default: StyledText("not decided yet", .warning)
            }
        return StyledText("read address \(router.address) ") + state
            + StyledText(", router \(router.id), priority \(router.priority)", .faint)
    }

    private func load(of group: BalancerReport.Group) -> StyledText {
        var text = StyledText(
            "\(group.clients) \(group.clients == 1 ? "client" : "clients")")
        if let rate = group.requestsPerSecond { text += StyledText(", \(rate) requests a second") }
        if let median = group.medianMicroseconds, let worst = group.worstPercentMicroseconds {
            text += StyledText(
                ", half within \(Self.length(median)), 99 of 100 within \(Self.length(worst))")
        }
        if group.pinned > 0 {
            text += StyledText(", \(group.pinned) with a connection of their own", .faint)
        }
        if group.held > 0 { text += StyledText(", \(group.held) held", .warning) }
        if group.refused > 0 { text += StyledText(", \(group.refused) turned away", .warning) }
        return text
    }

    private func servers(of group: BalancerReport.Group) -> Table {
        var table = Table(columns: [
            Table.Column(title: "SERVER", widthMin: 12), Table.Column(title: "ROLE"),
            Table.Column(title: "STATE"), Table.Column(title: "LAG", alignment: .trailing),
            Table.Column(title: "BEHIND", alignment: .trailing),
            Table.Column(title: "SHARE", alignment: .trailing),
            Table.Column(title: "OWED", alignment: .trailing),
        ])
        table.rows = group.servers.map { server in
            let isServed = server.weight > 0 && Self.isReadable(server)
            return [
                StyledText(server.endpoint),
                server.isPrimary ? StyledText("primary", .title) : "replica",
                StyledText(
                    server.state,
                    server.state == "serving" ? .good : server.state == "down" ? .bad : .warning),
                StyledText(server.lagMilliseconds.map(StatusText.age) ?? "?", .faint),
                StyledText(server.lagBytes.map(StatusText.bytes) ?? "?", .faint),
                isServed
                    ? StyledText(server.sharePercent.map { "\($0) %" } ?? "-")
                    : StyledText("rests", .faint),
                StyledText("\(server.awaited)"),
            ]
        }
        return table
    }

    /// It answers reads, be it with old data: of servers that are down one has a share, too.
    private static func isReadable(_ server: BalancerReport.Server) -> Bool {
        ["serving", "detached"].contains(server.state)
    }

    /// Microseconds to a millisecond, then tenths of it.
    static func length(_ microseconds: Int) -> String {
        guard microseconds >= 1000 else { return "\(microseconds) µs" }
        return "\(microseconds / 1000).\(microseconds % 1000 / 100) ms"
    }
}
