import Addressing
import MonotonicTime
import SentinelCore

/// Keeping links up, and asking on them what must be asked regularly.
extension DropIn {
    /// One look at a group: links, questions, and what follows from the answers.
    mutating func lookAfter(_ group: Int, _ effects: inout [DropInEffect]) {
        maintainServer(0, of: group, &effects)
        if !isTilted {
            judgeServer(0, of: group, &effects)
            review(group, &effects)
        }
        // The list may have changed: a switch makes it anew.
        var server = 1
        while server < groups[group].servers.count {
            maintainServer(server, of: group, &effects)
            if !isTilted { judgeServer(server, of: group, &effects) }
            server += 1
        }
        for peer in groups[group].peers.indices {
            maintainPeer(peer, of: group, &effects)
            if !isTilted { judgePeer(peer, of: group, &effects) }
        }
    }

    // MARK: Servers

    private mutating func maintainServer(
        _ server: Int, of group: Int, _ effects: inout [DropInEffect]
    ) {
        let connection = groups[group].servers[server].connection
        if connections[connection].isDisconnected {
            reconnect(server: server, of: group, &effects)
            guard !connections[connection].isDisconnected else { return }
        }
        guard !connections[connection].isCongested else { return }
        if isDue(groups[group].servers[server].lastReportAsked, reportPeriod(server, of: group)) {
            askReport(server, of: group, &effects)
        }
        pingIfDue(connection, group, &effects)
        if isDue(groups[group].servers[server].lastHello, periods[.publish]) {
            greet(server: server, of: group)
        }
    }

    private mutating func reconnect(
        server: Int, of group: Int, _ effects: inout [DropInEffect]
    ) {
        let place = groups[group].servers[server].place
        let connection = groups[group].servers[server].connection
        guard isDue(connections[connection].lastReconnection, periods[.ping]) else { return }
        connections[connection].lastReconnection = now
        // A name may come to something else by now; the answer comes later.
        resolve(place.host, &effects)
        guard let endpoint = place.endpoint else { return }
        let settings = groups[group].settings
        let login = Login(
            user: settings.authUser, password: settings.authPassword,
            names: settings.renamedCommands)
        if connections[connection].commands == nil {
            openCommands(connection, endpoint, login, group, &effects)
            // What it said on the former connection may be of a former life.
            groups[group].servers[server].lastReportAsked = nil
            groups[group].servers[server].reportAskedAt = nil
            // Whoever promotes a server closes its connections: for how long it had a role before
            // says nothing of the role that it has now.
            if server > 0 { groups[group].servers[server].roleSince = now }
        }
        if connections[connection].subscription == nil {
            let link = connections.newLink(of: connection)
            connections[connection].subscription = link
            connections[connection].subscriptionSince = now
            connections[connection].subscriptionActivity = now
            effects.append(.open(link, .subscription(endpoint, login)))
        }
        connections[connection].isDisconnected = false
    }

    private mutating func openCommands(
        _ connection: Int, _ endpoint: Endpoint, _ login: Login, _ group: Int,
        _ effects: inout [DropInEffect]
    ) {
        let link = connections.newLink(of: connection)
        connections[connection].commands = link
        connections[connection].commandsSince = now
        connections[connection].pendingCount = 0
        connections[connection].localAddress = nil
        effects.append(.open(link, .commands(endpoint, login)))
        ping(connection, group, &effects)
    }

    /// How often a server is asked for its report.
    private func reportPeriod(_ server: Int, of group: Int) -> Interval {
        var period = periods[.info]
        // One that never answered is asked anew soon: it may let us in by now.
        if groups[group].servers[server].lastReport == nil {
            period = min(period, Rhythm.reportPeriodAlert)
        }
        switch groups[group].failover {
        case .sendReplicaOfNoOne(let promoted), .waitPromotion(let promoted):
            if server == promoted { return Rhythm.reportPeriodPromotion }
        case .reconfigureReplicas:
            if groups[group].servers[server].reconfiguration.isUnderWay {
                return min(period, Rhythm.reportPeriodMoving)
            }
        case .none, .waitStart, .selectReplica, .updateConfig:
            break
        }
        let isAlert =
            groups[group].objectivelyDownSince != nil || groups[group].failover != .none
            || groups[group].servers[server].linkDownFor > .zero
        return server > 0 && isAlert ? min(period, Rhythm.reportPeriodAlert) : period
    }

    /// Asks for a report unless one is awaited.
    mutating func askReport(_ server: Int, of group: Int, _ effects: inout [DropInEffect]) {
        let connection = groups[group].servers[server].connection
        if let asked = groups[group].servers[server].reportAskedAt,
            now - asked < Rhythm.reportPatience
        {
            return
        }
        guard request(.info, on: connection, group, &effects) else { return }
        groups[group].servers[server].lastReportAsked = now
        groups[group].servers[server].reportAskedAt = now
    }

    // MARK: Peers

    private mutating func maintainPeer(
        _ peer: Int, of group: Int, _ effects: inout [DropInEffect]
    ) {
        let connection = groups[group].peers[peer].connection
        if connections[connection].isDisconnected {
            reconnect(peer: peer, of: group, &effects)
            guard !connections[connection].isDisconnected else { return }
        }
        guard !connections[connection].isCongested else { return }
        pingIfDue(connection, group, &effects)
        if isDue(groups[group].peers[peer].lastHello, periods[.publish]) {
            greet(peer: peer, of: group)
        }
    }

    private mutating func reconnect(
        peer: Int, of group: Int, _ effects: inout [DropInEffect]
    ) {
        let place = groups[group].peers[peer].place
        let connection = groups[group].peers[peer].connection
        guard isDue(connections[connection].lastReconnection, periods[.ping]) else { return }
        connections[connection].lastReconnection = now
        resolve(place.host, &effects)
        guard let endpoint = place.endpoint else { return }
        let login = Login(
            user: globals.sentinelPassword == nil ? nil : globals.sentinelUser,
            password: globals.sentinelPassword ?? globals.ownPassword,
            names: groups[group].settings.renamedCommands)
        openCommands(connection, endpoint, login, group, &effects)
        connections[connection].isDisconnected = false
    }

    // MARK: Both

    func isDue(_ last: Instant?, _ period: Interval) -> Bool {
        guard let last else { return true }
        return now - last >= period
    }

    /// Sends a request, unless there is no link.
    @discardableResult
    mutating func request(
        _ request: DropInRequest, on connection: Int, _ group: Int,
        _ effects: inout [DropInEffect]
    ) -> Bool {
        guard let link = connections[connection].commands else { return false }
        connections[connection].pendingCount += request.replyCount
        effects.append(.request(link, request, names: groups[group].settings.renamedCommands))
        return true
    }

    private mutating func pingIfDue(
        _ connection: Int, _ group: Int, _ effects: inout [DropInEffect]
    ) {
        let period = min(periods[.ping], groups[group].settings.downAfter)
        guard now - connections[connection].lastPong >= period,
            isDue(connections[connection].lastPing, period / 2)
        else { return }
        ping(connection, group, &effects)
    }

    private mutating func ping(
        _ connection: Int, _ group: Int, _ effects: inout [DropInEffect]
    ) {
        guard request(.ping, on: connection, group, &effects) else { return }
        connections[connection].lastPing = now
        if connections[connection].unansweredSince == nil {
            connections[connection].unansweredSince = now
        }
    }

    // MARK: What happened to a link

    mutating func linkOpened(
        _ link: LinkID, _ local: IPAddress?, _ effects: inout [DropInEffect]
    ) {
        guard let connection = connections.place(of: link) else { return }
        if connections[connection].commands == link {
            connections[connection].localAddress = local
            // A hello tells where this node is, so none could be sent before: now they are due.
            greetAll(on: connection)
        }
        if connections[connection].subscription == link {
            connections[connection].subscriptionActivity = now
        }
    }

    mutating func linkClosed(
        _ link: LinkID, _ failure: LinkFailure, _ effects: inout [DropInEffect]
    ) {
        guard let connection = connections.place(of: link) else { return }
        let isCommands = connections[connection].commands == link
        forget(link, of: connection)
        // A connection that ends owes an answer: everybody whose connection was closed counts its
        // silence from the same moment.
        if isCommands, connections[connection].unansweredSince == nil {
            connections[connection].unansweredSince = now
        }
        announce(
            isCommands ? .commandLinkFailed : .subscriptionFailed,
            "\(ownerText(connection)) #\(Self.text(failure))", &effects)
    }

    private mutating func forget(_ link: LinkID, of connection: Int) {
        connections.forget(link)
        if connections[connection].commands == link {
            connections[connection].commands = nil
            connections[connection].localAddress = nil
            connections[connection].pendingCount = 0
            if case .server(let key, let server) = connections[connection].owner,
                let group = group(key), server < groups[group].servers.count
            {
                groups[group].servers[server].reportAskedAt = nil
            }
        }
        if connections[connection].subscription == link {
            connections[connection].subscription = nil
        }
        connections[connection].isDisconnected = true
    }

    mutating func closeCommands(_ connection: Int, _ effects: inout [DropInEffect]) {
        guard let link = connections[connection].commands else { return }
        forget(link, of: connection)
        effects.append(.close(link))
    }

    mutating func closeSubscription(_ connection: Int, _ effects: inout [DropInEffect]) {
        guard let link = connections[connection].subscription else { return }
        forget(link, of: connection)
        effects.append(.close(link))
    }

    mutating func closeLinks(_ connection: Int, _ effects: inout [DropInEffect]) {
        closeCommands(connection, &effects)
        closeSubscription(connection, &effects)
    }

    /// Closes the links and opens others at the next look.
    mutating func dropLinks(_ connection: Int, _ effects: inout [DropInEffect]) {
        closeLinks(connection, &effects)
        connections[connection].lastReconnection = nil
    }

    private func ownerText(_ connection: Int) -> String {
        switch connections[connection].owner {
        case .server(let key, let server):
            guard let group = group(key), server < groups[group].servers.count else { return "" }
            return text(server: server, of: group)
        case .sentinel(let id):
            for group in groups.indices {
                if let peer = peer(id, of: group) { return text(peer: peer, of: group) }
            }
            return ""
        }
    }

    private static func text(_ failure: LinkFailure) -> String {
        switch failure {
        case .refused: "Connection refused"
        case .closed: "Server closed the connection"
        case .unreachable: "No route to host"
        case .denied(let text), .confused(let text), .insecure(let text): text
        case .requested: "Closed"
        }
    }
}
