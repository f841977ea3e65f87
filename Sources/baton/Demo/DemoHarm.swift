import Addressing
import Laboratory

/// What the keys of the live view do to the cluster, and what has been done.
struct DemoHarm {
    private let cluster: DemoCluster
    /// Servers that hang, and hosts that are cut off, by their place in the list.
    private(set) var stopped: Set<Int> = []
    private(set) var isolated: Set<Int> = []
    /// The primary that was seen last: there is none to be seen while it is dead.
    private var lastPrimary = 0

    init(_ cluster: DemoCluster) {
        self.cluster = cluster
    }

    /// Does what a key asks for; returns what was done as a clause, `nil` for a key without sense.
    mutating func press(_ key: Character, _ sights: [HostSight]) -> String? {
        let primary =
            sights.firstIndex { $0.server.isPrimary && $0.holdsAddress }
            ?? sights.firstIndex { $0.server.isPrimary } ?? lastPrimary
        lastPrimary = primary
        do {
            switch key {
            case "k": return kill(primary)
            case "s": return stopOrGoOn(primary)
            case "i": return try isolateOrHeal(primary)
            case "r": return try revive()
            case "b": return try nodeOffOrOn(primary)
            case "l": return try balancerOffOrOn()
            case "f": return failOver()
            case _: return nil
            }
        } catch {
            return "it failed: \(error)"
        }
    }

    private func name(_ index: Int) -> String { cluster.servers[index].host.name }

    private mutating func kill(_ index: Int) -> String {
        guard cluster.servers[index].isRunning else {
            return "\(name(index))'s Redis is dead already; r revives it"
        }
        cluster.servers[index].kill()
        stopped.remove(index)
        return "kill -9: \(name(index))'s Redis"
    }

    private mutating func stopOrGoOn(_ primary: Int) -> String {
        guard stopped.isEmpty else {
            let names = stopped.sorted().map(name)
            for index in stopped { cluster.servers[index].resume() }
            stopped = []
            return "SIGCONT: \(names.joined(separator: ", ")) goes on"
        }
        guard cluster.servers[primary].isRunning else { return "the primary's Redis is dead" }
        cluster.servers[primary].pause()
        stopped.insert(primary)
        return "SIGSTOP: \(name(primary))'s Redis hangs; down after 5 s of silence"
    }

    private mutating func isolateOrHeal(_ primary: Int) throws -> String {
        guard !cluster.isOnLoopback else {
            return "on loopback no host can be cut off: sudo baton demo"
        }
        guard isolated.isEmpty else {
            let names = isolated.sorted().map(name)
            for index in isolated { try cluster.laboratory.heal(cluster.servers[index].host) }
            isolated = []
            return "healed: \(names.joined(separator: ", ")) has its networks again"
        }
        try cluster.laboratory.isolate(cluster.servers[primary].host, by: .silence)
        isolated.insert(primary)
        return "isolated: \(name(primary)) is cut off from both networks"
    }

    /// Everything that was harmed is made whole.
    private mutating func revive() throws -> String {
        var done: [String] = []
        if !stopped.isEmpty { done.append(stopOrGoOn(lastPrimary)) }
        if !isolated.isEmpty { done.append(try isolateOrHeal(lastPrimary)) }
        for index in cluster.servers.indices where !cluster.servers[index].isRunning {
            try cluster.servers[index].start()
            done.append("started: \(name(index))'s Redis")
        }
        for node in cluster.nodes + cluster.balancers where !node.isRunning {
            try node.start()
            done.append("started: \(node.host.name)'s Baton")
        }
        return done.isEmpty ? "nothing is dead, stopped or cut off" : done.joined(separator: "; ")
    }

    private func nodeOffOrOn(_ primary: Int) throws -> String {
        if let dead = cluster.nodes.first(where: { !$0.isRunning }) {
            try dead.start()
            return "started: \(dead.host.name)'s node"
        }
        // A replica's: two of three are still a majority, and the write address has its guard.
        let index = (primary + 1) % cluster.nodes.count
        cluster.nodes[index].kill()
        return "kill -9: \(name(index))'s Baton node"
    }

    /// The one that has the read address.
    private func balancerOffOrOn() throws -> String? {
        if let dead = cluster.balancers.first(where: { !$0.isRunning }) {
            try dead.start()
            return "started: \(dead.host.name)'s balancer"
        }
        guard let endpoint = cluster.readEndpoint,
            let active = cluster.balancers.first(where: { $0.host.has(endpoint.address) })
        else { return nil }
        active.kill()
        return "kill -9: \(active.host.name)'s balancer"
    }

    private func failOver() -> String {
        guard let node = cluster.nodes.first(where: \.isRunning) else { return "no node runs" }
        return "SENTINEL FAILOVER to \(node.host.name): \(cluster.askForFailover(node))"
    }
}
