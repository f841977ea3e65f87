import Addressing
import Testing

@testable import Laboratory

@Suite("The configuration of a server")
struct RedisSettingsTests {
    @Test("the note's server has its password both ways, its memory limit and its append-only file")
    func note() {
        let lines = RedisSettings.note.configuration(
            directory: "/d", port: 6_379, bind: nil, replicaOf: nil
        ).split(separator: "\n")
        for line in [
            "requirepass shk9Hjwe", "masterauth shk9Hjwe", "appendonly yes", "maxmemory 1g",
            "maxmemory-policy volatile-lru", "protected-mode no", "daemonize no", "port 6379",
            "dir /d", "repl-diskless-sync yes",
        ] {
            #expect(lines.contains(Substring(line)))
        }
        #expect(!lines.contains { $0.hasPrefix("bind") || $0.hasPrefix("replicaof") })
    }

    @Test("lines given by the caller come last, so that they are in force")
    func callersLinesLast() {
        let text = RedisSettings(password: nil, lines: ["port 1"]).configuration(
            directory: "/d", port: 7_001, bind: IPv4Address(127, 0, 0, 1),
            replicaOf: Endpoint(address: .v4(IPv4Address(192, 168, 11, 123)), port: 6_379))
        #expect(
            text.hasSuffix(
                "bind 127.0.0.1\nreplica-announce-ip 127.0.0.1\n"
                    + "replicaof 192.168.11.123 6379\nport 1\n"))
        #expect(!text.contains("requirepass"))
    }
}
