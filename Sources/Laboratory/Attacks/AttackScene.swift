import Glibc
import MonotonicTime

/// Where attacks happen: a cluster, and two clients that the network can part.
public final class AttackScene: Sendable {
    /// Where it runs.
    public let laboratory: Laboratory
    /// What is attacked.
    public let cluster: BatonCluster
    /// A client that shares the fate of whoever is cut off with clients.
    public let inside: Host
    /// A client that always reaches a majority's side.
    public let outside: Host
    /// What goes on until it is ended: forged claims.
    let ongoing = Shared<[Routine]>([])

    /// Silence is a failure after a second: the note's five would make every attack wait.
    public static let settings = BatonSettings(downAfter: .seconds(1))

    /// Builds hosts, servers and nodes, and waits until all agree.
    public init() throws(LaboratoryError) {
        laboratory = try Laboratory.build(.serversAndTwoClients)
        do throws(LaboratoryError) {
            // A process whose file may not grow is sent a signal, which a full disk does not do.
            cluster = try laboratory.startBaton(
                Self.settings, launcher: ["env", "--ignore-signal=XFSZ"])
        } catch {
            laboratory.close()
            throw error
        }
        inside = laboratory.host("client")
        outside = laboratory.host("client2")
    }

    /// The hosts with servers and nodes.
    public var hosts: [Host] { cluster.servers.map(\.host) }

    /// Takes back whatever an attack left, and waits until all agree again; returns the primary.
    @discardableResult
    public func restore() throws(LaboratoryError) -> RedisServer {
        ongoing.with { routines in
            routines.forEach { $0.stop() }
            routines = []
        }
        for node in cluster.nodes { try limitFiles(of: node, toBytes: nil) }
        for host in [inside, outside] { try laboratory.heal(host) }
        return try cluster.restore()
    }

    /// How far a running node's files may grow: no further is what a full disk does to it.
    func limitFiles(of node: BatonNode, toBytes limit: Int?) throws(LaboratoryError) {
        guard let program = node.program, program.isRunning else { return }
        // The soft limit alone, as the colon says: a hard one could not be raised again.
        let words = ["--pid", "\(program.pid)", "--fsize=\(limit.map { "\($0)" } ?? "unlimited"):"]
        try run("prlimit", words, on: node.host)
    }

    /// Runs a tool on a host, as an operator would.
    func run(_ tool: String, _ words: [String], on host: Host) throws(LaboratoryError) {
        let (ending, output) = try host.execute(tool, words)
        guard ending == .exited(0) else {
            throw .commandFailed(
                command: "\(tool) \(words.joined(separator: " ")) on \(host.name)", output: output)
        }
    }

    /// Looks again and again, as often as it can, until there is an answer.
    func look<Found>(atMost limit: Interval, for find: () -> Found?) -> Found? {
        let deadline = Laboratory.now + limit
        while Laboratory.now < deadline {
            if let found = find() { return found }
            usleep(500)
        }
        return nil
    }
}
