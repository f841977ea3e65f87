import Addressing
import MonotonicTime

/// What servers and peers answered.
extension Sentinel {
    mutating func replied(_ link: LinkID, _ reply: Reply, _ effects: inout [Effect]) {
        switch owners[link] {
        case .commands(let group, let server):
            serverReplied(group, server, reply, &effects)
            review(group, &effects)
        case .peer(let peer):
            peerReplied(peer, reply, &effects)
        case .subscription, nil:
            break  // A subscription has no requests; a forgotten link has no meaning.
        }
    }

    private mutating func serverReplied(
        _ group: Int, _ server: Int, _ reply: Reply, _ effects: inout [Effect]
    ) {
        switch reply {
        case .pong(let sentAt):
            answered(group, server, sentAt: sentAt)
            groups[group].servers[server].lastTrouble = nil
        case .pongRefused(_, let error), .reportRefused(_, let error):
            // Alive, but not a valid answer: it does not put off the limit (Sentinel behaviour).
            let subject = groups[group].subject(server).text
            if groups[group].servers[server].lastTrouble != error {
                groups[group].servers[server].lastTrouble = error
                announce(.alarm, .none, "\(subject) answers with an error: \(error)", &effects)
            }
        case .report(let sentAt, let report):
            // Only a PING's answer shows that the server works (Sentinel behaviour), but any
            // answer shows that its process had not ended when it was asked.
            forgetEvidence(group, server, olderThan: sentAt)
            apply(report, sentAt: sentAt, group, server, &effects)
        case .reconfigured(_, let error):
            reconfigured(group, server, error: error, &effects)
        case .paused(let sentAt, let error):
            pauseAnswered(group, server, sentAt: sentAt, error: error, &effects)
        case .limited(_, let error):
            limitAnswered(group, server, error: error, &effects)
        case .published, .resumed, .peer:
            break  // Nothing follows from these; a server is no peer.
        }
    }

    private mutating func answered(_ group: Int, _ server: Int, sentAt: Instant) {
        groups[group].servers[server].lastAnswer = now
        groups[group].servers[server].hasAnswered = true
        let isNewest = sentAt == groups[group].servers[server].lastPing
        groups[group].servers[server].unansweredSince =
            isNewest ? nil : groups[group].servers[server].lastPing
        forgetEvidence(group, server, olderThan: sentAt)
    }

    private mutating func forgetEvidence(
        _ group: Int, _ server: Int, olderThan sentAt: Instant
    ) {
        // The process had ended before this node learnt of it, so what was asked at that very
        // moment was asked later.
        if let ended = groups[group].servers[server].ended, sentAt >= ended.at {
            groups[group].servers[server].ended = nil
        }
    }

    private mutating func apply(
        _ report: ServerReport, sentAt: Instant, _ group: Int, _ server: Int,
        _ effects: inout [Effect]
    ) {
        let former = groups[group].servers[server].report
        if let asOf = groups[group].servers[server].reportSentAt, asOf > sentAt { return }
        groups[group].servers[server].report = report
        groups[group].servers[server].reportSentAt = sentAt

        if former?.role != report.role { groups[group].servers[server].roleSince = now }
        if let former, former.isPrimary != report.isPrimary {
            announceRole(group, server, report, &effects)
        }
        if let old = former?.runID, let new = report.runID, old != new {
            announce(.reboot, groups[group].subject(server), "", &effects)
        }
        if groups[group].servers[server].isLocal, report.processID > 0,
            former?.processID != report.processID || former?.runID != report.runID
        {
            effects.append(
                .watchProcess(
                    groups[group].servers[server].endpoint, processID: report.processID))
        }
        judgeRebirth(group, server, former)
        if server == groups[group].primary, report.isPrimary,
            !isReborn(group, server)
        {
            groups[group].replicationID = report.replicationID ?? groups[group].replicationID
            for attached in report.attached { learn(attached.endpoint, group, &effects) }
        }
        learnHistory(group, from: server, sentAt: sentAt)
        noteReach(group, server)
        checkLimit(
            group, server, sentAt: sentAt,
            hasNewRole: former.map { $0.isPrimary != report.isPrimary } ?? false)
        recordLoss(group, server, report, &effects)
        promotionReported(group, server, &effects)
        reconfigurationReported(group, server, &effects)
        reconcile(group, server, &effects)
    }

    /// A replica that follows the primary has its history. One that was last heard before any
    /// replica had attached has another by now than it said, and may be lost before it says so.
    private mutating func learnHistory(_ group: Int, from server: Int, sentAt: Instant) {
        let primary = groups[group].primary
        guard server != primary, !isReborn(group, primary),
            let report = groups[group].servers[server].report, report.isLinkUp, !report.isSyncing,
            report.role == .replica(of: groups[group].primaryEndpoint),
            let last = groups[group].servers[primary].report, last.isPrimary, !last.hasBacklog,
            let asOf = groups[group].servers[primary].reportSentAt, sentAt > asOf
        else { return }
        groups[group].replicationID = report.replicationID ?? groups[group].replicationID
    }

    /// A primary that starts anew with less than its replicas have is no primary any more, however
    /// quickly it came back; unless nobody is there to replace it, because all others have followed
    /// it by now, or because the group is left alone.
    private mutating func judgeRebirth(
        _ group: Int, _ server: Int, _ former: ServerReport?
    ) {
        guard server == groups[group].primary, let report = groups[group].servers[server].report,
            report.isPrimary, let history = groups[group].replicationID,
            report.replicationID != history, !isPaused(group),
            groups[group].servers.indices.contains(where: {
                $0 != server && groups[group].servers[$0].report?.replicationID == history
            })
        else {
            groups[group].servers[server].rebornUntil = nil
            return
        }
        if let former, former.runID != report.runID, report.offset < former.offset {
            groups[group].servers[server].rebornUntil = now + Rhythm.rebirthPatience
        }
    }

    private mutating func announceRole(
        _ group: Int, _ server: Int, _ report: ServerReport, _ effects: inout [Effect]
    ) {
        let fits = (server == groups[group].primary) == report.isPrimary
        announce(
            fits ? .roleChange : .roleMismatch, groups[group].subject(server),
            "new reported role is \(report.isPrimary ? "master" : "slave")", &effects)
    }

    /// A replica that the primary reports is one of the group from now on.
    private mutating func learn(
        _ endpoint: Endpoint, _ group: Int, _ effects: inout [Effect]
    ) {
        guard groups[group].index(of: endpoint) == nil,
            groups[group].servers.count < Group.serversMax,
            !settings.virtualAddresses.contains(endpoint.address)
        else { return }
        groups[group].servers.append(
            Server(
                endpoint: endpoint, isLocal: settings.localAddresses.contains(endpoint.address),
                now: now))
        announce(
            .replicaFound, groups[group].subject(groups[group].servers.count - 1), "", &effects)
        outbox.stateChanged()
    }

    // MARK: Peers

    private mutating func peerReplied(_ peer: Int, _ reply: Reply, _ effects: inout [Effect]) {
        switch reply {
        case .pong(let sentAt):
            inContact(peer, sentAt: sentAt)
            peers[peer].unansweredSince =
                sentAt == peers[peer].lastPing ? nil : peers[peer].lastPing
            for group in groups.indices { review(group, &effects) }
        case .peer(.greeting(let greeting), let sentAt):
            inContact(peer, sentAt: sentAt)
            greeted(greeting, from: peer, asOf: sentAt, &effects)
        case .peer(.lease, let sentAt):
            // What it says is the node's core's; that it came is a sign of life.
            inContact(peer, sentAt: sentAt)
        case .peer(.voters(let reply), let sentAt):
            inContact(peer, sentAt: sentAt)
            answered(reply, by: peer, &effects)
        case .peer(.answer(let answer), let sentAt):
            inContact(peer, sentAt: sentAt)
            answered(answer, by: peer, &effects)
        case .peer(.refused(let refusal), _):
            let complaint: String
            switch refusal {
            case .unknownGroup:
                complaint =
                    "The node \(peers[peer].name) does not monitor a group that this one does: "
                    + "the configuration must be the same on every host."
            case .stranger:
                complaint =
                    "The node \(peers[peer].name) does not know this host: "
                    + "its configuration has no `baton host` line for \(settings.endpoint)."
            }
            if complaints.isNew(complaint) { announce(.alarm, .none, complaint, &effects) }
        case .pongRefused, .peer(.noted, _), .report, .reportRefused, .published, .reconfigured,
            .paused, .resumed, .limited:
            break  // Evidence was noted; the rest a peer is never asked.
        }
    }

    private mutating func inContact(_ peer: Int, sentAt: Instant) {
        if let contact = peers[peer].contact, contact >= sentAt { return }
        for group in groups.indices where !isInContact(peer, group) {
            groups[group].views[peer].contactSince = sentAt
            if let last = groups[group].views[peer].lastGreeting, last < sentAt {
                groups[group].views[peer].lastGreeting = nil
            }
        }
        peers[peer].contact = sentAt
    }
}
