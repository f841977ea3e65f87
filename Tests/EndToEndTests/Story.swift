import Addressing
import Glibc
import Laboratory
import MonotonicTime
import RESP
import Testing

/// What every story needs: a cluster, the client's host, and what a client does there.
struct Story {
    let laboratory: Laboratory
    let cluster: BatonCluster
    let client: Host

    static let writeTarget = Endpoint(address: .v4(Plan.writeAddress), port: 6379)
    static let password = "shk9Hjwe"

    /// Builds the note's hosts, starts servers and nodes, and tells the story once all agree. What
    /// the nodes logged is said when the story fails.
    static func tell(
        _ settings: BatonSettings = BatonSettings(), plan: Plan = .serversAndClient,
        _ body: (Story) throws -> Void
    ) throws {
        let laboratory = try Laboratory.build(plan)
        defer { laboratory.close() }
        let cluster = try laboratory.startBaton(settings)
        try Story(laboratory: laboratory, cluster: cluster, client: laboratory.host("client"))
            .run(body)
    }

    /// The same with nodes that the story starts itself.
    static func prepare(
        _ settings: BatonSettings = BatonSettings(), plan: Plan = .serversAndClient,
        _ body: (Story) throws -> Void
    ) throws {
        let laboratory = try Laboratory.build(plan)
        defer { laboratory.close() }
        let cluster = try laboratory.prepareBaton(settings)
        try Story(laboratory: laboratory, cluster: cluster, client: laboratory.host("client"))
            .run(body)
    }

    private func run(_ body: (Story) throws -> Void) throws {
        do {
            try body(self)
        } catch {
            Issue.record("\(error)\n\(logEnds)")
        }
    }

    /// Runs redis-cli on the client's host, as the note does.
    func redisCLI(_ address: String, _ words: String...) throws -> String {
        try Self.redisCLI(on: client, address, words)
    }

    static func redisCLI(on client: Host, _ address: String, _ words: [String]) throws -> String {
        let connection = ["-h", address, "-p", "6379", "-a", password, "--no-auth-warning"]
        return try client.execute("redis-cli", connection + words).output
    }

    /// A writer through the write address, whose first write has been acknowledged.
    func startWriter(to target: Endpoint = writeTarget, prefix: String = "w:") throws -> Writer {
        let writer = Writer(on: client, Writer.Settings(target: target, keyPrefix: prefix))
        let begin = Laboratory.now
        try #require(
            writer.waitForAcknowledgement(
                after: Instant(nanoseconds: begin.nanoseconds - 1_000_000_000),
                atMost: .seconds(3)))
        return writer
    }

    /// Waits until writes come back after a fault; returns how long there were none.
    func pause(of writer: Writer, since fault: Instant, atMost limit: Interval) throws -> Interval {
        // A write that was under way at the fault may still be acknowledged: wait for one that
        // began after the first that was not.
        let deadline = fault + limit
        while Laboratory.now < deadline {
            let attempts = writer.log.attempts
            if let broken = attempts.first(where: { $0.end > fault && $0.outcome != .acknowledged })
            {
                try #require(
                    writer.waitForAcknowledgement(
                        after: broken.begin, atMost: deadline - Laboratory.now),
                    "writes did not come back within \(limit.milliseconds) ms")
                return try #require(writer.log.longestGap(since: fault)).length
            }
            usleep(1_000)
        }
        throw StoryError.noFaultSeen
    }

    /// The ends of the nodes' logs.
    var logEnds: String { cluster.logEnds }
}

/// What any story in a laboratory needs.
protocol Narrated {
    /// The ends of all logs, for messages.
    var logEnds: String { get }
}

extension Story: Narrated {}

extension Narrated {
    /// Waits for something to become true; the story goes on either way.
    @discardableResult
    func wait(
        atMost limit: Interval, for what: Comment,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ isTrue: () throws -> Bool
    ) rethrows -> Bool {
        let deadline = Laboratory.now + limit
        while Laboratory.now < deadline {
            if try isTrue() { return true }
            usleep(3_000)
        }
        Issue.record(what, sourceLocation: sourceLocation)
        return false
    }

    /// Time goes by in which nothing is to happen.
    func watchQuietly(_ duration: Interval) {
        usleep(UInt32(duration.nanoseconds / 1_000))
    }

    /// A figure that the story measured, for whoever reads the output.
    func report(_ text: String) {
        print("measured: \(text)")
    }
}

enum StoryError: Error {
    case noFaultSeen
}

extension Interval {
    var text: String { "\(milliseconds) ms" }
}
