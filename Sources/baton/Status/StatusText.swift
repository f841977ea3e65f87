/// A node's report as people read it: for each group what matters, its servers, and the nodes that
/// watch them. The demo's live view shows the same.
struct StatusText {
    let report: NodeReport
    /// Cells in a line; `nil` is no limit.
    var widthMax: Int? = 80

    func lines() -> [StyledText] {
        var lines = [header]
        if !report.mayVote, report.voters?.number != 0 {
            lines.append(
                StyledText(
                    "This node does not vote: its state file can't be read or written; its log "
                        + "says why.", .bad))
        }
        if let voters = report.voters { lines += VotersText(voters: voters).lines() }
        if report.groups.isEmpty { lines.append("No group is monitored.") }
        for group in report.groups {
            lines.append("")
            lines += headlines(of: group)
            lines.append("")
            lines += servers(of: group).lines(widthMax: widthMax)
            lines.append("")
            lines += nodes(of: group).lines(widthMax: widthMax)
        }
        return lines.map { line in widthMax.map(line.clipped(to:)) ?? line }
    }

    private var header: StyledText {
        StyledText("as seen by ", .faint) + StyledText(report.name, .title)
            + StyledText(" at \(report.endpoint), epoch \(report.currentEpoch)", .faint)
    }

    // MARK: The group

    private func headlines(of group: NodeReport.Group) -> [StyledText] {
        let primary = hostName(of: group.primary, in: group).map { "\($0) \(group.primary)" }
        var first =
            StyledText(group.name, .title) + StyledText("  primary ")
            + StyledText(primary ?? group.primary, group.isObjectivelyDown ? .bad : .good)
            + StyledText(" since epoch \(group.configEpoch)")
        first += StyledText(", quorum \(group.quorum) of \(group.peers.count + 1)")
        if group.isObjectivelyDown { first += StyledText(", objectively down", .bad) }
        var lines = [first]
        let margin = String(repeating: " ", count: DisplayWidth.of(group.name) + 2)
        if !group.isConfirmed {
            lines.append(
                StyledText(margin)
                    + StyledText("not confirmed: no majority in contact agrees on it", .bad))
        }
        if let pause = group.pause {
            lines.append(StyledText(margin) + pauseText(pause, of: group))
        }
        lines.append(StyledText(margin) + addressText(of: group))
        if let text = enforcementText(of: group) { lines.append(StyledText(margin) + text) }
        if let text = witnessText(of: group) { lines.append(StyledText(margin) + text) }
        if let safety = group.writeSafety {
            lines.append(StyledText(margin) + safetyText(of: safety))
        }
        lines.append(StyledText(margin) + failoverText(of: group))
        return lines
    }

    /// Loud where a failover would be under way.
    private func pauseText(_ pause: NodeReport.Pause, of group: NodeReport.Group) -> StyledText {
        let end =
            pause.remainingMilliseconds.map { "for \(Self.age($0)) more" }
            ?? "until `baton resume \(group.name)`"
        let isHeld =
            group.address == "held" || group.peers.contains { $0.holdsAddress && $0.isCurrent }
        guard group.isObjectivelyDown || group.address != nil && !isHeld else {
            return StyledText("paused \(end): no failover by itself", .warning)
        }
        return StyledText("PAUSED \(end): NOBODY TAKES OVER", .bad)
    }

    /// Who holds the write address, by what each says of itself.
    private func addressText(of group: NodeReport.Group) -> StyledText {
        guard let state = group.address else { return StyledText("no write address", .faint) }
        var holders = group.peers.filter { $0.holdsAddress && $0.isCurrent }.map(\.name)
        if state == "held" { holders.insert(report.name, at: 0) }
        var text = StyledText("write address ")
        switch holders.count {
        case 0: text += StyledText("held by nobody", .bad)
        case 1: text += StyledText("held by ") + StyledText(holders[0], .good)
        default:
            text += StyledText("held by \(holders.joined(separator: " and "))", .bad)
        }
        if state == "held", let lease = group.lease {
            let isWell = lease.granted * 2 > lease.voters
            text += StyledText(
                " for \(Self.age(lease.remainingMilliseconds)) more, by leave of "
                    + "\(lease.granted) of \(lease.voters)", isWell ? .faint : .bad)
        }
        if let sighting = group.sighting, state != "held", !sighting.isConfirmed {
            if let hardware = sighting.answering {
                text += StyledText(", but \(hardware) answers for it", .bad)
            } else {
                text += StyledText(", not answered here", .bad)
            }
        }
        if let stranger = group.stranger {
            text += StyledText(", not taken here: \(stranger) answers for it", .bad)
        }
        // The two that last are said by the holder's name; the others pass.
        if state != "held" && state != "released" {
            text += StyledText(", \(state) here", .warning)
        }
        return text
    }

    /// Said where it isn't the packet filter.
    private func enforcementText(of group: NodeReport.Group) -> StyledText? {
        guard let enforcement = group.enforcement, enforcement.by == "address-lifetime" else {
            return nil
        }
        guard enforcement.isPossible else {
            return StyledText(
                "not to be held here: the lease in force is under "
                    + "\(enforcement.leaseMillisecondsMin) ms", .bad)
        }
        return StyledText(
            "no packet filter here: ends \(enforcement.latenessMilliseconds) ms late at most, "
                + "no fence",
            .warning)
    }

    /// Who asked the clients' network and heard the holder answer.
    private func witnessText(of group: NodeReport.Group) -> StyledText? {
        var witnesses = group.peers.filter { $0.addressSeenMilliseconds != nil && $0.isCurrent }
            .map(\.name)
        if let sighting = group.sighting, sighting.isConfirmed, group.address != "held" {
            witnesses.insert(report.name, at: 0)
        }
        guard !witnesses.isEmpty else { return nil }
        return StyledText("answered there, as seen by \(witnesses.joined(separator: ", "))", .faint)
    }

    /// What a failover may lose, and what that costs now.
    private func safetyText(of safety: NodeReport.WriteSafety) -> StyledText {
        guard let seconds = safety.boundSeconds else {
            return StyledText("async: a failover loses what the replica has not got", .faint)
        }
        guard safety.refusesWrites else {
            return StyledText(
                "bounded \(seconds) s: at most \(seconds) s of acknowledged writes can be lost",
                .faint)
        }
        return StyledText("bounded \(seconds) s: ")
            + StyledText("refuses writes now: no replica attached", .bad)
    }

    private func failoverText(of group: NodeReport.Group) -> StyledText {
        guard group.failoverState != "none" else { return StyledText("no failover", .faint) }
        return StyledText("failover: \(Self.words(group.failoverState)), led here", .warning)
    }

    /// Sentinel's `wait_promotion` in words.
    private static func words(_ state: String) -> String {
        String(state.map { $0 == "_" ? " " : $0 })
    }

    // MARK: Servers

    private func servers(of group: NodeReport.Group) -> Table {
        var table = Table(columns: [
            Table.Column(title: "SERVER", widthMin: 6),
            Table.Column(title: "ADDRESS", widthMin: 12),
            Table.Column(title: "ROLE"), Table.Column(title: "LINK"),
            Table.Column(title: "LAG", alignment: .trailing),
            Table.Column(title: "SILENCE", alignment: .trailing),
            Table.Column(title: "NOTES", widthMin: 8),
        ])
        table.rows = group.servers.map { server in
            [
                StyledText(hostName(of: server.endpoint, in: group) ?? "?"),
                StyledText(server.endpoint), role(of: server), link(of: server),
                lag(of: server), silence(server.silenceMilliseconds),
                notes(on: server, primary: group.primary),
            ]
        }
        return table
    }

    private func role(of server: NodeReport.Server) -> StyledText {
        server.isPrimary ? StyledText("primary", .title) : "replica"
    }

    private func link(of server: NodeReport.Server) -> StyledText {
        guard server.isConnected else { return StyledText("down", .bad) }
        return StyledText("up", .good)
    }

    private func lag(of server: NodeReport.Server) -> StyledText {
        if server.isPrimary { return StyledText("-", .faint) }
        guard let lag = server.lagBytes, server.isConnected else { return StyledText("?", .faint) }
        return StyledText(Self.bytes(lag), lag == 0 ? .plain : .warning)
    }

    private func silence(_ milliseconds: Int?) -> StyledText {
        guard let milliseconds else { return StyledText("never", .faint) }
        return StyledText(Self.age(milliseconds))
    }

    private func notes(on server: NodeReport.Server, primary: String) -> StyledText {
        var notes: [StyledText] = []
        if server.isSubjectivelyDown { notes.append(StyledText("s_down", .bad)) }
        // What a server said last before it went is not so any more.
        if let report = server.report, server.isConnected {
            let isPrimary = report.role == "primary"
            if isPrimary != server.isPrimary {
                notes.append(StyledText("says it is a \(report.role)", .bad))
            } else if !isPrimary, let followed = report.primary, followed != primary {
                notes.append(StyledText("follows \(followed)", .bad))
            }
            if report.isLoading { notes.append(StyledText("loading", .warning)) }
            if report.isSyncing { notes.append(StyledText("syncing", .warning)) }
            if !isPrimary, !report.isLinkUp, !report.isSyncing {
                notes.append(StyledText("not replicating", .bad))
            }
            if !server.isPrimary, report.priority == 0 {
                notes.append(StyledText("never promoted", .faint))
            }
        }
        if server.isLocal { notes.append(StyledText("this host", .faint)) }
        return Self.joined(notes)
    }

    // MARK: Nodes

    private func nodes(of group: NodeReport.Group) -> Table {
        var table = Table(columns: [
            Table.Column(title: "NODE", widthMin: 6), Table.Column(title: "ADDRESS", widthMin: 12),
            Table.Column(title: "CONTACT"), Table.Column(title: "PRIMARY", widthMin: 6),
            Table.Column(title: "WRITE ADDRESS"),
        ])
        let own: [StyledText] = [
            StyledText(report.name), StyledText(report.endpoint), StyledText("this node", .faint),
            "agrees", group.address == "held" ? StyledText("holds it", .good) : "",
        ]
        table.rows =
            [own]
            + group.peers.map { peer in
                [
                    StyledText(peer.name), StyledText(peer.endpoint), contact(with: peer),
                    opinion(of: peer, in: group),
                    peer.holdsAddress
                        ? (peer.isCurrent
                            ? StyledText("holds it", .good) : StyledText("held it", .warning)) : "",
                ]
            }
        return table
    }

    private func contact(with peer: NodeReport.Peer) -> StyledText {
        guard let milliseconds = peer.silenceMilliseconds else {
            return StyledText("never", peer.isConnected ? .warning : .bad)
        }
        let age = Self.age(milliseconds)
        if peer.isSubjectivelyDown { return StyledText("s_down, \(age)", .bad) }
        return peer.isConnected ? StyledText("\(age) ago") : StyledText("lost, \(age)", .bad)
    }

    private func opinion(of peer: NodeReport.Peer, in group: NodeReport.Group) -> StyledText {
        // Of a peer that has never been heard the file's primary is assumed, not known.
        guard let primary = peer.primary, peer.silenceMilliseconds != nil else {
            return StyledText("unknown", .faint)
        }
        if primary == group.primary, peer.configEpoch == group.configEpoch {
            return peer.isCurrent ? "agrees" : StyledText("agreed", .faint)
        }
        // The same primary by another order: it has been away and back.
        if primary == group.primary {
            return StyledText("since epoch \(peer.configEpoch)", .warning)
        }
        return StyledText(hostName(of: primary, in: group) ?? primary, .warning)
    }

    // MARK: Words

    /// The node on whose address a server listens.
    private func hostName(of endpoint: String, in group: NodeReport.Group) -> String? {
        let host = Self.host(of: endpoint)
        if Self.host(of: report.endpoint) == host { return report.name }
        return group.peers.first { Self.host(of: $0.endpoint) == host }?.name
    }

    private static func host(of endpoint: String) -> Substring {
        endpoint.lastIndex(of: ":").map { endpoint[..<$0] } ?? endpoint[...]
    }

    private static func joined(_ notes: [StyledText]) -> StyledText {
        notes.dropFirst().reduce(notes.first ?? "") { $0 + StyledText(", ") + $1 }
    }

    /// Tenths of a second to a minute, then the two largest units.
    static func age(_ milliseconds: Int) -> String {
        let tenths = milliseconds / 100
        if tenths < 600 { return "\(tenths / 10).\(tenths % 10) s" }
        let seconds = milliseconds / 1000
        if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
        if seconds < 86_400 { return "\(seconds / 3600) h \(seconds % 3600 / 60) min" }
        return "\(seconds / 86_400) d \(seconds % 86_400 / 3600) h"
    }

    /// Bytes exactly while they can be counted by eye, then rounded to 1024s.
    static func bytes(_ count: Int) -> String {
        var value = Double(count)
        for unit in ["B", "KiB", "MiB", "GiB"] {
            if value < 1024 || unit == "GiB" {
                if unit == "B" { return "\(count) B" }
                let tenths = Int((value * 10).rounded())
                return value < 10
                    ? "\(tenths / 10).\(tenths % 10) \(unit)" : "\(tenths / 10) \(unit)"
            }
            value /= 1024
        }
        return "\(count) B"
    }
}

extension NodeReport.Peer {
    /// Whether what it said last is worth something now.
    fileprivate var isCurrent: Bool { isConnected && !isSubjectivelyDown }
}
