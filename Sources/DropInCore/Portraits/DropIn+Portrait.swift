public import MonotonicTime
import SentinelCore

/// What clients are shown.
extension DropIn {
    /// All that clients can be shown.
    public func portrait(at now: Instant) -> NodePortrait {
        var portrait = NodePortrait(
            id: id, currentEpoch: currentEpoch, globals: globals, periods: periods)
        portrait.tiltedFor = tiltedSince.map { now - $0 }
        portrait.simulation = simulation
        portrait.groups = groups.indices.map { self.portrait(of: $0, at: now) }
        return portrait
    }

    /// One group alone, for who asks for one of a thousand; `nil` when it is not monitored.
    public func portrait(of name: String, at now: Instant) -> GroupPortrait? {
        group(named: name).map { portrait(of: $0, at: now) }
    }

    private func portrait(of group: Int, at now: Instant) -> GroupPortrait {
        let current = groups[group].servers[groups[group].currentPrimary].place
        var portrait = GroupPortrait(
            master: self.portrait(server: 0, of: group, at: now),
            clientHost: announced(current), clientPort: current.port)
        portrait.replicas = groups[group].servers.indices.dropFirst().map {
            self.portrait(server: $0, of: group, at: now)
        }
        portrait.sentinels = groups[group].peers.indices.map {
            self.portrait(peer: $0, of: group, at: now)
        }
        portrait.usableSentinelCount = 1 + groups[group].peers.count { !$0.condition.isDown }
        portrait.reports = groups[group].servers.map { server in
            GroupPortrait.CachedReport(
                age: server.lastReport.map { now - $0 } ?? .zero, text: server.reportText)
        }
        return portrait
    }

    private func portrait(server: Int, of group: Int, at now: Instant) -> InstancePortrait {
        let seen = groups[group].servers[server]
        let name = server == 0 ? groups[group].settings.name : name(of: seen.place)
        var portrait = InstancePortrait(
            kind: server == 0 ? .master(facts(of: group)) : .replica(facts(of: seen)),
            name: name, host: announced(seen.place), port: seen.place.port, runID: seen.runID,
            flags: flags(server: server, of: group), downAfter: groups[group].settings.downAfter)
        show(seen.connection, seen.condition, in: &portrait, at: now)
        if server == 0 {
            portrait.objectivelyDownFor = groups[group].objectivelyDownSince.map { now - $0 }
            if groups[group].failover != .none {
                portrait.failoverState = groups[group].failover.word
            }
        }
        portrait.role = RoleFacts(
            infoAge: seen.lastReport.map { now - $0 }, reportsMaster: seen.reportsPrimary,
            reportedFor: now - seen.roleSince)
        return portrait
    }

    private func portrait(peer: Int, of group: Int, at now: Instant) -> InstancePortrait {
        let seen = groups[group].peers[peer]
        let facts = SentinelFacts(
            lastHello: now - seen.lastHelloHeard, votedLeader: seen.leader,
            votedLeaderEpoch: seen.leaderEpoch)
        var flags: [String] = []
        if seen.condition.isDown { flags.append("s_down") }
        flags.append("sentinel")
        if connections[seen.connection].isDisconnected { flags.append("disconnected") }
        if seen.seesDown { flags.append("master_down") }
        var portrait = InstancePortrait(
            kind: .sentinel(facts), name: seen.id.description, host: announced(seen.place),
            port: seen.place.port, runID: seen.id, flags: flags,
            downAfter: groups[group].settings.downAfter)
        show(seen.connection, seen.condition, in: &portrait, at: now)
        return portrait
    }

    private func show(
        _ place: Int, _ condition: Condition, in portrait: inout InstancePortrait,
        at now: Instant
    ) {
        let connection = connections[place]
        portrait.pendingCommandCount = connection.pendingCount
        portrait.linkReferenceCount = connection.referenceCount
        portrait.lastPingSent = connection.unansweredSince.map { now - $0 } ?? .zero
        portrait.lastOkPingReply = now - connection.lastAvailable
        portrait.lastPingReply = now - connection.lastPong
        portrait.subjectivelyDownFor = condition.downSince.map { now - $0 }
    }

    private func facts(of group: Int) -> MasterFacts {
        MasterFacts(
            configEpoch: groups[group].configEpoch,
            replicaCount: groups[group].servers.count - 1,
            sentinelCount: groups[group].peers.count, settings: groups[group].settings)
    }

    private func facts(of server: Server) -> ReplicaFacts {
        var facts = ReplicaFacts()
        facts.linkDownFor = server.linkDownFor
        facts.isLinkUp = server.isLinkUp
        facts.followedHost = server.followedHost
        facts.followedPort = server.followedPort
        facts.priority = server.priority
        facts.offset = server.offset
        facts.isAnnounced = server.isAnnounced
        return facts
    }

    /// Sentinel's words, in its order.
    private func flags(server: Int, of group: Int) -> [String] {
        let seen = groups[group].servers[server]
        var flags: [String] = []
        if seen.condition.isDown { flags.append("s_down") }
        if server == 0, groups[group].objectivelyDownSince != nil { flags.append("o_down") }
        flags.append(server == 0 ? "master" : "slave")
        if connections[seen.connection].isDisconnected { flags.append("disconnected") }
        if server == 0, groups[group].failover != .none { flags.append("failover_in_progress") }
        if groups[group].promoted == server { flags.append("promoted") }
        switch seen.reconfiguration {
        case .none: break
        case .sent: flags.append("reconf_sent")
        case .inProgress: flags.append("reconf_inprog")
        case .done: flags.append("reconf_done")
        }
        if server == 0, groups[group].isForced { flags.append("force_failover") }
        if server == 0, groups[group].isCoordinated { flags.append("coordinated_failover") }
        if seen.isScriptKillSent { flags.append("script_kill_sent") }
        if seen.rebootedAt != nil { flags.append("master_reboot") }
        return flags
    }
}
