/// What an order means in a cluster as a node reports it.
struct OrderPlan {
    let report: NodeReport
    /// As the operator wrote them; `nil`: the only group, the best replica.
    let group: String?
    let target: String?

    /// Why an order can't be given: a sentence with what to do.
    struct Obstacle: Error, Equatable {
        let text: String
    }

    /// What to ask a node, and how to see that it was done.
    struct Plan: Equatable {
        let group: String
        let words: [String]
        fileprivate let formerPrimary: String
    }

    func order(isCoordinated: Bool) -> Result<Plan, Obstacle> {
        chosenGroup().flatMap { group in
            destination(in: group).map { destination in
                var words = ["SENTINEL", "FAILOVER", group.name]
                if isCoordinated { words.append("COORDINATED") }
                if let destination { words += ["TO"] + destination }
                return Plan(group: group.name, words: words, formerPrimary: group.primary)
            }
        }
    }

    private func chosenGroup() -> Result<NodeReport.Group, Obstacle> {
        let names = report.groups.map(\.name).joined(separator: ", ")
        guard let name = group else {
            guard report.groups.count == 1 else {
                return .failure(
                    Obstacle(text: "which group? Say --group with one of: \(names)"))
            }
            return .success(report.groups[0])
        }
        guard let found = report.groups.first(where: { $0.name == name }) else {
            return .failure(
                Obstacle(text: "this node knows no group '\(name)'; it knows: \(names)"))
        }
        return .success(found)
    }

    /// The address and port of the server meant, as words.
    private func destination(in group: NodeReport.Group) -> Result<[String]?, Obstacle> {
        guard let target else { return .success(nil) }
        let address = hosts(of: group).first { $0.name == target }?.address ?? target
        let server = group.servers.first { Self.parts($0.endpoint).address == address }
        guard let server else {
            let names = hosts(of: group).map(\.name).joined(separator: ", ")
            return .failure(
                Obstacle(
                    text: "no server of \(group.name) runs on '\(target)'; hosts with a node: "
                        + names))
        }
        let parts = Self.parts(server.endpoint)
        return .success([parts.address, parts.port])
    }

    private func hosts(of group: NodeReport.Group) -> [(name: String, address: String)] {
        ([(report.name, report.endpoint)] + group.peers.map { ($0.name, $0.endpoint) })
            .map { (name: $0.0, address: Self.parts($0.1).address) }
    }

    private static func parts(_ endpoint: String) -> (address: String, port: String) {
        guard let colon = endpoint.lastIndex(of: ":") else { return (endpoint, "") }
        let address = endpoint[..<colon].drop { $0 == "[" }.prefix { $0 != "]" }
        return (String(address), String(endpoint[endpoint.index(after: colon)...]))
    }
}

extension OrderPlan.Plan {
    enum Outcome: Equatable {
        /// This host's server is the primary, and its host answers for the write address.
        case moved(host: String)
        case underWay
        /// The failover is over, and the primary is the old one.
        case over
    }

    func outcome(_ report: NodeReport) -> Outcome {
        guard let now = report.groups.first(where: { $0.name == group }) else { return .over }
        guard now.primary != formerPrimary else {
            return now.failoverState == "none" ? .over : .underWay
        }
        if now.address == nil { return .moved(host: now.primary) }
        if now.address == "held" { return .moved(host: report.name) }
        guard let holder = now.peers.first(where: { $0.holdsAddress && $0.primary == now.primary })
        else { return .underWay }
        return .moved(host: holder.name)
    }
}
