import Addressing
import MonotonicTime

/// Keeping connections up and asking on them what must be asked regularly.
extension Sentinel {
    mutating func maintainLinks(_ effects: inout [Effect]) {
        for peer in peers.indices { maintainPeer(peer, &effects) }
        for group in groups.indices {
            for server in groups[group].servers.indices {
                maintainServer(group, server, &effects)
            }
        }
    }

    private mutating func open(
        _ target: LinkTarget, for owner: LinkOwner, _ effects: inout [Effect]
    ) -> Link {
        let link = LinkID(number: nextLink)
        nextLink &+= 1
        owners[link] = owner
        effects.append(.open(link, target))
        return .opening(link, since: now)
    }

    private mutating func close(_ link: Link, _ effects: inout [Effect]) -> Link {
        if let id = link.id {
            owners[id] = nil
            effects.append(.close(id))
        }
        return .closed(retryAt: now)
    }

    // MARK: Servers

    private mutating func maintainServer(
        _ group: Int, _ server: Int, _ effects: inout [Effect]
    ) {
        let downAfter = groups[group].settings.downAfter
        let endpoint = groups[group].servers[server].endpoint

        switch groups[group].servers[server].commands {
        case .closed(let retryAt) where now >= retryAt:
            groups[group].servers[server].commands = open(
                .server(endpoint, group: groups[group].name),
                for: .commands(group: group, server: server), &effects)
        case .open(_, let since):
            let stuck = max(downAfter / 2, Rhythm.peerLinkStuck)
            if let unanswered = groups[group].servers[server].unansweredSince,
                now - max(unanswered, since) > stuck
            {
                let link = groups[group].servers[server].commands
                groups[group].servers[server].commands = close(link, &effects)
            }
        case .closed, .opening:
            break  // Not yet time; the driver bounds an attempt.
        }

        switch groups[group].servers[server].subscription {
        case .closed(let retryAt) where now >= retryAt:
            // A second connection only where the first one works.
            guard settings.gossipsThroughServers,
                groups[group].servers[server].commands.isOpen
            else { break }
            groups[group].servers[server].subscription = open(
                .subscription(endpoint, group: groups[group].name),
                for: .subscription(group: group, server: server), &effects)
        case .closed, .opening, .open:
            break
        }
        askServer(group, server, &effects)
    }

    /// `PING`, `INFO` and hello, each when due.
    private mutating func askServer(_ group: Int, _ server: Int, _ effects: inout [Effect]) {
        guard let link = groups[group].servers[server].commands.usable else { return }
        let period = Rhythm.pingPeriod(downAfter: groups[group].settings.downAfter)
        if isDue(groups[group].servers[server].lastPing, period) {
            ping(group, server, &effects)
        }
        if isDue(groups[group].servers[server].lastInfo, infoPeriod(group, server)) {
            askReport(group, server, &effects)
        }
        keepLimit(group, server, &effects)
        if settings.gossipsThroughServers,
            isDue(groups[group].servers[server].lastHello, Rhythm.helloPeriod)
        {
            groups[group].servers[server].lastHello = now
            sendWhenDurable(.request(link, .publish(hello(group))))
        }
    }

    private func isDue(_ last: Instant?, _ period: Interval) -> Bool {
        guard let last else { return true }
        return now - last >= period
    }

    /// Fast while the answer decides how long writes wait.
    private func infoPeriod(_ group: Int, _ server: Int) -> Interval {
        if groups[group].tenure.appointment?.server == groups[group].servers[server].endpoint {
            return Rhythm.infoPeriodFast
        }
        switch groups[group].failover {
        case .selectReplica:
            return server == groups[group].primary ? Rhythm.infoPeriod : Rhythm.infoPeriodFast
        case .promotion(_, let replica, _, _):
            return server == replica ? Rhythm.infoPeriodFast : Rhythm.infoPeriod
        case .reconfigureReplicas:
            let isMoving =
                switch groups[group].servers[server].reconfiguration {
                case .sent, .inProgress: true
                case .none, .done: false
                }
            return isMoving ? Rhythm.infoPeriodFast * 5 : Rhythm.infoPeriod
        case .none, .waitStart, .preVote, .election:
            // Until it has followed nobody can order a switchover to it.
            return server == groups[group].primary || hasPresentHistory(group, server)
                ? Rhythm.infoPeriod : Rhythm.infoPeriodCatchingUp
        }
    }

    mutating func ping(_ group: Int, _ server: Int, _ effects: inout [Effect]) {
        guard let link = groups[group].servers[server].commands.usable else { return }
        groups[group].servers[server].lastPing = now
        if groups[group].servers[server].unansweredSince == nil {
            groups[group].servers[server].unansweredSince = now
        }
        effects.append(.request(link, .ping(sentAt: now)))
    }

    mutating func askReport(_ group: Int, _ server: Int, _ effects: inout [Effect]) {
        guard let link = groups[group].servers[server].commands.usable else { return }
        groups[group].servers[server].lastInfo = now
        effects.append(.request(link, .info(sentAt: now)))
    }

    // MARK: Peers

    private mutating func maintainPeer(_ peer: Int, _ effects: inout [Effect]) {
        switch peers[peer].link {
        case .closed(let retryAt) where now >= retryAt:
            peers[peer].link = open(.peer(peers[peer].endpoint), for: .peer(peer), &effects)
        case .open(_, let since):
            if let unanswered = peers[peer].unansweredSince,
                now - max(unanswered, since) > Rhythm.peerLinkStuck
            {
                peers[peer].link = close(peers[peer].link, &effects)
            }
        case .closed, .opening:
            break
        }
        guard peers[peer].link.isOpen else { return }
        if isDue(peers[peer].lastPing, peerPingPeriod) { ping(peer, &effects) }
        for group in groups.indices
        where isDue(groups[group].views[peer].lastGreeting, Rhythm.helloPeriod) {
            greet(peer, group)
        }
    }

    mutating func ping(_ peer: Int, _ effects: inout [Effect]) {
        guard let link = peers[peer].link.usable else { return }
        peers[peer].lastPing = now
        if peers[peer].unansweredSince == nil { peers[peer].unansweredSince = now }
        effects.append(.request(link, .ping(sentAt: now)))
    }

    // MARK: What happened to a link

    mutating func linkOpened(_ link: LinkID, _ effects: inout [Effect]) {
        switch owners[link] {
        case .commands(let group, let server):
            groups[group].servers[server].commands = .open(link, since: now)
            groups[group].servers[server].lastLimit = nil
            ping(group, server, &effects)
            askReport(group, server, &effects)
            maintainServer(group, server, &effects)
        case .subscription(let group, let server):
            groups[group].servers[server].subscription = .open(link, since: now)
        case .peer(let peer):
            peers[peer].link = .open(link, since: now)
            peers[peer].lastPing = nil
            for group in groups.indices { groups[group].views[peer].lastGreeting = nil }
            maintainPeer(peer, &effects)
        case nil:
            break  // Closed by us in the meantime.
        }
    }

    mutating func linkClosed(
        _ link: LinkID, _ failure: LinkFailure, _ effects: inout [Effect]
    ) {
        let closed = Link.closed(retryAt: now + Rhythm.reconnectPeriod)
        switch owners.removeValue(forKey: link) {
        case .commands(let group, let server):
            // A promotion closes all connections of the new primary, and its own host must see
            // the new role before it takes the address: a link that stood is made anew at once.
            let stood = groups[group].servers[server].commands.stood(
                for: Rhythm.reconnectPeriod, at: now)
            groups[group].servers[server].commands = stood ? .closed(retryAt: now) : closed
            defer { if stood { maintainServer(group, server, &effects) } }
            // A connection that is accepted again is no sign of life; the silence goes on until
            // a ping is answered.
            if groups[group].servers[server].unansweredSince == nil {
                groups[group].servers[server].unansweredSince =
                    groups[group].servers[server].lastAnswer
            }
            let whom = "The server at \(groups[group].servers[server].endpoint)"
            if let text = complaint(failure, about: whom),
                groups[group].servers[server].lastTrouble != text
            {
                groups[group].servers[server].lastTrouble = text
                announce(.alarm, .none, text, &effects)
            }
            review(group, &effects)
        case .subscription(let group, let server):
            groups[group].servers[server].subscription = closed
        case .peer(let peer):
            peers[peer].link = closed
            if failure == .refused { candidateEnded(peer) }
            let whom = "The node \(peers[peer].name) at \(peers[peer].endpoint)"
            if let text = complaint(failure, about: whom), peers[peer].lastTrouble != text {
                peers[peer].lastTrouble = text
                announce(.alarm, .none, text, &effects)
            }
        case nil:
            break
        }
    }

    /// A refusal that somebody must repair is logged once; what passes by itself is not logged,
    /// since `+sdown` will say it if it lasts.
    private func complaint(_ failure: LinkFailure, about whom: String) -> String? {
        switch failure {
        case .denied(let reason):
            "\(whom) refuses this node: \(reason). "
                + "Check the password or secret in the configuration of both sides."
        case .confused(let reason):
            "\(whom) does not speak the expected protocol: \(reason). "
                + "Check the address and port in the configuration."
        case .insecure(let reason):
            "\(whom) and this node come to no TLS: \(reason). "
                + "Check the tls-… lines of both sides."
        case .refused, .closed, .unreachable, .requested:
            nil
        }
    }
}
