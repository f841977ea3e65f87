import Glibc
import MonotonicTime
import RESP
import Testing

@testable import Laboratory

@Suite("The measuring writer", .needsRoot, .timeLimit(.minutes(1)))
struct WriterTests {
    @Test("writes go on after a restart, the gap covers it, and nothing acknowledged is lost")
    func restart() throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let server = try laboratory.startServer(on: laboratory.host("redis01"))
        let writer = Writer(on: laboratory.host("client"), .init(target: server.endpoint))
        #expect(writer.waitForAcknowledgement(after: Laboratory.now, atMost: .seconds(5)))

        let fault = Laboratory.now
        server.kill()
        let dead = Laboratory.now
        let deadline = dead + .seconds(5)
        func isRefused() -> Bool {
            writer.log.attempts.contains { $0.outcome == .failed(.refused) }
        }
        while !isRefused(), Laboratory.now < deadline { usleep(1_000) }
        try server.start()
        #expect(writer.waitForAcknowledgement(after: Laboratory.now, atMost: .seconds(5)))
        let log = writer.stop()

        let gap = try #require(log.longestGap(since: fault))
        #expect(gap.begin <= dead && gap.end > dead)
        #expect(isRefused())
        #expect(log.attempts.map(\.number) == Array(1...log.attempts.count))
        #expect(try writer.lost(on: server.connect()).isEmpty)
    }

    @Test("a lost write is found")
    func lost() throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let server = try laboratory.startServer(on: laboratory.host("redis01"))
        let writer = Writer(
            on: laboratory.host("client"), .init(target: server.endpoint, keyPrefix: "w:"))
        for _ in 1...3 {
            #expect(writer.waitForAcknowledgement(after: Laboratory.now, atMost: .seconds(5)))
        }
        writer.stop()
        #expect(try server.connect().command("DEL", "w:2") == .integer(1))
        #expect(try writer.lost(on: server.connect()) == [2])
    }

    @Test("a hung server is noticed after the timeout, and not at all without one")
    func timeouts() throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let client = laboratory.host("client")
        let server = try laboratory.startServer(on: laboratory.host("redis01"))
        let impatient = Writer(
            on: client, .init(target: server.endpoint, timeout: .milliseconds(50)))
        let patient = Writer(on: client, .init(target: server.endpoint, timeout: nil))
        let begin = Laboratory.now
        #expect(impatient.waitForAcknowledgement(after: begin, atMost: .seconds(5)))
        #expect(patient.waitForAcknowledgement(after: begin, atMost: .seconds(5)))

        server.pause()
        #expect(
            !impatient.waitForAcknowledgement(after: Laboratory.now, atMost: .milliseconds(200)))
        #expect(impatient.stop().attempts.contains { $0.outcome == .failed(.timedOut) })
        // It still waits for its one answer, and can be stopped nevertheless.
        #expect(patient.stop().attempts.allSatisfy { $0.outcome == .acknowledged })
    }

    @Test("a writer ends by itself at its limit")
    func bounded() throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let host = laboratory.host("client")
        let writer = Writer(on: host, .init(target: host.redisEndpoint, attemptsMax: 3))
        #expect(writer.waitUntilFinished(atMost: .seconds(5)))
        #expect(writer.log.attempts.map(\.outcome) == Array(repeating: .failed(.refused), count: 3))
    }
}
