public import Addressing
import Glibc
public import MonotonicTime
import RESP

/// The note's servers watched by a Sentinel on each of their hosts. Which program each is can be
/// said: all of them Debian's redis-sentinel is the peer that Baton is measured against.
public final class SentinelFleet: Sendable {
    /// Where it runs.
    public let laboratory: Laboratory
    /// One a host, in the plan's order; the first is the primary at the beginning.
    public let servers: [RedisServer]
    /// One a host, in the same order.
    public let sentinels: [Sentinel]
    /// What they were configured with.
    public let settings: SentinelSettings

    /// How long Sentinels may take to find each other and the replicas: they say hello every 2 s,
    /// and a real one makes a replica of a returned primary after 8 s, at the next of its INFO,
    /// which come every 10 s.
    public static let settlingLimit = Interval.seconds(30)

    /// Starts the servers, and prepares Sentinels that do not run yet. `kinds`: one a host.
    public init(
        preparing kinds: [Sentinel.Kind], _ settings: SentinelSettings, in laboratory: Laboratory
    ) throws(LaboratoryError) {
        self.laboratory = laboratory
        self.settings = settings
        servers = try laboratory.startReplication(settings: settings.servers)
        precondition(kinds.count == servers.count)
        var sentinels: [Sentinel] = []
        for (server, kind) in zip(servers, kinds) {
            sentinels.append(
                try Sentinel(on: server.host, kind, settings, primary: servers[0].endpoint))
        }
        self.sentinels = sentinels
    }

    /// Starts the servers and the Sentinels, and waits until these know one another.
    public convenience init(
        of kinds: [Sentinel.Kind] = [.redis, .redis, .redis],
        _ settings: SentinelSettings = SentinelSettings(), in laboratory: Laboratory
    ) throws(LaboratoryError) {
        try self.init(preparing: kinds, settings, in: laboratory)
        for sentinel in sentinels { try sentinel.start() }
        try waitUntilSettled()
    }

    /// Where the first Sentinel that answers says that the primary is: what a client with a
    /// Sentinel-aware library does before it connects. `host` is the client's.
    public func primary(askedFrom host: Host) -> Endpoint? {
        for sentinel in sentinels {
            if let primary = sentinel.primary(askedFrom: host) { return primary }
        }
        return nil
    }

    /// Orders a failover of the Sentinel of a host; `false` when it refuses.
    public func orderFailover(on host: Host) -> Bool {
        let sentinel = sentinels.first { $0.host === host }
        return sentinel?.ask("SENTINEL", "FAILOVER", settings.group)?.text == "OK"
    }

    /// Waits until every running Sentinel names the same primary in the same epoch and sees all
    /// others and all servers that run, and those follow the primary. Returns the primary.
    @discardableResult
    public func waitUntilSettled(
        otherThan old: RedisServer? = nil, atMost limit: Interval = settlingLimit
    ) throws(LaboratoryError) -> RedisServer {
        let deadline = Laboratory.now + limit
        while true {
            let outcome = Result { () throws(Unsettled) in try settledPrimary(otherThan: old) }
            switch outcome {
            case .success(let primary): return primary
            case .failure(let unsettled):
                guard Laboratory.now < deadline else {
                    throw .notReady(
                        program: "the fleet (\(unsettled.reason))", after: limit, log: logEnds)
                }
            }
            usleep(20_000)
        }
    }

    /// The same, sooner: see ``Sentinel/hasten()``.
    @discardableResult
    public func hasten(otherThan old: RedisServer? = nil) throws(LaboratoryError) -> RedisServer {
        let deadline = Laboratory.now + Self.settlingLimit
        for sentinel in sentinels where sentinel.isRunning {
            while !sentinel.hasten(), Laboratory.now < deadline { usleep(20_000) }
        }
        return try waitUntilSettled(otherThan: old)
    }

    /// The ends of all Sentinels' logs, for messages.
    public var logEnds: String {
        sentinels.map { sentinel in
            let lines = (sentinel.output + sentinel.log).split(separator: "\n")
            return "== \(sentinel.host.name), \(sentinel.kind.rawValue)\n"
                + lines.suffix(Self.logLinesMax).joined(separator: "\n")
        }.joined(separator: "\n")
    }

    private static let logLinesMax = 25
}

/// What a fleet still waits for.
private struct Unsettled: Error {
    let reason: String
}

extension SentinelFleet {
    private func settledPrimary(otherThan old: RedisServer?) throws(Unsettled) -> RedisServer {
        let running = sentinels.filter(\.isRunning)
        var agreed: [String]?
        for sentinel in running {
            let view = try view(of: sentinel)
            guard agreed == nil || agreed == view else {
                throw Unsettled(reason: "\(agreed ?? []) and \(view) are named")
            }
            agreed = view
        }
        let primary = servers.first {
            agreed?.prefix(2) == ["\($0.endpoint.address)", "\($0.endpoint.port)"]
        }
        guard let primary, primary.isRunning, primary !== old else {
            throw Unsettled(reason: "no other primary that runs is named")
        }
        let role = (try? primary.connect().command("ROLE"))?.elements ?? []
        guard role.count == 3, role[2].elements?.count == servers.count(where: \.isRunning) - 1
        else { throw Unsettled(reason: "\(primary.host.name) has not all replicas: \(role)") }
        return primary
    }

    /// Address, port and epoch of the primary that a Sentinel names, when it sees all well.
    private func view(of sentinel: Sentinel) throws(Unsettled) -> [String] {
        let name = sentinel.host.name
        guard let master = sentinel.ask("SENTINEL", "MASTER", settings.group) else {
            throw Unsettled(reason: "\(name) does not answer")
        }
        let counts = [
            ("REPLICAS", "slave", servers.count(where: \.isRunning)),
            ("SENTINELS", "sentinel", sentinels.count(where: \.isRunning)),
        ]
        guard master.field("flags") == "master" else {
            throw Unsettled(reason: "\(name) sees the primary \(master.field("flags") ?? "")")
        }
        for (what, well, count) in counts {
            let maps = sentinel.ask("SENTINEL", what, settings.group)?.elements ?? []
            // Who has not yet seen a returned primary as a replica would make it one again, also
            // when it has been promoted meanwhile.
            let flags = maps.map { map in
                let isOdd = map.field("role-reported") == "master"
                return (map.field("flags") ?? "") + (isOdd ? " master" : "")
            }
            guard flags.count(where: { $0 == well }) == count - 1 else {
                throw Unsettled(reason: "\(name) sees \(what) \(flags)")
            }
        }
        return ["ip", "port", "config-epoch"].map { master.field($0) ?? "" }
    }
}
