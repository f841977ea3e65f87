import Addressing
import DropInCore
import Foundation
import Glibc
import MonotonicTime
import NIOCore
import NIOPosix
import RESP
import SentinelCore
import SentinelFile
import SentinelPort
import Testing

@testable import SentinelDriver

/// The list of requests in `dev/compare-sentinel-requests`, sent to Debian's redis-sentinel and to
/// the port, which shows the state that the real one shows.
@Suite("The port beside a real redis-sentinel", .timeLimit(.minutes(3)))
struct DifferentialTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func lines(_ name: String) throws -> [String] {
        try String(contentsOf: root.appending(path: "dev/" + name), encoding: .utf8)
            .split(separator: "\n").map(String.init)
            .filter { !$0.hasPrefix("#") && !$0.isEmpty }
    }

    @Test("answers every request of the list alike, but for the exceptions, each with a reason")
    func alike() async throws {
        let exceptions = try Self.lines("compare-sentinel-exceptions").map { line in
            let parts = line.split(separator: "\t", maxSplits: 1)
            return (request: String(parts[0]), reason: parts.count == 2 ? String(parts[1]) : "")
        }
        #expect(exceptions.allSatisfy { !$0.reason.isEmpty }, "an exception without a reason")
        let trial = try await Trial()
        var counts = (requests: 0, equal: 0, excepted: 0, different: 0)
        var used: Set<String> = []
        for line in try Self.lines("compare-sentinel-requests") {
            // The sockets block a thread that other tests wait for.
            await Task.yield()
            let (theirs, ours) = try trial.send(line)
            counts.requests += 1
            if theirs == ours {
                counts.equal += 1
            } else if exceptions.contains(where: { $0.request == line }) {
                counts.excepted += 1
                used.insert(line)
            } else {
                counts.different += 1
                Issue.record("\(line)\n  redis-sentinel: \(theirs)\n  baton: \(ours)")
            }
        }
        try await trial.stop()
        print(
            "RESULT requests=\(counts.requests) equal=\(counts.equal)"
                + " excepted=\(counts.excepted) different=\(counts.different)")
        #expect(counts.requests >= 300)
        for exception in exceptions where !used.contains(exception.request) {
            Issue.record("an exception that is not needed: \(exception.request)")
        }
    }
}

/// A real Sentinel with a primary, a replica and a peer, and a port beside it.
private final class Trial {
    /// Unknown to both, and looked for in what they answer to it: the end of the answers before.
    private static let mark = "no-such-command-end"

    private let directory: TemporaryDirectory
    private let servers: [RedisServer]
    private let sentinel: RedisServer
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let loop: PortLoop
    private var theirs: [Character: RawSocket] = [:]
    private var ours: [Character: RawSocket] = [:]

    init() async throws {
        directory = try TemporaryDirectory()
        let peerDirectory = try TemporaryDirectory()
        let primary = try RedisServer()
        let replica = try RedisServer([
            "--replicaof", "127.0.0.1", String(primary.port), "--repl-diskless-sync-delay", "0",
        ])
        sentinel = try RedisServer(sentinelOf: primary, in: directory)
        servers = [primary, replica, try RedisServer(sentinelOf: primary, in: peerDirectory)]
        let socket = try RawSocket(port: Int(sentinel.port))
        let asking = PortraitOfReplies { words in
            var bytes: [UInt8] = []
            RESPEncoder.appendRequest(words, to: &bytes)
            socket.send(bytes)
            return try socket.value()
        }
        var portrait = try asking.portrait()
        // A new replica and a peer are found within two periods of hellos and one of INFO.
        for _ in 0..<150 {
            let group = portrait.groups.first
            let isWhole =
                group?.replicas.contains { $0.role?.reportsMaster == false && $0.runID != nil }
                == true && group?.sentinels.isEmpty == false
                // A link that has just been made would be shown by one and not by the other.
                && group.map { [$0.master] + $0.replicas + $0.sentinels }?.allSatisfy {
                    !$0.flags.contains("disconnected")
                } == true
                && group?.reports.allSatisfy { $0.text != nil } == true
            if isWhole { break }
            try await Task.sleep(for: .milliseconds(100))
            portrait = try asking.portrait()
        }
        var settings = PortSettings(
            runID: .drawn(), processID: getpid(), startedAt: BootClock.now())
        settings.port = 26379
        settings.boundAddresses = ["127.0.0.1"]
        var configuration = SentinelFileReader.read(
            Array("port 1\nbind 127.0.0.1\n".utf8), path: "t",
            SentinelFileReader.Surroundings(
                include: { _ in .success([]) }, isExecutable: { _ in true })
        ).configuration
        configuration.ledger.id = portrait.id
        let (shown, said) = (portrait, configuration)
        let facts = settings
        let eventLoop = group.next()
        let parts = try await eventLoop.submit {
            try PortParts.standIn(StandIn(shown), said, facts, eventLoop: eventLoop)
        }.get()
        loop = try await PortLoop.open(parts, said.server, group: group, port: 0)
    }

    func stop() async throws {
        try await loop.stop()
        try await group.shutdownGracefully()
    }

    /// A line: the letter of a connection with `>` in front, unless it is the first; `*` in front
    /// of words that are sent as an array, others go as they are.
    func send(_ line: String) throws -> (theirs: [RESPValue], ours: [RESPValue]) {
        var text = line[...]
        var name: Character = "a"
        if let first = text.first, text.dropFirst().hasPrefix("> ") {
            name = first
            text = text.dropFirst(3)
        }
        var bytes = Array((text + "\r\n").utf8)
        if text.hasPrefix("*") {
            text = text.dropFirst()
            bytes = []
            RESPEncoder.appendRequest(text.split(separator: " ").map(String.init), to: &bytes)
        }
        let request = text.lowercased().split(separator: " ").map(String.init)
        let answers = (
            theirs: try exchange(&theirs, name, Int(sentinel.port), bytes),
            ours: try exchange(&ours, name, loop.ports[0], bytes)
        )
        return (
            answers.theirs.map { ComparedReply($0, to: request).value },
            answers.ours.map { ComparedReply($0, to: request).value }
        )
    }

    private func exchange(
        _ sockets: inout [Character: RawSocket], _ name: Character, _ port: Int, _ bytes: [UInt8]
    ) throws -> [RESPValue] {
        let socket = try sockets[name] ?? RawSocket(port: port)
        sockets[name] = socket
        socket.send(bytes + Array("\(Self.mark)\r\n".utf8))
        var values: [RESPValue] = []
        while true {
            guard let value = try socket.nextValue() else {
                sockets[name] = nil
                return values + [.bulk("closed")]
            }
            if value.text?.contains("'\(Self.mark)'") == true { return values }
            values.append(value)
        }
    }
}
