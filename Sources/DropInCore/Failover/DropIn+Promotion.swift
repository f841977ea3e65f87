import MonotonicTime
import SentinelCore

/// What the leader of a failover does, step by step.
extension DropIn {
    mutating func advanceFailover(_ group: Int, _ effects: inout [DropInEffect]) {
        switch groups[group].failover {
        case .none: break
        case .waitStart: advanceElection(group, &effects)
        case .selectReplica: chooseReplica(group, &effects)
        case .sendReplicaOfNoOne(let promoted): promote(promoted, group, &effects)
        case .waitPromotion: waitPromotion(group, &effects)
        case .reconfigureReplicas(let promoted):
            reconfigure(group, promoted: promoted, &effects)
        case .updateConfig(let promoted): switchOver(group, promoted: promoted, &effects)
        }
    }

    mutating func chooseReplica(_ group: Int, _ effects: inout [DropInEffect]) {
        guard let replica = bestReplica(group) else {
            announce(.abortNoGoodReplica, server: 0, of: group, "", &effects)
            return abort(group)
        }
        announce(.selectedReplica, server: replica, of: group, "", &effects)
        move(group, to: .sendReplicaOfNoOne(promoted: replica))
        announce(.sendReplicaOfNoOne, server: replica, of: group, "", &effects)
        promote(replica, group, &effects)
    }

    private mutating func promote(
        _ replica: Int, _ group: Int, _ effects: inout [DropInEffect]
    ) {
        // Coordinated, the primary itself hands over, once the replica has all that it has.
        let place = groups[group].servers[replica].place
        let order: DropInRequest =
            groups[group].isCoordinated
            ? .handOver(
                host: announced(place), port: place.port,
                timeout: groups[group].settings.failoverTimeout) : .promote
        let server = groups[group].isCoordinated ? 0 : replica
        let connection = groups[group].servers[server].connection
        guard !connections[connection].isDisconnected,
            request(order, on: connection, group, &effects)
        else { return abortIfLate(group, &effects) }
        announce(.waitPromotion, server: replica, of: group, "", &effects)
        move(group, to: .waitPromotion(promoted: replica))
        // What was asked before says nothing of the promotion.
        groups[group].servers[replica].reportAskedAt = nil
        askReport(replica, of: group, &effects)
    }

    private mutating func waitPromotion(_ group: Int, _ effects: inout [DropInEffect]) {
        abortIfLate(group, &effects)
    }

    private mutating func abortIfLate(_ group: Int, _ effects: inout [DropInEffect]) {
        let age = now - groups[group].failoverChangedAt
        guard age > groups[group].settings.failoverTimeout else { return }
        if groups[group].isCoordinated {
            announce(.abortMasterTimeout, server: 0, of: group, "", &effects)
            finishHandover(of: 0, group, &effects)
        } else {
            announce(.abortReplicaTimeout, server: 0, of: group, "", &effects)
        }
        abort(group)
    }

    /// The promoted server says that it is a primary: from here the new configuration is in force,
    /// and everybody is told.
    mutating func promotionSeen(_ group: Int, _ effects: inout [DropInEffect]) {
        guard let promoted = groups[group].promoted else { return }
        groups[group].configEpoch = groups[group].failoverEpoch
        move(group, to: .reconfigureReplicas(promoted: promoted))
        stateChanged()
        announce(.promotedReplica, server: promoted, of: group, "", &effects)
        if simulation.contains(.crashAfterPromotion) { return effects.append(.crash) }
        announce(.reconfigureReplicas, server: 0, of: group, "", &effects)
        let (old, new) = (
            groups[group].servers[0].place, groups[group].servers[promoted].place
        )
        callReconfigurationScript(of: group, as: .leader, from: old, to: new)
        if groups[group].isCoordinated {
            for server in [promoted, 0] { finishHandover(of: server, group, &effects) }
            // It follows the new primary by its own doing.
            groups[group].servers[0].reconfiguration = .done
        }
        if globals.announcesSwitchEarly { announceSwitch(of: group, from: old, to: new, &effects) }
        greetEverybody(group)
    }

    /// Writes go on, and clients ask anew who the primary is.
    private mutating func finishHandover(
        of server: Int, _ group: Int, _ effects: inout [DropInEffect]
    ) {
        request(.finishHandover, on: groups[group].servers[server].connection, group, &effects)
    }

    // MARK: The others follow

    private mutating func reconfigure(
        _ group: Int, promoted: Int, _ effects: inout [DropInEffect]
    ) {
        var movingCount = groups[group].servers.count { $0.reconfiguration.isUnderWay }
        for server in groups[group].servers.indices.dropFirst() where server != promoted {
            guard movingCount < groups[group].settings.parallelSyncs else { break }
            if case .sent(let sentAt) = groups[group].servers[server].reconfiguration,
                now - sentAt > periods[.replicaReconfiguration]
            {
                announce(.reconfigurationTimedOut, server: server, of: group, "", &effects)
                groups[group].servers[server].reconfiguration = .done
            }
            guard groups[group].servers[server].reconfiguration == .none,
                !connections[groups[group].servers[server].connection].isDisconnected,
                follow(server, groups[group].servers[promoted].place, group, &effects)
            else { continue }
            groups[group].servers[server].reconfiguration = .sent(at: now)
            announce(.reconfigurationSent, server: server, of: group, "", &effects)
            movingCount += 1
        }
        endIfDone(group, promoted: promoted, &effects)
    }

    /// A report of a replica that was told to follow the promoted server.
    mutating func followReconfiguration(
        of server: Int, _ group: Int, _ effects: inout [DropInEffect]
    ) {
        guard let promoted = groups[group].promoted else { return }
        if case .sent = groups[group].servers[server].reconfiguration,
            let host = groups[group].servers[server].followedHost,
            isSame(
                groups[group].servers[promoted].place, host: host,
                port: groups[group].servers[server].followedPort)
        {
            groups[group].servers[server].reconfiguration = .inProgress
            announce(.reconfigurationInProgress, server: server, of: group, "", &effects)
        }
        if groups[group].servers[server].reconfiguration == .inProgress,
            groups[group].servers[server].isLinkUp
        {
            groups[group].servers[server].reconfiguration = .done
            announce(.reconfigurationDone, server: server, of: group, "", &effects)
        }
    }

    private mutating func endIfDone(
        _ group: Int, promoted: Int, _ effects: inout [DropInEffect]
    ) {
        guard !groups[group].servers[promoted].condition.isDown else { return }
        let isComplete = groups[group].servers.indices.dropFirst().allSatisfy { server in
            server == promoted || groups[group].servers[server].reconfiguration == .done
                || groups[group].servers[server].condition.isDown
        }
        let isLate = now - groups[group].failoverChangedAt > groups[group].settings.failoverTimeout
        guard isComplete || isLate else { return }
        if isLate { announce(.failoverEndForTimeout, server: 0, of: group, "", &effects) }
        announce(.failoverEnd, server: 0, of: group, "", &effects)
        if isLate { repointTheRest(group, promoted: promoted, &effects) }
        move(group, to: .updateConfig(promoted: promoted))
        switchOver(group, promoted: promoted, &effects)
    }

    private mutating func repointTheRest(
        _ group: Int, promoted: Int, _ effects: inout [DropInEffect]
    ) {
        for server in groups[group].servers.indices.dropFirst() where server != promoted {
            guard groups[group].servers[server].reconfiguration == .none,
                !connections[groups[group].servers[server].connection].isDisconnected,
                follow(server, groups[group].servers[promoted].place, group, &effects)
            else { continue }
            announce(.reconfigurationForced, server: server, of: group, "", &effects)
            groups[group].servers[server].reconfiguration = .sent(at: now)
        }
    }

    private mutating func switchOver(
        _ group: Int, promoted: Int, _ effects: inout [DropInEffect]
    ) {
        let new = groups[group].servers[promoted].place
        if !globals.announcesSwitchEarly {
            announceSwitch(of: group, from: groups[group].servers[0].place, to: new, &effects)
        }
        changePrimary(group, to: new, &effects)
    }
}
