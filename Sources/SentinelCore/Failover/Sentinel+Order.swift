import Addressing

/// A failover that an operator wants.
extension Sentinel {
    mutating func failoverOrdered(
        _ query: QueryID, _ name: String, _ order: FailoverOrder, _ effects: inout [Effect]
    ) {
        guard let group = groups.firstIndex(where: { $0.name == name }) else {
            return effects.append(.respond(query, error: "ERR No such master with that name"))
        }
        if let objection = objection(to: order, group) {
            return effects.append(.respond(query, error: objection))
        }
        effects.append(.respond(query, error: nil))
        let kind = order.isCoordinated ? "coordinated FAILOVER" : "FAILOVER"
        announce(.remark, .none, "Executing user requested \(kind) of '\(name)'", &effects)
        beginRecord(group, order.isCoordinated ? .switchover : .order)
        askPreVotes(group, isForced: true, &effects)
        groups[group].order = order
        review(group, &effects)
    }

    /// Why it can't be carried out now, in Redis's manner; `nil` when nothing speaks against it.
    func objection(to order: FailoverOrder, _ group: Int) -> String? {
        guard groups[group].failover == .none, !hasRecentVote(group),
            groups[group].tenure.handover == nil
        else { return "INPROG Failover already in progress" }
        if let target = order.target, target == groups[group].primaryEndpoint {
            return "ERR \(target) is the primary already"
        }
        guard
            let best = candidates(group, acceptsLoss: !order.isCoordinated)
                .first(where: { isMeant($0, by: order, group) })
        else {
            guard let target = order.target else {
                return "NOGOODSLAVE No suitable replica to promote"
            }
            return groups[group].index(of: target) == nil
                ? "NOGOODSLAVE \(target) is no server of this group"
                : "NOGOODSLAVE \(target) can't be promoted now: it is down, has no Baton node in "
                    + "contact, loads, lacks the primary's history or has priority 0"
        }
        guard mayVote else { return "ERR This node can't vote: its state is not durable" }
        return order.isCoordinated ? objectionToPause(group, best) : nil
    }

    private func objectionToPause(_ group: Int, _ replica: Int) -> String? {
        let primary = groups[group].servers[groups[group].primary]
        guard groups[group].settings.isLeased else {
            return "ERR This group has no write address, so nothing can be handed over: "
                + "use SENTINEL FAILOVER"
        }
        guard !primary.isDown, let report = primary.report, report.isPrimary else {
            return "ERR The primary does not answer, so its writes can't be paused: "
                + "use SENTINEL FAILOVER"
        }
        guard !report.version.isEmpty, Self.pausesWrites(report.version) else {
            return "ERR The primary is Redis \(report.version); CLIENT PAUSE WRITE exists since "
                + "6.2: use SENTINEL FAILOVER"
        }
        guard groups[group].servers[replica].report?.isLinkUp == true else {
            return "NOGOODSLAVE \(groups[group].servers[replica].endpoint) is not attached to the "
                + "primary"
        }
        return nil
    }

    func isMeant(_ server: Int, by order: FailoverOrder?, _ group: Int) -> Bool {
        order?.target.map { $0 == groups[group].servers[server].endpoint } ?? true
    }

    /// Whether a server of this version knows `CLIENT PAUSE … WRITE`.
    private static func pausesWrites(_ version: String) -> Bool {
        let numbers = version.split(separator: ".").map { Int($0) ?? 0 }
        let (major, minor) = (numbers.first ?? 0, numbers.dropFirst().first ?? 0)
        return (major, minor) >= (6, 2)
    }
}
