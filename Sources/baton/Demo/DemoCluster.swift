import Addressing
import Glibc
import Laboratory
import MonotonicTime
import RESP
import Synchronization

/// The demonstration's hosts with their servers, nodes and client.
final class DemoCluster: Sendable {
    let laboratory: Laboratory
    /// One on each of the three hosts, in the hosts' order.
    let servers: [RedisServer]
    let nodes: [DemoNode]
    /// None on loopback.
    let balancers: [DemoNode]
    /// Where clients write.
    let writeEndpoint: Endpoint
    /// Where clients read; `nil` where there are no balancers.
    let readEndpoint: Endpoint?
    /// Stands for the write address where none can move.
    let forwarder: Forwarder?
    private let steering: Steering?

    static let password = "shk9Hjwe"
    private static let serverNames = ["redis01", "redis02", "redis03"]
    private static let balancerNames = ["lb01", "lb02"]
    /// The network of the note's write and read addresses.
    private static let virtualAddressLength = 20

    /// Why the demonstration can't go on: a sentence.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Builds everything and starts it: a primary on redis01 with two replicas, then the nodes.
    init(onLoopback: Bool) throws {
        laboratory = try onLoopback ? .buildOnLoopback() : .build(.note)
        servers = try laboratory.startReplication(settings: .note)
        let client = laboratory.host("client")
        let port = laboratory.sparePorts.first ?? DemoFile.standardPort
        (nodes, balancers) = try Self.startNodes(laboratory, servers, port: port)
        readEndpoint =
            onLoopback
            ? nil : Endpoint(address: .v4(Plan.readAddress), port: DemoFile.readPort)
        if onLoopback {
            let forwarder = try Forwarder(on: client, port: laboratory.sparePorts[1])
            self.forwarder = forwarder
            writeEndpoint = forwarder.endpoint
            steering = Steering(forwarder, asking: nodes)
        } else {
            forwarder = nil
            steering = nil
            writeEndpoint = Endpoint(
                address: .v4(Plan.writeAddress), port: client.redisPort)
        }
    }

    private static func startNodes(
        _ laboratory: Laboratory, _ servers: [RedisServer], port: UInt16
    ) throws -> (nodes: [DemoNode], balancers: [DemoNode]) {
        let isOnLoopback = !laboratory.sparePorts.isEmpty
        let hosts = servers.map(\.host)
        var file = DemoFile(
            members: hosts.map { .init(name: $0.name, address: $0.address(on: .internal)) },
            primary: servers[0].endpoint, password: password, port: port,
            secretPath: "\(laboratory.directory)/secret")
        var others: [Host] = []
        if !isOnLoopback {
            others = balancerNames.map(laboratory.host)
            file.writeAddress = "\(Plan.writeAddress)/\(virtualAddressLength)"
            file.readAddress = "\(Plan.readAddress)/\(virtualAddressLength)"
            file.balancers = others.map {
                .init(name: $0.name, address: $0.address(on: .internal))
            }
        }
        var random = SystemRandomNumberGenerator()
        let secret = (0..<4).map { _ in String(random.next(), radix: 16) }.joined()
        try write(secret + "\n", to: file.secretPath)
        let executable = try ownExecutable()
        let all = try (hosts + others).map { host in
            let address = host.address(on: .internal)
            if isOnLoopback { file.bind = address }
            let path =
                isOnLoopback
                ? "\(laboratory.directory)/\(host.name)/baton.conf"
                : "\(laboratory.directory)/baton.conf"
            try write(file.text, to: path)
            return DemoNode(
                on: host, endpoint: Endpoint(address: .v4(address), port: port),
                directory: "\(laboratory.directory)/\(host.name)", executable: executable,
                configurationPath: path)
        }
        // Only now: in namespaces all read the same file, which is whole from here on.
        for node in all { try node.start() }
        return (Array(all[..<hosts.count]), Array(all[hosts.count...]))
    }

    /// This very program; its own name would be looked for by whatever starts it.
    private static func ownExecutable() throws -> String {
        var path = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = path.withUnsafeMutableBytes {
            readlink(
                "/proc/self/exe", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
        }
        guard count > 0 else { throw Failure(description: "/proc/self/exe can't be read") }
        return String(decoding: path[..<count], as: UTF8.self)
    }

    private static func write(_ text: String, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Failure(
                description: "\(path) can't be written: \(String(cString: strerror(errno)))")
        }
        defer { Glibc.close(descriptor) }
        Terminal(descriptor: descriptor).write(text)
    }

    var isOnLoopback: Bool { forwarder != nil }

    var client: Host { laboratory.host("client") }

    /// What a person types to reach the primary as a client does.
    var clientCommand: String {
        let port = isOnLoopback ? ["-p", "\(writeEndpoint.port)"] : []
        let words =
            client.commandPrefix
            + ["redis-cli", "-h", "\(writeEndpoint.address)"] + port + ["-a", Self.password]
        return words.joined(separator: " ")
    }

    /// A client that writes a numbered key every 5 ms through the write address.
    func startWriter(keyPrefix: String = "demo:") -> Writer {
        Writer(
            on: client,
            Writer.Settings(target: writeEndpoint, password: Self.password, keyPrefix: keyPrefix))
    }

    /// A client that reads a key every 5 ms through the read address; `nil` where there is none.
    func startReader() -> Writer? {
        readEndpoint.map { target in
            var settings = Writer.Settings(target: target, password: Self.password)
            settings.deed = .read("demo:1")
            return Writer(on: client, settings)
        }
    }

    /// Removes everything.
    func close() {
        laboratory.close()
    }
}

extension DemoCluster {
    /// Waits until each node knows both replicas and both other nodes, and the address is served.
    func waitUntilReady(atMost limit: Interval) throws {
        let deadline = Laboratory.now + limit
        for node in nodes {
            try wait(for: "what \(node.host.name) sees", until: deadline) { isReady(node) }
        }
        try wait(for: "an answer at \(writeEndpoint)", until: deadline) {
            (try? ask(writeEndpoint, "PING")) == .simple("PONG")
        }
        if let readEndpoint {
            try wait(for: "an answer at \(readEndpoint)", until: deadline) {
                (try? ask(readEndpoint, "GET", "demo:1"))?.errorBytes == nil
                    && (try? ask(readEndpoint, "PING")) == .simple("PONG")
            }
        }
    }

    /// A failure tells of every node: the one that is waited for may lack what another should do.
    private func wait(
        for what: String, until deadline: Instant, _ isReached: () -> Bool
    ) throws {
        while !isReached() {
            if let ended = (nodes + balancers).first(where: { !$0.isRunning }) {
                throw Failure(
                    description: "baton run ended on \(ended.host.name):\n\(lastWords(of: ended))")
            }
            guard Laboratory.now < deadline else {
                throw Failure(
                    description: "waited in vain for \(what); the nodes' last words:\n"
                        + nodes.map(lastWords).joined(separator: "\n"))
            }
            usleep(20_000)
        }
    }

    private func ask(_ endpoint: Endpoint, _ words: String...) throws -> RESPValue {
        try RedisClient(
            from: client, to: endpoint, password: Self.password, timeout: .milliseconds(200)
        ).command(words)
    }

    private func isReady(_ node: DemoNode) -> Bool {
        guard
            let connection = try? RedisClient(
                from: node.host, to: node.endpoint, timeout: .milliseconds(500)),
            let quorum = try? connection.command("SENTINEL", "CKQUORUM", DemoFile.group),
            let replicas = try? connection.command("SENTINEL", "REPLICAS", DemoFile.group)
        else { return false }
        return quorum.text?.hasPrefix("OK \(nodes.count) ") == true
            && replicas.elements?.count == servers.count - 1
    }

    /// The ends of its output and its log.
    private func lastWords(of node: DemoNode) -> String {
        let log = (try? FileReading.bytes(at: node.logPath, byteCountMax: 1 << 20).get()) ?? []
        let lines = (node.output + String(decoding: log, as: UTF8.self)).split(separator: "\n")
        return lines.suffix(6).map { "  \(node.host.name): \($0)" }.joined(separator: "\n")
    }

    /// Asks the node of a host for a planned failover; returns its answer.
    func askForFailover(_ node: DemoNode) -> String {
        do throws(ConnectionFailure) {
            // Nodes obey clients of their own host.
            let own = IPv4Address(127, 0, 0, 1)
            let endpoint =
                isOnLoopback
                ? node.endpoint : Endpoint(address: .v4(own), port: node.endpoint.port)
            let reply = try RedisClient(from: node.host, to: endpoint)
                .command("SENTINEL", "FAILOVER", DemoFile.group)
            return reply.text ?? "\(reply)"
        } catch {
            return "\(error)"
        }
    }
}

/// Keeps a forwarder led to the primary, by what the nodes say.
private final class Steering: Sendable {
    private struct Opinion {
        var primary: Endpoint
        var epoch: Int
    }

    private let newest = Mutex<Opinion?>(nil)
    private let routines = Mutex<[Routine]>([])

    init(_ forwarder: Forwarder, asking nodes: [DemoNode]) {
        let made = nodes.map { node in
            Routine(on: node.host, every: .milliseconds(10)) { [weak self] in
                var connection: RedisClient?
                return {
                    if connection == nil {
                        connection = try? RedisClient(
                            from: node.host, to: node.endpoint, timeout: .milliseconds(200))
                    }
                    guard let reply = try? connection?.command("SENTINEL", "MASTER", DemoFile.group)
                    else {
                        connection = nil
                        return
                    }
                    if let opinion = Self.opinion(reply) { self?.hear(opinion, forwarder) }
                }
            }
        }
        routines.withLock { $0 = made }
    }

    /// A primary of a later epoch replaces the one before; the others agree, or are late.
    private func hear(_ opinion: Opinion, _ forwarder: Forwarder) {
        newest.withLock { newest in
            if let newest, newest.epoch >= opinion.epoch { return }
            newest = opinion
            forwarder.lead(to: opinion.primary)
        }
    }

    private static func opinion(_ reply: RESPValue) -> Opinion? {
        guard let words = reply.elements?.map({ $0.text ?? "" }) else { return nil }
        func value(_ name: String) -> String? {
            words.firstIndex(of: name).flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
        }
        guard let address = value("ip").flatMap({ IPAddress($0) }),
            let port = value("port").flatMap({ UInt16($0) }),
            let epoch = value("config-epoch").flatMap({ Int($0) })
        else { return nil }
        return Opinion(primary: Endpoint(address: address, port: port), epoch: epoch)
    }
}
