public import Addressing
import Glibc
public import MonotonicTime
import RESP

/// The note's servers watched by Debian's redis-sentinel, one on each of their hosts: the peer that
/// Baton is measured against.
public final class SentinelFleet: Sendable {
    /// One a host, in the plan's order; the first is the primary at the beginning.
    public let servers: [RedisServer]
    /// One a host, in the same order.
    public let sentinels: [Program]
    private let settings: BatonSettings

    /// How long Sentinels may take to find each other and the replicas: they say hello every 2 s.
    public static let settlingLimit = Interval.seconds(20)

    /// Starts the servers and the Sentinels, and waits until these know one another.
    public init(_ laboratory: Laboratory, _ settings: BatonSettings) throws(LaboratoryError) {
        self.settings = settings
        servers = try laboratory.startReplication()
        var sentinels: [Program] = []
        for server in servers {
            let path = "\(laboratory.directory)/\(server.host.name)-sentinel.conf"
            try Files.write(Self.text(settings, primary: servers[0].endpoint), to: path)
            sentinels.append(
                try server.host.launch(
                    "redis-server", [path, "--sentinel"], name: "redis-sentinel"))
        }
        self.sentinels = sentinels
        let deadline = Laboratory.now + Self.settlingLimit
        for host in servers.map(\.host) {
            while !knowsAll(host) {
                guard Laboratory.now < deadline else {
                    throw .notReady(
                        program: "redis-sentinel on \(host.name)", after: Self.settlingLimit,
                        log: "it does not know the others")
                }
                pause()
            }
        }
    }

    private static func text(_ settings: BatonSettings, primary: Endpoint) -> String {
        var lines = [
            "port \(BatonSettings.port)", "protected-mode no",
            "sentinel monitor \(settings.group) \(primary.address) \(primary.port) 2",
            "sentinel down-after-milliseconds \(settings.group) "
                + "\(settings.downAfter.milliseconds)",
            "sentinel failover-timeout \(settings.group) 30000",
        ]
        if let password = settings.password {
            lines.append("sentinel auth-pass \(settings.group) \(password)")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private func knowsAll(_ host: Host) -> Bool {
        guard let reply = ask(host, "SENTINEL", "MASTER", settings.group),
            let words = reply.elements?.map({ $0.text ?? "" })
        else { return false }
        func value(_ key: String) -> String? {
            words.firstIndex(of: key).flatMap {
                words.indices.contains($0 + 1) ? words[$0 + 1] : nil
            }
        }
        return value("num-slaves") == "\(servers.count - 1)"
            && value("num-other-sentinels") == "\(servers.count - 1)"
            && value("flags") == "master"
    }

    /// Where the first Sentinel that answers says that the primary is: what a client with a
    /// Sentinel-aware library does before it connects. `host` is the client's.
    public func primary(askedFrom host: Host) -> Endpoint? {
        for server in servers {
            if let primary = primary(of: server.host, askedFrom: host) { return primary }
        }
        return nil
    }

    private func primary(of sentinel: Host, askedFrom host: Host) -> Endpoint? {
        let target = Endpoint(
            address: .v4(sentinel.address(on: .internal)), port: BatonSettings.port)
        let client = try? RedisClient(from: host, to: target, timeout: .seconds(1))
        let reply = try? client?.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", settings.group)
        guard let words = reply?.elements?.compactMap({ $0.text }), words.count == 2,
            let address = IPAddress(words[0]), let port = UInt16(words[1])
        else { return nil }
        return Endpoint(address: address, port: port)
    }

    /// Orders a failover of the Sentinel of a host; `false` when it refuses.
    public func orderFailover(on host: Host) -> Bool {
        ask(host, "SENTINEL", "FAILOVER", settings.group)?.text == "OK"
    }

    private func ask(_ host: Host, _ words: String...) -> RESPValue? {
        let target = Endpoint(
            address: .v4(host.address(on: .internal)), port: BatonSettings.port)
        guard let client = try? RedisClient(from: host, to: target, timeout: .seconds(1)) else {
            return nil
        }
        return try? client.command(words)
    }

    private func pause() {
        usleep(20_000)
    }
}
