import Addressing
import MonotonicTime

/// Which replica is promoted, and which host begins.
extension Sentinel {
    /// The replicas that are fit to be promoted, best first: present history; a host that clients
    /// reach; then lower priority value, more data, smaller run id (Sentinel behaviour); then
    /// address.
    ///
    /// - Parameter acceptsLoss: whether one may be promoted that lacks more than declared.
    func candidates(_ group: Int, acceptsLoss: Bool = false) -> [Int] {
        groups[group].servers.indices.filter {
            isFit(group, $0, acceptsLoss: acceptsLoss)
        }.sorted { left, right in
            let isPresent = hasPresentHistory(group, left)
            guard isPresent == hasPresentHistory(group, right) else { return isPresent }
            let isReached = reachesClients(group, left)
            guard isReached == reachesClients(group, right) else { return isReached }
            return isBetter(groups[group].servers[left], groups[group].servers[right])
        }
    }

    /// Its offset counts the same history as the primary's. After a promotion a replica that was
    /// not yet re-pointed still has the former one: better than none, behind all others.
    func hasPresentHistory(_ group: Int, _ server: Int) -> Bool {
        guard let history = presentHistory(group) else { return true }
        return groups[group].servers[server].report?.replicationID == history
    }

    /// Its host says that it is heard on the network of the write address.
    func reachesClients(_ group: Int, _ server: Int) -> Bool {
        guard groups[group].settings.isLeased else { return true }
        if groups[group].servers[server].isLocal { return groups[group].tenure.reachesClients }
        guard let peer = node(of: groups[group].servers[server]) else { return true }
        return groups[group].views[peer].greeting?.reachesClients ?? true
    }

    private func isBetter(_ left: Server, _ right: Server) -> Bool {
        guard let one = left.report, let other = right.report else { return left.report != nil }
        if one.priority != other.priority { return one.priority < other.priority }
        if one.offset != other.offset { return one.offset > other.offset }
        if one.runID != other.runID {
            guard let first = one.runID, let second = other.runID else { return one.runID != nil }
            return first < second
        }
        return left.endpoint < right.endpoint
    }

    private func isFit(_ group: Int, _ index: Int, acceptsLoss: Bool) -> Bool {
        let server = groups[group].servers[index]
        guard index != groups[group].primary, !server.isDown, server.isConnected,
            let report = server.report, let asOf = server.reportSentAt,
            now - asOf <= Rhythm.reportLifetime,
            !report.isPrimary, report.priority != 0, !report.isLoading, !report.isSyncing
        else { return false }
        // A server with another history would take the group's data away.
        if let history = presentHistory(group) {
            guard let own = report.replicationID,
                own == history || own == groups[group].formerReplicationID
            else { return false }
        }
        return !isTooFarBehind(report, group) && hasNode(server, group)
            && (acceptsLoss || isWithinBound(report, group))
    }

    /// Its link to the primary was down for long before the primary was (Sentinel behaviour). Where
    /// losses are bounded that says nothing: the bound does, and a voter that was started since
    /// does not know for how long the primary has been down.
    private func isTooFarBehind(_ report: ServerReport, _ group: Int) -> Bool {
        guard !report.isLinkUp, !groups[group].settings.isBounded else { return false }
        let down = groups[group].servers[groups[group].primary].downSince.map { now - $0 }
        let limit = (down ?? .zero) + groups[group].settings.downAfter * 10
        // In whole seconds, because the peer's number may be too large for an interval.
        return report.linkDownSeconds > limit.milliseconds / 1000
    }

    /// The host of the server runs a node that this one is in contact with.
    func hasNode(_ server: Server, _ group: Int) -> Bool {
        guard groups[group].settings.isLeased, !server.isLocal else { return true }
        return node(of: server).map { peers[$0].isConnected && isInContact($0, group) } ?? false
    }

    /// Its node has answered a greeting that was sent since. A ping would not do: a node that can't
    /// save its state answers pings, but never agrees to a new primary, so that its host could not
    /// take the write address.
    func nodeAnswered(_ server: Server, _ group: Int, since: Instant) -> Bool {
        guard groups[group].settings.isLeased, !server.isLocal else { return true }
        guard let peer = node(of: server), let answer = groups[group].views[peer].answered
        else { return false }
        return answer.asOf >= since
    }

    func node(of server: Server) -> Int? {
        peers.firstIndex { $0.endpoint.address == server.endpoint.address }
    }

    /// 0 for the host of the best replica, then 1, 2 …; hosts without a fit replica come last, in
    /// the order of their addresses. A rank replaces Sentinel's random delay: it keeps candidates
    /// apart just as well and costs the first one nothing.
    ///
    /// A primary that works and only lost its lease is confirmed rather than replaced: its own host
    /// comes before all.
    func rank(_ group: Int) -> Int {
        if isIncumbent(group) { return 0 }
        let first = groups[group].servers[groups[group].primary].isDown ? 0 : 1
        let best = candidates(group)
        if let own = best.firstIndex(where: { groups[group].servers[$0].isLocal }) {
            return first + own
        }
        return first + best.count + peers.count { $0.endpoint < settings.endpoint }
    }

    /// The primary is this host's and works.
    func isIncumbent(_ group: Int) -> Bool {
        let primary = groups[group].servers[groups[group].primary]
        return groups[group].settings.isLeased && primary.isLocal && !primary.isDown
            && primary.report?.isPrimary == true && !groups[group].tenure.isYielding(at: now)
    }
}
