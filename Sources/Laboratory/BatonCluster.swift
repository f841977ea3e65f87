public import Addressing
import Glibc
public import MonotonicTime
import RESP

/// The note's servers with a Baton node on each of their hosts, and a write address.
public final class BatonCluster: Sendable {
    /// Where it runs.
    public let laboratory: Laboratory
    /// One a host, in the plan's order; the first is the primary at the beginning.
    public let servers: [RedisServer]
    /// One a host, in the plan's order.
    public let nodes: [BatonNode]
    /// One for each host of the plan that is a balancer, where reads have an address.
    public let balancers: [BatonNode]
    /// What the nodes were configured with.
    public let settings: BatonSettings
    private let secretPath: String
    private let executable: String

    /// How long nodes may take to find each other and their servers, and to settle.
    public static let settlingLimit = Interval.seconds(15)

    init(
        _ laboratory: Laboratory, _ settings: BatonSettings, launcher: [String] = []
    ) throws(LaboratoryError) {
        guard let executable = BatonExecutable.find() else {
            throw .unavailable([.programMissing("baton")])
        }
        self.laboratory = laboratory
        self.settings = settings
        self.executable = executable
        secretPath = "\(laboratory.directory)/secret"
        try Files.write("a secret of this laboratory\n", to: secretPath)
        servers = try laboratory.startReplication(settings: settings.servers)
        let hosts = servers.map(\.host)
        let balancerHosts =
            settings.readAddress == nil
            ? [] : laboratory.hosts.filter { Plan.balancerNames.contains($0.name) }
        let text = settings.configuration(
            hosts: hosts, balancers: balancerHosts, secretPath: secretPath)
        var nodes: [BatonNode] = []
        for host in hosts {
            nodes.append(
                try BatonNode(
                    on: host, executable: executable, configuration: text, launcher: launcher))
        }
        self.nodes = nodes
        var balancers: [BatonNode] = []
        for host in balancerHosts {
            balancers.append(
                try BatonNode(
                    on: host, executable: executable, configuration: text, launcher: launcher))
        }
        self.balancers = balancers
    }

    /// The text of every node's baton.conf.
    public var configuration: String {
        settings.configuration(
            hosts: servers.map(\.host), balancers: balancers.map(\.host), secretPath: secretPath)
    }

    /// The server on a host.
    public func server(on host: Host) -> RedisServer {
        servers.first { $0.host === host }!
    }

    /// The server that listens there.
    public func server(at endpoint: Endpoint) -> RedisServer? {
        servers.first { $0.endpoint == endpoint }
    }

    /// The node on a host.
    public func node(on host: Host) -> BatonNode {
        nodes.first { $0.host === host }!
    }

    /// Another node for a host, with a text of its own or begun by another program: for what a
    /// node must refuse. It shares the directory with the host's own node, which must not run.
    public func node(
        on host: Host, configuration: String, launcher: [String] = []
    ) throws(LaboratoryError) -> BatonNode {
        try BatonNode(
            on: host, executable: executable, configuration: configuration, launcher: launcher)
    }

    /// The hosts that have the write address configured now.
    public var holders: [Host] {
        guard let writeAddress = settings.writeAddress else { return [] }
        return servers.map(\.host).filter { $0.has(writeAddress.address) }
    }

    /// Heals every network, wakes and starts what does not run, and waits until all have settled.
    @discardableResult
    public func restore() throws(LaboratoryError) -> RedisServer {
        for server in servers {
            try laboratory.heal(server.host)
            server.resume()
            if !server.isRunning { try server.start() }
        }
        for node in nodes + balancers {
            node.resume()
            if !node.isRunning { try node.start() }
        }
        return try waitUntilSettled()
    }

    /// The balancers that have the read address configured now.
    public var readHolders: [Host] {
        guard let readAddress = settings.readAddress else { return [] }
        return balancers.map(\.host).filter { $0.has(readAddress.address) }
    }

    /// Waits until every running node names the same primary and sees every running peer and
    /// server well, the primary serves the others, and its host alone has the write address, if one
    /// is configured.
    /// Returns the primary.
    @discardableResult
    public func waitUntilSettled(
        atMost limit: Interval = settlingLimit
    ) throws(LaboratoryError) -> RedisServer {
        let deadline = Laboratory.now + limit
        while true {
            let outcome = Result { () throws(Unsettled) in try settledPrimary() }
            switch outcome {
            case .success(let primary): return primary
            case .failure(let unsettled):
                guard Laboratory.now < deadline else {
                    throw .notReady(
                        program: "the cluster (\(unsettled.reason))", after: limit, log: logEnds)
                }
            }
            usleep(5_000)
        }
    }

    /// The ends of all nodes' logs, for messages.
    public var logEnds: String {
        (nodes + balancers).map { node in
            let lines = (node.output + node.log).split(separator: "\n").suffix(Self.logLinesMax)
            return "== \(node.host.name)\n" + lines.joined(separator: "\n")
        }.joined(separator: "\n")
    }

    private static let logLinesMax = 25
}

/// What a cluster still waits for.
private struct Unsettled: Error {
    let reason: String
}

extension BatonCluster {
    private func settledPrimary() throws(Unsettled) -> RedisServer {
        var named: Endpoint?
        for node in nodes where node.isRunning {
            let primary = try primaryEndpoint(seenBy: node)
            guard named == nil || named == primary else {
                throw Unsettled(reason: "nodes name different primaries")
            }
            named = primary
        }
        guard let named, let primary = server(at: named), primary.isRunning else {
            throw Unsettled(reason: "no node names a running primary")
        }
        try checkReplication(primary)
        for node in nodes where node.isRunning { try checkView(of: node) }
        guard settings.writeAddress == nil || holders.map(\.name) == [primary.host.name] else {
            throw Unsettled(
                reason: "the address is on \(holders.map(\.name)), not on \(primary.host.name)")
        }
        return primary
    }

    private func checkReplication(_ primary: RedisServer) throws(Unsettled) {
        let running = servers.count { $0.isRunning }
        let role = (try? primary.connect().command("ROLE"))?.elements ?? []
        guard role.count == 3, role[2].elements?.count == running - 1 else {
            throw Unsettled(reason: "\(primary.host.name) has not all replicas: \(role)")
        }
    }

    /// The node must see each running server and peer without complaint.
    private func checkView(of node: BatonNode) throws(Unsettled) {
        let counts = [
            ("replicas", servers.count { $0.isRunning } - 1),
            ("sentinels", nodes.count { $0.isRunning } - 1),
        ]
        for (what, count) in counts {
            let maps = try ask(node, "SENTINEL", what, settings.group).elements ?? []
            let flags = maps.map { $0.field("flags") ?? "" }
            let well = maps.count { map in
                ["slave", "sentinel"].contains(map.field("flags") ?? "")
                    && [nil, "ok"].contains(map.field("master-link-status"))
            }
            guard well == count else {
                throw Unsettled(reason: "\(node.host.name) sees \(what) \(flags)")
            }
        }
    }

    private func primaryEndpoint(seenBy node: BatonNode) throws(Unsettled) -> Endpoint {
        let reply = try ask(node, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", settings.group)
        guard let parts = reply.elements, parts.count == 2,
            let address = IPAddress(parts[0].text ?? ""), let port = UInt16(parts[1].text ?? "")
        else { throw Unsettled(reason: "\(node.host.name) names no primary") }
        return Endpoint(address: address, port: port)
    }

    private func ask(_ node: BatonNode, _ words: String...) throws(Unsettled) -> RESPValue {
        do throws(ConnectionFailure) {
            return try node.connect().command(words)
        } catch {
            throw Unsettled(reason: "\(node.host.name) does not answer: \(error)")
        }
    }

    /// The primary that a node names; `nil` when it does not answer.
    public func primary(seenBy node: BatonNode) -> Endpoint? {
        try? primaryEndpoint(seenBy: node)
    }
}

extension Laboratory {
    /// Starts the note's servers, then a node on each of their hosts, and waits until the write
    /// address is held and all agree.
    ///
    /// `launcher`: a program and its arguments that become each node's, such as setpriv(1).
    public func startBaton(
        _ settings: BatonSettings = BatonSettings(), launcher: [String] = []
    ) throws(LaboratoryError) -> BatonCluster {
        let cluster = try BatonCluster(self, settings, launcher: launcher)
        for node in cluster.nodes + cluster.balancers { try node.start() }
        try cluster.waitUntilSettled()
        return cluster
    }

    /// The note's servers and nodes that have not been started.
    public func prepareBaton(
        _ settings: BatonSettings = BatonSettings()
    ) throws(LaboratoryError) -> BatonCluster {
        try BatonCluster(self, settings)
    }
}
