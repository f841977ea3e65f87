import MonotonicTime
import SentinelCore

/// What servers and other Sentinels answer.
extension DropIn {
    mutating func replied(
        _ link: LinkID, _ reply: DropInReply, _ effects: inout [DropInEffect]
    ) {
        guard let connection = connections.place(of: link) else { return }
        let count =
            switch reply {
            case .noted(let count): count
            case .pong, .alive, .pongRefused, .report, .reportRefused, .down: 1
            }
        connections[connection].pendingCount = max(
            0, connections[connection].pendingCount - count)
        switch reply {
        case .pong, .alive:
            answered(connection, isReady: reply == .pong)
        case .pongRefused(let isBusy):
            connections[connection].lastPong = now
            if isBusy { endScript(on: connection, &effects) }
        case .report(let report):
            guard let (group, server) = server(of: connection) else { return }
            groups[group].servers[server].reportAskedAt = nil
            take(report, of: server, group, &effects)
        case .reportRefused:
            guard let (group, server) = server(of: connection) else { return }
            groups[group].servers[server].reportAskedAt = nil
        case .down(let answer, let key):
            guard let answer, let group = group(key),
                let peer = groups[group].peers.firstIndex(where: { $0.connection == connection })
            else { return }
            take(answer, of: peer, group, &effects)
        case .noted:
            break
        }
    }

    func server(of connection: Int) -> (group: Int, server: Int)? {
        guard case .server(let key, let server) = connections[connection].owner,
            let group = group(key), server < groups[group].servers.count,
            groups[group].servers[server].connection == connection
        else { return nil }
        return (group, server)
    }

    private mutating func answered(_ connection: Int, isReady: Bool) {
        connections[connection].lastPong = now
        connections[connection].lastAvailable = now
        connections[connection].unansweredSince = nil
        guard isReady, let (group, server) = server(of: connection) else { return }
        groups[group].servers[server].rebootedAt = nil
    }

    /// A server that a script keeps from answering is freed of it, once for each time that it is
    /// down.
    private mutating func endScript(on connection: Int, _ effects: inout [DropInEffect]) {
        guard let (group, server) = server(of: connection),
            groups[group].servers[server].condition.isDown,
            !groups[group].servers[server].isScriptKillSent
        else { return }
        groups[group].servers[server].isScriptKillSent = request(
            .killScript, on: connection, group, &effects)
    }

    // MARK: INFO

    private mutating func take(
        _ report: InstanceReport, of server: Int, _ group: Int, _ effects: inout [DropInEffect]
    ) {
        groups[group].servers[server].lastReport = now
        groups[group].servers[server].reportText = report.text
        groups[group].servers[server].failoverState = report.failoverState
        noticeReboot(report, of: server, group, &effects)
        if server == 0 { findReplicas(report, group, &effects) }
        noteStanding(report, of: server, group, &effects)
        // In TILT a report is read, and nothing is done about it.
        guard !isTilted else { return }
        switch report.role {
        case .primary where server > 0:
            if groups[group].failover == .waitPromotion(promoted: server) {
                promotionSeen(group, &effects)
            } else {
                convert(server, group, &effects)
            }
        case .replica where server > 0:
            fixConfiguration(of: server, group, &effects)
            followReconfiguration(of: server, group, &effects)
        case .primary, .replica, nil:
            break
        }
        if groups[group].failover != .none { review(group, &effects) }
    }

    private mutating func noticeReboot(
        _ report: InstanceReport, of server: Int, _ group: Int, _ effects: inout [DropInEffect]
    ) {
        guard let runID = report.runID, runID != groups[group].servers[server].runID else {
            return
        }
        if groups[group].servers[server].runID != nil {
            announce(.reboot, server: server, of: group, "", &effects)
            if server == 0, groups[group].settings.rebootDownAfter > .zero {
                groups[group].servers[0].rebootedAt = now
            }
        }
        groups[group].servers[server].runID = runID
    }

    private mutating func findReplicas(
        _ report: InstanceReport, _ group: Int, _ effects: inout [DropInEffect]
    ) {
        for attached in report.attached {
            guard let place = place(host: attached.host, port: attached.port, &effects),
                !knows(place, group), groups[group].servers.count < Self.instanceCountMax
            else { continue }
            addReplica(place, to: group)
            stateChanged()
            announce(
                .replicaFound, server: groups[group].servers.count - 1, of: group, "", &effects)
        }
    }

    /// What the server takes itself for, and since when.
    private mutating func noteStanding(
        _ report: InstanceReport, of server: Int, _ group: Int, _ effects: inout [DropInEffect]
    ) {
        if report.role == .replica {
            if report.followedHost != groups[group].servers[server].followedHost
                || report.followedPort != groups[group].servers[server].followedPort
            {
                groups[group].servers[server].followsSince = now
            }
            groups[group].servers[server].followedHost = report.followedHost
            groups[group].servers[server].followedPort = report.followedPort
            groups[group].servers[server].isLinkUp = report.isLinkUp
            groups[group].servers[server].priority = report.priority
            groups[group].servers[server].offset = report.offset
            groups[group].servers[server].isAnnounced = report.isAnnounced
        }
        groups[group].servers[server].linkDownFor = .seconds(report.linkDownSeconds ?? 0)
        guard let role = report.role,
            (role == .primary) != groups[group].servers[server].reportsPrimary
        else { return }
        groups[group].servers[server].reportsPrimary = role == .primary
        groups[group].servers[server].roleSince = now
        if role == .replica { groups[group].servers[server].followsSince = now }
        let isExpected = (role == .primary) == (server == 0)
        announce(
            isExpected ? .roleChange : .roleMismatch, server: server, of: group,
            " new reported role is " + (role == .primary ? "master" : "slave"), &effects)
    }
}
