import Addressing
import Glibc
import Laboratory
import MonotonicTime
import RESP
import Testing

/// A host by itself with a primary, a replica, a real Sentinel and, beside it, the one that is
/// compared, all on 127.0.0.1 and on the same ports in every world: what two Sentinels of two such
/// worlds say differs by themselves alone.
final class ComparisonWorld {
    /// What listens where.
    private enum Port {
        static let primary = 6379
        static let replica = 6380
        static let peer = 26_380
        static let compared = 26_379
    }

    /// Unknown to both, and looked for in what they answer to it: the end of the answers before.
    private static let mark = "no-such-command-end"
    /// A new replica and a peer are found within two periods of hellos and one of INFO.
    private static let settlingLimit = Interval.seconds(30)

    private static let endpoint = Endpoint(
        address: .v4(IPv4Address(127, 0, 0, 1)), port: UInt16(Port.compared))

    private let host: Host
    private var clients: [Character: RedisClient] = [:]

    /// Starts everything. `program` is run with the file of the compared Sentinel behind its words.
    init(
        _ laboratory: Laboratory, _ hostName: String,
        program: (_ file: String) -> [String]
    ) throws {
        host = laboratory.host(hostName)
        let directory = "\(laboratory.directory)/\(hostName)"
        try server(Port.primary, [], in: directory)
        try server(Port.replica, ["--replicaof", "127.0.0.1", "\(Port.primary)"], in: directory)
        let peerFile = try Self.write(Port.peer, in: directory)
        _ = try host.launch("redis-server", [peerFile, "--sentinel"], name: "peer")
        let words = program(try Self.write(Port.compared, in: directory))
        _ = try host.launch(words[0], Array(words.dropFirst()), name: "compared")
    }

    private func server(_ port: Int, _ words: [String], in directory: String) throws {
        _ = try host.launch(
            "redis-server",
            [
                "--port", "\(port)", "--bind", "127.0.0.1", "--dir", directory, "--save", "",
                "--repl-diskless-sync-delay", "0",
            ] + words, name: "server-\(port)")
    }

    private static func write(_ port: Int, in directory: String) throws -> String {
        let path = "\(directory)/sentinel-\(port).conf"
        let text = """
            port \(port)
            bind 127.0.0.1
            dir \(directory)
            sentinel monitor orders 127.0.0.1 \(Port.primary) 1
            sentinel down-after-milliseconds orders 1000

            """
        let file = try #require(fopen(path, "w"))
        defer { fclose(file) }
        try #require(fputs(text, file) >= 0)
        return path
    }

    /// Returns once the compared Sentinel has met everybody and all its links stand.
    func settle() throws {
        let deadline = Laboratory.now + Self.settlingLimit
        while try !isWhole() {
            try #require(Laboratory.now < deadline, "the Sentinels do not know everybody")
            usleep(100_000)
        }
    }

    private func isWhole() throws -> Bool {
        guard let replies = try? ask(["SENTINEL REPLICAS orders", "SENTINEL SENTINELS orders"])
        else { return false }
        let instances = replies.compactMap { $0.elements?.first?.elements?.map { $0.text ?? "" } }
        guard instances.count == 2,
            instances.allSatisfy({ !$0.contains { $0.contains("disconnected") } }),
            value("role-reported", in: instances[0]) == "slave",
            value("master-link-status", in: instances[0]) == "ok",
            value("flags", in: instances[1]) == "sentinel"
        else { return false }
        let cached = try ask(["SENTINEL INFO-CACHE orders"]).first?.elements ?? []
        let reports = cached.last?.elements ?? []
        return reports.count == 2 && reports.allSatisfy { $0.elements?.last?.text != nil }
    }

    private func value(_ name: String, in words: [String]) -> String? {
        guard let place = words.firstIndex(of: name), place + 1 < words.count else { return nil }
        return words[place + 1]
    }

    private func ask(_ lines: [String]) throws -> [RESPValue] {
        try lines.flatMap { line in
            // A connection of its own: the next one's number must not tell how long it took.
            try exchange("z", Array((line + "\r\n").utf8))
        }
    }

    /// What is answered to these bytes on the connection of this name.
    func exchange(_ name: Character, _ bytes: [UInt8]) throws -> [RESPValue] {
        let client = try clients[name] ?? RedisClient(from: host, to: Self.endpoint)
        clients[name] = client
        try client.send(bytes + Array("\(Self.mark)\r\n".utf8))
        var values: [RESPValue] = []
        while true {
            do throws(ConnectionFailure) {
                let value = try client.nextValue()
                if value.text?.contains("'\(Self.mark)'") == true { return values }
                values.append(value)
            } catch {
                guard error == .closed else { throw error }
                clients[name] = nil
                return values + [.bulk("closed")]
            }
        }
    }
}
