public import Addressing
import Glibc
public import MonotonicTime
import RESP

/// A real redis-server inside a host.
///
/// Its directory, configuration and data outlive its process, so that ``start()`` after
/// ``kill()`` is what an operator's restart is.
public final class RedisServer: Sendable {
    /// Where it runs.
    public let host: Host
    /// Where it listens for clients and replicas, on the internal network.
    public let endpoint: Endpoint
    /// What it was configured with.
    public let settings: RedisSettings
    /// Its redis.conf; the server, or a Sentinel, may rewrite it.
    public let configurationPath: String
    private let directory: String
    private let running = Shared<Program?>(nil)

    init(
        on host: Host, settings: RedisSettings, replicaOf primary: Endpoint?
    ) throws(LaboratoryError) {
        self.host = host
        self.settings = settings
        endpoint = host.redisEndpoint
        directory = "\(host.directory)/redis"
        configurationPath = "\(directory)/redis.conf"
        try Files.makeDirectory(directory)
        let isOnLoopback = host.namespace == nil
        try Files.write(
            settings.configuration(
                directory: directory, port: host.redisPort,
                bind: isOnLoopback ? host.address(on: .internal) : nil, replicaOf: primary),
            to: configurationPath)
    }

    /// How long a server may take to answer; reading a large append-only file takes longest.
    private static let startLimit = Interval.seconds(10)

    /// Starts the process, which must not run, and waits until the server answers.
    public func start() throws(LaboratoryError) {
        try launch()
        try waitUntilReady()
    }

    /// Starts the process without waiting.
    func launch() throws(LaboratoryError) {
        let program = try host.launch("redis-server", [configurationPath], name: "redis")
        running.with { $0 = program }
    }

    /// Waits until the server answers PING.
    func waitUntilReady() throws(LaboratoryError) {
        let begin = Laboratory.now
        while Laboratory.now - begin < Self.startLimit, isRunning {
            if let client = try? connect(), (try? client.command("PING")) == .simple("PONG") {
                return
            }
            usleep(2_000)
        }
        throw notReady(after: Laboratory.now - begin)
    }

    /// Waits until it is a replica whose stream from its primary flows.
    public func waitUntilReplicating(atMost limit: Interval) throws(LaboratoryError) {
        // ROLE of a replica: "slave", address, port, state, offset.
        try waitForRole(atMost: limit) { $0.count == 5 && $0[3].text == "connected" }
    }

    /// Waits until it is a primary with this many replicas to which its stream flows. A replica
    /// says so of itself a moment before its primary knows it.
    public func waitUntilFollowed(
        byReplicas count: Int, atMost limit: Interval
    ) throws(LaboratoryError) {
        // ROLE of a primary: "master", offset, replicas that are online.
        try waitForRole(atMost: limit) { role in
            role.count == 3 && role[2].elements?.count == count
        }
    }

    private func waitForRole(
        atMost limit: Interval, _ isReached: ([RESPValue]) -> Bool
    ) throws(LaboratoryError) {
        let deadline = Laboratory.now + limit
        var client = try? connect()
        while Laboratory.now < deadline {
            if let reply = try? client?.command("ROLE") {
                if isReached(reply.elements ?? []) { return }
            } else {
                client = try? connect()
            }
            usleep(2_000)
        }
        throw notReady(after: limit)
    }

    private func notReady(after limit: Interval) -> LaboratoryError {
        let output = program?.output ?? ""
        return .notReady(
            program: "redis-server on \(host.name)", after: limit,
            log: (output + log).split(separator: "\n").suffix(8).joined(separator: "\n"))
    }

    /// The process that was started last.
    public var program: Program? {
        running.with { $0 }
    }

    /// Whether its process has not ended; a stopped one runs.
    public var isRunning: Bool {
        program?.isRunning ?? false
    }

    /// What it has logged since it was first started.
    public var log: String {
        Files.read("\(directory)/redis.log") ?? ""
    }

    /// SIGKILL; returns when the process is gone and its port refuses.
    public func kill() {
        program?.kill()
    }

    /// SIGSTOP: it hangs, and its connections stay open.
    public func pause() {
        program?.pause()
    }

    /// SIGCONT.
    public func resume() {
        program?.resume()
    }

    /// A client of this server, from inside `host` or (`nil`) from its own host.
    public func connect(
        from host: Host? = nil, timeout: Interval? = .seconds(2)
    ) throws(ConnectionFailure) -> RedisClient {
        var place = endpoint
        place.port = settings.plainPort ?? place.port
        return try RedisClient(
            from: host ?? self.host, to: place, password: settings.password, timeout: timeout)
    }
}

extension Laboratory {
    /// Starts a server inside a host and waits until it answers. One server per host.
    public func startServer(
        on host: Host, settings: RedisSettings = .note, replicaOf primary: Endpoint? = nil
    ) throws(LaboratoryError) -> RedisServer {
        let server = try RedisServer(on: host, settings: settings, replicaOf: primary)
        try server.start()
        return server
    }

    /// Starts the note's servers: a primary on redis01, replicas of it on redis02 and redis03;
    /// returns them in this order when both replicas receive the primary's stream
    /// and the primary counts them.
    public func startReplication(
        settings: RedisSettings = .note
    ) throws(LaboratoryError) -> [RedisServer] {
        let primary = try startServer(on: host("redis01"), settings: settings)
        var replicas: [RedisServer] = []
        for name in ["redis02", "redis03"] {
            let replica = try RedisServer(
                on: host(name), settings: settings, replicaOf: primary.endpoint)
            try replica.launch()
            replicas.append(replica)
        }
        for replica in replicas {
            try replica.waitUntilReady()
            try replica.waitUntilReplicating(atMost: .seconds(15))
        }
        try primary.waitUntilFollowed(byReplicas: replicas.count, atMost: .seconds(15))
        return [primary] + replicas
    }
}
