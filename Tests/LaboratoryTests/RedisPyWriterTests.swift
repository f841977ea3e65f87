import MonotonicTime
import RESP
import Testing

@testable import Laboratory

@Suite("redis-py as a writer", .needsRoot, .timeLimit(.minutes(1)))
struct RedisPyWriterTests {
    @Test(
        "tells each call and how long it took",
        .enabled(if: RedisPyWriter.interpreter != nil, "redis-py is not installed"))
    func calls() throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let server = try laboratory.startServer(on: laboratory.host("redis01"))
        let start = Laboratory.now
        let writer = try RedisPyWriter(
            on: laboratory.host("client"), target: server.endpoint, password: "shk9Hjwe")
        try #require(writer.waitForSuccess(after: start, atMost: .seconds(10)))
        server.kill()
        let killed = Laboratory.now
        try server.start()
        #expect(writer.waitForSuccess(after: killed, atMost: .seconds(10)))
        writer.stop()
        let calls = writer.calls
        #expect(calls.map(\.number) == Array(1...calls.count))
        #expect(calls.allSatisfy { $0.begin > start && $0.length >= .zero })
        let key = "baton:python:\(try #require(calls.first).number)"
        #expect(try server.connect().command("GET", key).text == "1")
    }
}
