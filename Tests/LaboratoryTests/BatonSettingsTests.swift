import Addressing
import MonotonicTime
import Testing

@testable import Laboratory

@Suite("The configuration of the laboratory's nodes")
struct BatonSettingsTests {
    @Test("is the note's, with a line for each host and the write address")
    func noteLines() throws {
        let laboratory = try Laboratory.buildOnLoopback()
        defer { laboratory.close() }
        let hosts = laboratory.hosts.filter { $0.name != "client" }
        let text = BatonSettings(downAfter: .milliseconds(1_500), lines: ["daemonize yes"])
            .configuration(hosts: hosts, secretPath: "/etc/baton/secret")
        let lines = text.split(separator: "\n").map(String.init)
        let port = hosts[0].redisPort
        for line in [
            "sentinel monitor master1 127.0.0.1 \(port) 2",
            "sentinel auth-pass master1 shk9Hjwe",
            "sentinel down-after-milliseconds master1 1500",
            "baton write-address master1 10.18.14.94/20",
            "baton host redis03 127.0.0.3 node",
            "baton secret-file /etc/baton/secret",
        ] {
            #expect(lines.contains(line))
        }
        #expect(lines.last == "daemonize yes")
    }

    @Test("names no password where the servers have none")
    func noPassword() throws {
        let laboratory = try Laboratory.buildOnLoopback()
        defer { laboratory.close() }
        let text = BatonSettings(password: nil)
            .configuration(hosts: laboratory.hosts, secretPath: "secret")
        #expect(!text.contains("auth-pass"))
    }
}
