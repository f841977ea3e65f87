import Addressing
import Glibc
import Laboratory
import MonotonicTime
import RESP

/// One cluster whose primary is moved again and again, under a writer.
protocol Bench: AnyObject {
    static var title: String { get }
    init() throws
    func close()
    /// Where the writer of the next move is to write.
    func writerSettings(_ prefix: String) -> Writer.Settings
    var client: Host { get }
    /// All is well and agreed upon; returns the primary.
    func settle() throws -> RedisServer
    /// Orders the move away from this server.
    func order(awayFrom old: RedisServer) throws
}

extension Bench {
    /// Writes that flow before and after the move.
    private static var quietMicroseconds: UInt32 { 400_000 }
    private static var limit: Interval { .seconds(20) }

    func run(_ number: Int) throws -> Handing {
        let old = try settle()
        let prefix = "move\(number):"
        let writer = Writer(on: client, writerSettings(prefix))
        defer { writer.stop() }
        usleep(Self.quietMicroseconds)
        guard writer.log.acknowledged.count > 1 else {
            throw HandingFailure(description: "no writes before the move")
        }
        let moment = Laboratory.now
        try order(awayFrom: old)
        let final = try settle()
        guard final !== old else { throw HandingFailure(description: "the primary did not move") }
        guard writer.waitForAcknowledgement(after: Laboratory.now, atMost: Self.limit) else {
            throw HandingFailure(description: "writes did not come back")
        }
        usleep(Self.quietMicroseconds)
        let log = writer.stop()
        guard let gap = log.longestGap(since: moment) else {
            throw HandingFailure(description: "no writes after the move")
        }
        let connection = try final.connect()
        return Handing(
            gap: gap.length,
            errorCount: log.attempts.count { $0.end > moment && $0.outcome != .acknowledged },
            lostCount: try writer.lost(on: connection).count,
            ghostCount: try ghosts(log, prefix, on: connection))
    }

    /// Writes that ran although their client saw them fail: it would write them twice.
    private func ghosts(
        _ log: WriteLog, _ prefix: String, on client: RedisClient
    ) throws -> Int {
        var count = 0
        for attempt in log.attempts where attempt.outcome != .acknowledged {
            let value = try client.command("GET", "\(prefix)\(attempt.number)")
            if value.text == "\(attempt.number)" { count += 1 }
        }
        return count
    }
}

/// `SENTINEL FAILOVER … COORDINATED`, which is what `baton switchover` orders.
final class BatonBench: Bench {
    static let title = "baton switchover"
    private let laboratory: Laboratory
    private let cluster: BatonCluster

    init() throws {
        laboratory = try Laboratory.build()
        cluster = try laboratory.startBaton(BatonSettings())
    }

    var client: Host { laboratory.host("client") }

    func close() { laboratory.close() }

    func writerSettings(_ prefix: String) -> Writer.Settings {
        Writer.Settings(
            target: Endpoint(address: .v4(Plan.writeAddress), port: 6379), keyPrefix: prefix)
    }

    func settle() throws -> RedisServer { try cluster.restore() }

    func order(awayFrom old: RedisServer) throws {
        let reply = try cluster.node(on: old.host).connect().command(
            "SENTINEL", "FAILOVER", cluster.settings.group, "COORDINATED")
        guard reply.text == "OK" else {
            throw HandingFailure(description: "the order was refused: \(reply.text ?? "\(reply)")")
        }
        try wait { $0 !== old }
    }

    private func wait(_ isTrue: (RedisServer) -> Bool) throws {
        let deadline = Laboratory.now + .seconds(10)
        while Laboratory.now < deadline {
            let primary = cluster.servers.first { server in
                cluster.holders.count == 1 && cluster.holders[0] === server.host
            }
            if let primary, isTrue(primary) { return }
            usleep(5_000)
        }
        throw HandingFailure(description: "the address did not move\n\(cluster.logEnds)")
    }
}

/// `SENTINEL FAILOVER` of Debian's redis-sentinel, with a client that asks a Sentinel where the
/// primary is before each connection.
final class SentinelBench: Bench {
    static let title = "redis-sentinel, SENTINEL FAILOVER"
    private let laboratory: Laboratory
    private let fleet: SentinelFleet

    init() throws {
        laboratory = try Laboratory.build()
        fleet = try SentinelFleet(in: laboratory)
    }

    var client: Host { laboratory.host("client") }

    func close() { laboratory.close() }

    func writerSettings(_ prefix: String) -> Writer.Settings {
        var settings = Writer.Settings(target: fleet.servers[0].endpoint, keyPrefix: prefix)
        let (fleet, client) = (fleet, client)
        settings.locate = { fleet.primary(askedFrom: client) }
        return settings
    }

    /// The last order is refused for twice the failover time-out, so each trial would wait a
    /// minute: a primary and two attached replicas are enough.
    func settle() throws -> RedisServer {
        let deadline = Laboratory.now + .seconds(40)
        while Laboratory.now < deadline {
            if let endpoint = fleet.primary(askedFrom: client),
                let primary = fleet.servers.first(where: { $0.endpoint == endpoint }),
                let role = try? primary.connect().command("ROLE").elements,
                role.first?.text == "master", role.last?.elements?.count == 2
            {
                return primary
            }
            usleep(20_000)
        }
        throw HandingFailure(description: "the Sentinels' cluster does not settle")
    }

    func order(awayFrom old: RedisServer) throws {
        let deadline = Laboratory.now + .seconds(90)
        while !fleet.orderFailover(on: old.host) {
            guard Laboratory.now < deadline else {
                throw HandingFailure(description: "the order was refused")
            }
            usleep(200_000)
        }
        while fleet.primary(askedFrom: client) == old.endpoint {
            guard Laboratory.now < deadline else {
                throw HandingFailure(description: "the primary did not move")
            }
            usleep(5_000)
        }
    }
}
