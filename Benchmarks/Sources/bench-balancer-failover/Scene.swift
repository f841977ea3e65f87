import Addressing
import Glibc
import Laboratory
import MonotonicTime
import RESP

/// The note's six hosts, and clients that work through the balancers' address.
final class Scene {
    private let laboratory: Laboratory
    private let cluster: BatonCluster
    private var count = 0

    private static let writers = 100
    private static let readers = 20
    /// No trial takes longer than this to come back; then it has failed.
    private static let recoveryLimit = Interval.seconds(20)
    /// Work that goes on before the fault and after it.
    private static let quietMicroseconds: UInt32 = 700_000

    private static func target(_ port: UInt16) -> Endpoint {
        Endpoint(address: .v4(Plan.readAddress), port: port)
    }

    init() throws {
        laboratory = try Laboratory.build(.note)
        cluster = try laboratory.startBaton(.withWrites())
    }

    func close() {
        laboratory.close()
    }

    private var client: Host { laboratory.host("client") }

    /// Everything is well, and one balancer has the read address; returns the primary.
    private func settle() throws -> RedisServer {
        let primary = try cluster.restore()
        _ = try primary.connect().command("SET", "greeting", "hello")
        let deadline = Laboratory.now + Self.recoveryLimit
        while Laboratory.now < deadline {
            if cluster.readHolders.count == 1, (try? readGreeting()) == "hello" { return primary }
            usleep(20_000)
        }
        throw TrialFailure(description: "nobody serves reads\n\(cluster.logEnds)")
    }

    private func readGreeting() throws -> String? {
        try RedisClient(
            from: client, to: Self.target(BatonSettings.readPort),
            password: cluster.settings.password
        ).command("GET", "greeting").string
    }

    private func swarm(_ port: UInt16, _ work: Swarm.Work, count clients: Int) -> Swarm {
        Swarm(
            on: client,
            Swarm.Settings(
                target: Self.target(port), work: work, count: clients,
                keyPrefix: "run\(count):\(port):"))
    }

    /// Settles, lets clients work, inflicts the fault, waits for everything to come back, and asks
    /// the final primary what it holds.
    func run(_ fault: Fault) throws -> Trial {
        count += 1
        let primary = try settle()
        var readSettings = Writer.Settings(target: Self.target(BatonSettings.readPort))
        readSettings.deed = .read("greeting")
        let reader = Writer(on: client, readSettings)
        defer { reader.stop() }
        let swarms = [
            swarm(BatonSettings.writePort, .writes, count: Self.writers),
            swarm(BatonSettings.autoPort, .writesAndReads, count: Self.writers),
            swarm(
                BatonSettings.readPort, .reads(key: "greeting", value: "hello"),
                count: Self.readers),
        ]
        defer { for swarm in swarms { swarm.finish(atMost: .zero) } }
        try wait(for: swarms, after: Laboratory.now, "before the fault")
        usleep(Self.quietMicroseconds)
        let begun = Laboratory.now
        try inflict(fault, primary)
        let struck = Laboratory.now
        usleep(Self.quietMicroseconds)
        try wait(for: swarms, after: Laboratory.now, "after the fault")
        usleep(Self.quietMicroseconds)
        let tallies = swarms.map { $0.finish() }
        let readPause = reader.stop().longestGap(since: begun)?.length ?? .zero
        let final = try cluster.restore()
        if fault == .planned || fault == .primary, final === primary {
            throw TrialFailure(description: "the primary did not move")
        }
        let connection = try final.connect()
        return Trial(
            fault: fault, struck: struck, write: tallies[0], auto: tallies[1], read: tallies[2],
            audits: try swarms.prefix(2).map { try SwarmAudit($0.accounts, on: connection) },
            writePause: tallies.prefix(2).map { $0.longestGap(since: begun) }.max() ?? .zero,
            readPause: readPause)
    }

    private func wait(for swarms: [Swarm], after moment: Instant, _ when: String) throws {
        for swarm in swarms
        where !swarm.waitUntilServed(after: moment, atMost: Self.recoveryLimit) {
            throw TrialFailure(
                description: "not all clients of port \(swarm.settings.target.port) are served"
                    + " \(when): \(swarm.tally.failureCounts)\n\(cluster.logEnds)")
        }
    }

    private func inflict(_ fault: Fault, _ primary: RedisServer) throws {
        switch fault {
        case .planned: try order(awayFrom: primary)
        case .primary: primary.kill()
        case .replica: cluster.servers.first { $0 !== primary }?.kill()
        case .balancer:
            let holders = cluster.readHolders
            cluster.balancers.first { $0.host === holders.first }?.kill()
        }
    }

    private func order(awayFrom old: RedisServer) throws {
        guard let baton = BatonExecutable.find() else {
            throw TrialFailure(description: "there is no baton: make builds it")
        }
        let (ending, output) = try old.host.execute(
            baton, ["switchover"], atMost: Self.recoveryLimit)
        guard ending == .exited(0) else {
            throw TrialFailure(description: "baton switchover: \(output)")
        }
    }
}
