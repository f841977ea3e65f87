import MonotonicTime
import RESP
import Testing

@testable import Laboratory

@Suite("A server of the laboratory", .needsRoot, .timeLimit(.minutes(1)))
struct RedisServerTests {
    @Test("a killed server refuses, and started again it has its data")
    func killAndRestart() throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let client = laboratory.host("client")
        let server = try laboratory.startServer(on: laboratory.host("redis01"))
        #expect(try server.connect(from: client).command("SET", "a", "1") == .simple("OK"))

        server.kill()
        #expect(!server.isRunning)
        #expect(throws: ConnectionFailure.refused) { try server.connect(from: client) }

        try server.start()
        #expect(try server.connect(from: client).command("GET", "a") == .bulk("1"))
    }

    @Test("a stopped server answers nobody until it is resumed")
    func pauseAndResume() throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let server = try laboratory.startServer(on: laboratory.host("redis01"))
        let client = try server.connect(timeout: .milliseconds(100))
        server.pause()
        #expect(throws: ConnectionFailure.timedOut) { try client.command("PING") }
        #expect(server.isRunning)
        server.resume()
        #expect(try server.connect().command("PING") == .simple("PONG"))
    }

    @Test("a wrong password is an error that names the server's reason")
    func wrongPassword() throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let server = try laboratory.startServer(on: laboratory.host("redis01"))
        #expect {
            try RedisClient(from: server.host, to: server.endpoint, password: "wrong")
        } throws: { error in
            guard case .notAuthenticated(let reason) = error as? ConnectionFailure else {
                return false
            }
            return reason.contains("WRONGPASS")
        }
    }

    @Test("a server that can't start is an error with the server's own reason")
    func refusesToStart() throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let settings = RedisSettings(password: nil, lines: ["no-such-directive yes"])
        #expect {
            try laboratory.startServer(on: laboratory.host("redis01"), settings: settings)
        } throws: { error in
            "\(error)".contains("no-such-directive")
        }
    }
}
