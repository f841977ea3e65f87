internal import Addressing
internal import MonotonicTime
internal import SentinelCore

/// What nodes and servers say, and what follows from it.
extension Observer {
    mutating func reported(_ endpoint: Endpoint, _ report: ServerReport, at now: Instant) {
        guard let index = server(endpoint), let askedAt = servers[index].unansweredSince else {
            return
        }
        servers[index].unansweredSince = nil
        servers[index].report = report
        servers[index].reportAskedAt = askedAt
        servers[index].lostAt = nil
        servers[index].closedAt = nil
        servers[index].isProven = true
        let period = isHurried(at: now) ? ObserverRhythm.hurriedPeriod : settings.reportPeriod
        servers[index].askAt = now + period
        if !isNamed { guessPrimary(at: now) }
        guard endpoint == primary, report.isPrimary else { return }
        marks.note(report.offset, at: askedAt)
        for replica in report.attached { follow(replica.endpoint, at: now) }
    }

    /// The file may be older than the last failover. As long as no node says so, a server that it
    /// calls the primary, and that follows another, is believed: there is then something to read
    /// from.
    private mutating func guessPrimary(at now: Instant) {
        guard let index = server(primary), servers[index].lostAt == nil,
            let report = servers[index].report, report.isLinkUp,
            case .replica(let upstream) = report.role
        else { return }
        follow(upstream, at: now)
        guard let other = server(upstream), servers[other].report?.isPrimary == true else { return }
        primary = upstream
        marks.forget()
        hurry(at: now)
    }

    /// The newest word counts; of several of one epoch that of most nodes. A Sentinel that leads a
    /// failover says the new epoch with the old address for a while, and then better.
    mutating func claimed(_ endpoint: Endpoint, _ claim: Claim?, at now: Instant) {
        guard let index = node(endpoint) else { return }
        nodes[index].claim = claim.flatMap { isPossible($0.primary) ? $0 : nil }
        nodes[index].askAt = nodes[index].isStirred ? now : now + ObserverRhythm.claimPeriod
        nodes[index].isStirred = false
        let claims = nodes.compactMap(\.claim)
        guard let newest = claims.map(\.epoch).max() else { return }
        // Epochs go back only where nodes have lost their memory: when most say so, and nobody
        // knows better any more.
        guard newest >= epoch || claims.count * 2 > nodes.count else { return }
        epoch = newest
        isNamed = true
        let words = claims.filter { $0.epoch == newest }.map(\.primary)
        func votes(_ word: Endpoint) -> Int { words.count { $0 == word } }
        let most = words.map(votes).max() ?? 0
        guard votes(primary) < most, let chosen = words.first(where: { votes($0) == most }) else {
            return
        }
        follow(chosen, at: now)
        primary = chosen
        marks.forget()
        hurry(at: now)
    }

    private func isPossible(_ primary: Endpoint) -> Bool {
        primary != ServerReport.unknownPrimary
            && !settings.virtualAddresses.contains(primary.address)
    }

    /// The others are asked too: the one that spoke may be the last to know, and one is enough.
    mutating func stirred(_ endpoint: Endpoint, at now: Instant) {
        guard node(endpoint) != nil else { return }
        for index in nodes.indices {
            nodes[index].isStirred = nodes[index].askAt == nil
            nodes[index].askAt = nodes[index].askAt.map { min($0, now) }
        }
        hurry(at: now)
    }

    /// What comes late, when the move is over, names the former primary. The others are not asked
    /// yet: they know nothing new.
    mutating func moveAnnounced(
        by endpoint: Endpoint, from former: Endpoint, at now: Instant,
        _ effects: inout [ObserverEffect]
    ) {
        guard node(endpoint) != nil, former == primary else { return }
        effects.append(.announceMove)
        hurry(at: now)
    }

    // MARK: The view

    func view(at now: Instant) -> GroupView {
        GroupView(
            primary: primary, epoch: epoch, isNamed: isNamed,
            servers: servers.map { server in
                ServerView(
                    endpoint: server.endpoint, state: state(of: server.endpoint, at: now),
                    isPrimary: server.endpoint == primary, lagBytes: lagBytes(server),
                    lag: lag(server), dataAsOf: dataAsOf(server), runID: server.report?.runID)
            })
    }

    func state(of endpoint: Endpoint, at now: Instant) -> ServerView.State {
        guard let index = server(endpoint), let report = servers[index].report,
            servers[index].lostAt == nil
        else { return .down }
        if report.isLoading { return .loading }
        if report.isSyncing { return .syncing }
        switch report.role {
        case .primary:
            return endpoint == primary ? .serving : .stray
        case .replica(let upstream):
            // It is to be promoted, or was demoted: it serves what it has, as a replica would.
            if endpoint == primary { return .detached }
            guard report.isLinkUp else { return .detached }
            return isPrimary(upstream) ? .serving : .stray
        }
    }

    /// A replica of a replica has the same data. A name that is no address can't be compared.
    private func isPrimary(_ upstream: Endpoint) -> Bool {
        upstream == primary || upstream == ServerReport.unknownPrimary
            || servers.contains { $0.endpoint == upstream && $0.report?.isPrimary == false }
    }

    private func lagBytes(_ server: Server) -> UInt64? {
        guard let report = server.report, let index = self.server(primary),
            let source = servers[index].report, source.isPrimary,
            source.replicationID == report.replicationID
        else { return nil }
        return server.endpoint == primary
            ? 0 : source.offset > report.offset ? source.offset - report.offset : 0
    }

    /// Of another history than the primary's present one nothing is known.
    private func dataAsOf(_ server: Server) -> Instant? {
        guard settings.tellsDataAsOf, let report = server.report, lagBytes(server) != nil else {
            return nil
        }
        return server.endpoint == primary
            ? server.reportAskedAt : marks.dataAsOf(report.offset)
    }

    private func lag(_ server: Server) -> Interval? {
        if server.endpoint == primary { return .zero }
        guard let report = server.report, !report.isPrimary else { return nil }
        guard report.isLinkUp else { return .seconds(min(report.linkDownSeconds, 1_000_000)) }
        return marks.age(of: report.offset, askedAt: server.reportAskedAt)
    }
}
