import Addressing
import CertificateFixture
import Laboratory
import MonotonicTime
import RESP
import SecurityTerms
import Testing
import TransportSecurity

extension EndToEnd {
    /// Sentinels that speak TLS with clients, with each other and with servers.
    @Suite("Sentinels with TLS", .enabled(if: TLSSupport.isBuilt), .timeLimit(.minutes(1)))
    struct DropInSecurityTests {
        private func redisCLI(
            _ story: DropInStory, _ fixture: CertificateFixture, _ identity: [String],
            _ words: [String]
        ) throws -> String {
            let address = story.fleet.sentinels[0].endpoint.address
            let connection = [
                "-h", "\(address)", "-p", "\(SentinelSettings.port)", "--tls", "--cacert",
                fixture.authority,
            ]
            return try story.client.execute("redis-cli", connection + identity + words).output
        }

        @Test(
            "find each other and fail over by TLS, answer redis-cli --tls, and nobody without TLS",
            arguments: [[Sentinel.Kind.baton, .redis, .baton]])
        func secured(_ kinds: [Sentinel.Kind]) throws {
            let fixture = try CertificateFixture()
            let settings = SentinelSettings.secured(
                certificateFile: fixture.server.certificateFile, keyFile: fixture.server.keyFile,
                authorityFile: fixture.authority)
            try DropInStory.tell(of: kinds, settings) { story in
                for sentinel in story.fleet.sentinels {
                    // They know each other by the port that speaks TLS.
                    let others = sentinel.ask("SENTINEL", "SENTINELS", "master1")?.elements ?? []
                    let ports = others.map { $0.pairs?.first { $0.key.text == "port" }?.value.text }
                    #expect(ports == ["26379", "26379"])
                }
                let identity = [
                    "--cert", fixture.client.certificateFile, "--key", fixture.client.keyFile,
                ]
                let question = ["sentinel", "get-master-addr-by-name", "master1"]
                let address = try redisCLI(story, fixture, identity, question)
                #expect(address == "192.168.11.123\n6379\n")
                let nameless = try redisCLI(story, fixture, [], question)
                #expect(!nameless.contains("192.168"), "\(nameless)")
                for sentinel in story.fleet.sentinels {
                    var place = sentinel.endpoint
                    place.port = SentinelSettings.port
                    #expect(throws: ConnectionFailure.self) {
                        try RedisClient(from: story.client, to: place).command("PING")
                    }
                }

                let old = story.fleet.servers[0]
                old.kill()
                let primary = try story.fleet.waitUntilSettled(otherThan: old)
                let moved = try redisCLI(story, fixture, identity, question)
                #expect(moved == "\(primary.endpoint.address)\n6379\n")
                try old.start()
                #expect(try story.fleet.waitUntilSettled() === primary)
            }
        }
    }
}
