import MonotonicTime
import RESP
import Testing

@testable import Laboratory

@Suite("A swarm of clients", .needsRoot, .timeLimit(.minutes(1)))
struct SwarmTests {
    /// One server, and a swarm that has been served.
    private func watch(
        _ work: Swarm.Work, _ body: (RedisServer, Swarm) throws -> Void
    ) throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let server = try laboratory.startServer(on: laboratory.host("redis01"))
        _ = try server.connect().command("SET", "greeting", "hello")
        let swarm = Swarm(
            on: laboratory.host("client"),
            Swarm.Settings(target: server.endpoint, work: work, count: 12))
        try #require(swarm.waitUntilServed(after: Laboratory.now, atMost: .seconds(5)))
        try body(server, swarm)
    }

    @Test(
        "everything is acknowledged, and the server holds just that",
        arguments: [Swarm.Work.writes, .writesAndReads])
    func order(_ work: Swarm.Work) throws {
        try watch(work) { server, swarm in
            let tally = swarm.finish()
            #expect(tally.failureCount == 0 && tally.disconnections == 0)
            #expect(tally.unanswered == 0 && tally.staleReads == 0)
            #expect(tally.foreignReplies.isEmpty, "\(tally.foreignReplies)")
            let audit = try SwarmAudit(swarm.accounts, on: server.connect())
            #expect(audit == SwarmAudit())
            let counted = swarm.accounts.reduce(0) { $0 + $1.acknowledgedCount }
            let pushed = swarm.accounts.reduce(0) { $0 + $1.members.count }
            #expect(counted > 0 && pushed > 0)
        }
    }

    @Test("a value that is not what was promised is a reply to somebody else")
    func reads() throws {
        try watch(.reads(key: "greeting", value: "hello")) { server, swarm in
            #expect(swarm.tally.foreignReplies.isEmpty)
            _ = try server.connect().command("SET", "greeting", "good bye")
            #expect(!swarm.waitUntilServed(after: Laboratory.now, atMost: .milliseconds(200)))
            #expect(!swarm.finish().foreignReplies.isEmpty)
        }
    }

    @Test("a server that dies and returns: connections end, all are served again, nothing twice")
    func death() throws {
        try watch(.writes) { server, swarm in
            server.kill()
            try server.start()
            #expect(swarm.waitUntilServed(after: Laboratory.now, atMost: .seconds(5)))
            let tally = swarm.finish()
            #expect(tally.disconnections >= 12)
            #expect(tally.failureCount == 0)
            let audit = try SwarmAudit(swarm.accounts, on: server.connect())
            #expect(audit.executedTwice == 0, "\(audit.remarks)")
            #expect(audit.ranThoughRefused == 0)
        }
    }

    @Test("an INCR and a push too many are found")
    func twice() throws {
        try watch(.writes) { server, swarm in
            swarm.finish()
            let client = try server.connect()
            let account = swarm.accounts[3]
            _ = try client.command("INCR", account.counterKey)
            _ = try client.command("RPUSH", account.listKey, account.member(0))
            let audit = try SwarmAudit(swarm.accounts, on: client)
            #expect(audit.executedTwice == 2)
            #expect(audit.remarks.count == 1)
        }
    }

    @Test("a server that hangs: what is under way is given up at the end, and counted")
    func hang() throws {
        try watch(.writes) { server, swarm in
            server.pause()
            #expect(!swarm.waitUntilServed(after: Laboratory.now, atMost: .milliseconds(200)))
            let tally = swarm.finish(atMost: .milliseconds(300))
            #expect(tally.unanswered >= 12)
            server.resume()
            let audit = try SwarmAudit(swarm.accounts, on: server.connect())
            #expect(audit.executedTwice == 0, "\(audit.remarks)")
        }
    }
}
