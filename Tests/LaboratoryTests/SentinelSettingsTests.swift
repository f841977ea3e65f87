import Addressing
import MonotonicTime
import Testing

@testable import Laboratory

@Suite("What a fleet's Sentinels are configured with")
struct SentinelSettingsTests {
    private static let primary = Endpoint(
        address: .v4(IPv4Address(192, 168, 11, 123)), port: 6379)

    @Test("is a group with the servers' password, and further lines behind it")
    func lines() {
        var settings = SentinelSettings(
            downAfter: .seconds(1), failoverTimeout: .seconds(5), lines: ["loglevel debug"])
        settings.password = "sesame"
        #expect(
            settings.configuration(primary: Self.primary) == """
                port 26379
                protected-mode no
                sentinel monitor master1 192.168.11.123 6379 2
                sentinel down-after-milliseconds master1 1000
                sentinel failover-timeout master1 5000
                sentinel auth-pass master1 shk9Hjwe
                requirepass sesame
                loglevel debug

                """)
    }

    @Test("is the note's text, with one name for the group")
    func note() {
        let text = SentinelSettings.note(script: "/etc/redis/reconfig_master.sh")
            .configuration(primary: Self.primary)
        #expect(text.contains("sentinel down-after-milliseconds master1 5000\n"))
        #expect(text.hasSuffix("master1 /etc/redis/reconfig_master.sh\n"))
        #expect(!text.contains("mymaster"))
    }

    @Test("with TLS at the port, leaves another for the laboratory's own questions")
    func secured() {
        let text = SentinelSettings.secured(
            certificateFile: "a.crt", keyFile: "a.key", authorityFile: "ca.crt"
        ).configuration(primary: Self.primary)
        #expect(text.hasPrefix("port 26378\n"))
        #expect(text.contains("tls-port 26379\n"))
        #expect(text.contains("tls-replication yes\n"))
    }
}
