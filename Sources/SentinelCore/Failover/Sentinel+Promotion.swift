import Addressing
import MonotonicTime

/// What a leader does: choose, promote, put in force, point the others at it.
extension Sentinel {
    /// Waits for fresh reports, then chooses.
    mutating func selectReplica(
        _ group: Int, epoch: Epoch, askedAt: Instant, _ effects: inout [Effect]
    ) {
        let isWaiting = groups[group].servers.indices.contains { index in
            let server = groups[group].servers[index]
            guard index != groups[group].primary, isMeant(index, by: groups[group].order, group),
                server.isConnected, !server.isDown,
                hasNode(server, group)
            else { return false }
            return !reported(server, since: askedAt) || !nodeAnswered(server, group, since: askedAt)
        }
        if isWaiting, !groups[group].isIncumbency, now - askedAt < Rhythm.selectionRound { return }
        // A server that does not answer now is chosen only when none does; one whose node does not
        // answer never, since nobody there could take the write address.
        let order = groups[group].order
        let isPauseLost = order?.isCoordinated == true && groups[group].isPrimaryLost
        let acceptsLoss = order?.isCoordinated == false
        let fit = candidates(group, acceptsLoss: acceptsLoss).filter {
            nodeAnswered(groups[group].servers[$0], group, since: askedAt)
                && isMeant($0, by: order, group) && !isPauseLost
        }
        let answering = fit.first { reported(groups[group].servers[$0], since: askedAt) }
        let incumbent = groups[group].isIncumbency ? groups[group].primary : nil
        guard let best = incumbent ?? answering ?? fit.first else {
            announce(
                .abortNoGoodReplica, groups[group].subject(groups[group].primary), "", &effects)
            recordFailure(group, .abortNoGoodReplica, &effects)
            return giveUp(group)
        }
        recordChoice(group, best)
        if incumbent == nil {
            announce(.selectedReplica, groups[group].subject(best), "", &effects)
        }
        announce(.sendReplicaOfNoOne, groups[group].subject(best), "", &effects)
        move(
            group,
            to: .promotion(
                epoch: epoch, replica: best, sentAt: nil, deadline: now + Rhythm.promotionRound))
    }

    private func reported(_ server: Server, since askedAt: Instant) -> Bool {
        server.reportSentAt.map { $0 >= askedAt } ?? false
    }

    /// Tells the chosen replica, as soon as its link allows, and waits for its word.
    mutating func promote(
        _ group: Int, epoch: Epoch, replica: Int, sentAt: Instant?, deadline: Instant,
        _ effects: inout [Effect]
    ) {
        if now >= deadline {
            announce(
                .abortReplicaTimeout, groups[group].subject(groups[group].primary), "", &effects)
            recordFailure(group, .abortReplicaTimeout, &effects)
            return giveUp(group)
        }
        guard sentAt == nil else { return }
        if groups[group].settings.isLeased {
            guard appoint(group, epoch: epoch, replica: replica, &effects) else { return }
        } else {
            guard let link = groups[group].servers[replica].commands.usable else { return }
            limitWrites(group, replica, &effects)
            effects.append(.request(link, .promote(sentAt: now)))
            // In the same write: its word follows the order without another round trip.
            askReport(group, replica, &effects)
        }
        move(
            group,
            to: .promotion(epoch: epoch, replica: replica, sentAt: now, deadline: deadline))
        announce(.waitPromotion, groups[group].subject(replica), "", &effects)
    }

    /// The chosen replica may have reported that it is a primary now.
    mutating func promotionReported(_ group: Int, _ server: Int, _ effects: inout [Effect]) {
        guard case .promotion(let epoch, server, let sentAt, _) = groups[group].failover,
            let report = groups[group].servers[server].report, report.isPrimary,
            let asOf = groups[group].servers[server].reportSentAt, asOf >= sentAt ?? asOf
        else { return }
        promoted(group, server, epoch: epoch, &effects)
        groups[group].replicationID = report.replicationID
    }

    /// The leader's server is a primary: the new configuration is in force.
    mutating func promoted(
        _ group: Int, _ server: Int, epoch: Epoch, _ effects: inout [Effect]
    ) {
        if server != groups[group].primary {
            announce(.promotedReplica, groups[group].subject(server), "", &effects)
        }
        move(
            group,
            to: .reconfigureReplicas(
                epoch: epoch, deadline: now + groups[group].settings.failoverTimeout))
        install(group, server, epoch: epoch, by: .leader, &effects)
        announce(.reconfigureReplicas, groups[group].subject(groups[group].primary), "", &effects)
    }

    /// Puts a configuration in force that this node is the first to know, and tells everybody.
    mutating func install(
        _ group: Int, _ server: Int, epoch: Epoch, by part: FailoverPart,
        _ effects: inout [Effect]
    ) {
        groups[group].configEpoch = epoch
        groups[group].attempts = 0
        outbox.stateChanged()
        recordSwitch(
            group, to: groups[group].servers[server].endpoint, learntFrom: nil, &effects)
        if server == groups[group].primary {
            // The present primary was confirmed: clients need not move.
            groups[group].tenure.overtake(epoch)
            groups[group].isObjectivelyDown = false
        } else {
            switchPrimary(
                group, to: groups[group].servers[server].endpoint, by: part, &effects)
        }
        greetAll(group)
    }

    // MARK: The others

    /// Points the others at the new primary, `parallel-syncs` at a time.
    mutating func reconfigure(_ group: Int, deadline: Instant, _ effects: inout [Effect]) {
        var isFinished = true
        var underWay = groups[group].servers.count {
            switch $0.reconfiguration {
            case .sent, .inProgress: !$0.isDown
            case .none, .done: false
            }
        }
        for server in groups[group].servers.indices
        where server != groups[group].primary && !groups[group].servers[server].isDown {
            switch groups[group].servers[server].reconfiguration {
            case .done:
                continue
            case .sent(let at) where now - at > Rhythm.reconfigurationRound:
                announce(
                    .reconfigurationTimedOut, groups[group].subject(server), "", &effects)
                groups[group].servers[server].reconfiguration = .done
                continue
            case .none where underWay < groups[group].settings.parallelSyncs:
                if follow(group, server, &effects) {
                    underWay += 1
                    groups[group].servers[server].reconfiguration = .sent(at: now)
                    announce(.reconfigurationSent, groups[group].subject(server), "", &effects)
                }
            case .none, .sent, .inProgress:
                break
            }
            isFinished = false
        }
        let primary = groups[group].subject(groups[group].primary)
        if isFinished {
            announce(.failoverEnd, primary, "", &effects)
            recordEnd(group, &effects)
            move(group, to: .none)
        } else if now >= deadline {
            announce(.failoverEndForTimeout, primary, "", &effects)
            // Those that were told already are left alone: an order closes their clients.
            for server in groups[group].servers.indices
            where server != groups[group].primary
                && groups[group].servers[server].reconfiguration == .none
            {
                _ = follow(group, server, &effects)
            }
            move(group, to: .none)
        }
    }

    mutating func reconfigurationReported(
        _ group: Int, _ server: Int, _ effects: inout [Effect]
    ) {
        guard case .reconfigureReplicas = groups[group].failover,
            groups[group].servers[server].following == groups[group].primaryEndpoint,
            let report = groups[group].servers[server].report
        else { return }
        let subject = groups[group].subject(server)
        if case .sent = groups[group].servers[server].reconfiguration {
            groups[group].servers[server].reconfiguration = .inProgress
            announce(.reconfigurationInProgress, subject, "", &effects)
        }
        if case .inProgress = groups[group].servers[server].reconfiguration, report.isLinkUp {
            groups[group].servers[server].reconfiguration = .done
            announce(.reconfigurationDone, subject, "", &effects)
        }
    }

    /// Tells a server to follow the primary. False when it can't be told now: there is no
    /// connection, or the configuration that the order rests on can't be saved.
    mutating func follow(_ group: Int, _ server: Int, _ effects: inout [Effect]) -> Bool {
        guard !outbox.isFailing, let link = groups[group].servers[server].commands.usable else {
            return false
        }
        groups[group].servers[server].lastFollow = now
        // It rests on the configuration, so the configuration must be durable.
        sendWhenDurable(
            .request(link, .follow(groups[group].primaryEndpoint, sentAt: now)))
        askReportWhenDurable(group, server, link)
        return true
    }

    /// Behind an order that waits, so that the report is younger than the order.
    private mutating func askReportWhenDurable(_ group: Int, _ server: Int, _ link: LinkID) {
        groups[group].servers[server].lastInfo = now
        sendWhenDurable(.request(link, .info(sentAt: now)))
    }

    /// Orders that will never be sent were not given: they are given again once the state is
    /// saved.
    mutating func forgetOrders(_ dropped: [Effect]) {
        for case .request(let link, .follow) in dropped {
            guard case .commands(let group, let server) = owners[link] else { continue }
            groups[group].servers[server].lastFollow = nil
            groups[group].servers[server].reconfiguration = .none
        }
    }

    mutating func reconfigured(
        _ group: Int, _ server: Int, error: String?, _ effects: inout [Effect]
    ) {
        guard let error else {
            groups[group].servers[server].lastRefusal = nil
            return
        }
        let subject = groups[group].subject(server).text
        let text =
            "\(subject) refuses to change its role: \(error). "
            + "Its user needs +multi +exec +slaveof +replicaof +config|rewrite +client|kill."
        guard groups[group].servers[server].lastRefusal != text else { return }
        groups[group].servers[server].lastRefusal = text
        announce(.alarm, .none, text, &effects)
    }
}
