import Laboratory
import MonotonicTime
import RESP
import Testing

extension EndToEnd {
    /// The classic deployment's own replication test, command by command: one primary, two
    /// replicas, `redis-cli` on another host of the same network.
    @Suite("One primary and two replicas", .timeLimit(.minutes(1)))
    struct ReplicationTests {
        @Test("what is set on the primary is read from both replicas")
        func setOnPrimaryGetFromReplicas() throws {
            let laboratory = try Laboratory.build()
            defer { laboratory.close() }
            let servers = try laboratory.startReplication()
            let client = laboratory.host("client")
            func redisCLI(_ address: String, _ words: String...) throws -> String {
                try Story.redisCLI(on: client, address, words)
            }

            #expect(try redisCLI("192.168.11.123", "set", "test:username", "weilin") == "OK\n")
            #expect(try redisCLI("192.168.11.123", "get", "test:username") == "weilin\n")
            // Replication is asynchronous: wait, as a person between two commands does, but not
            // on the clock.
            let primary = try servers[0].connect(from: client)
            #expect(try primary.command("SET", "marker", "1") == .simple("OK"))
            #expect(try primary.command("WAIT", "2", "5000") == .integer(2))
            #expect(try redisCLI("192.168.11.124", "get", "test:username") == "weilin\n")
            #expect(try redisCLI("192.168.11.125", "get", "test:username") == "weilin\n")
        }
    }
}
