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

    @Test("names what the balancers serve, beside the read address")
    func listeners() throws {
        let laboratory = try Laboratory.buildOnLoopback()
        defer { laboratory.close() }
        var settings = BatonSettings.withWrites()
        settings.listeners.append(.init(.read, port: 7_000))
        settings.listeners.append(
            .init(.auto, address: .v6(IPv6Address(high: 1 << 48, low: 1)), port: 7_001))
        let text = settings.configuration(hosts: laboratory.hosts, secretPath: "secret")
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("baton listen") }
        #expect(
            lines == [
                "baton listen write master1 *:6380",
                "baton listen auto master1 *:6381", "baton listen read master1 *:7000",
                "baton listen auto master1 [1::1]:7001",
            ])
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
