import Addressing
import CertificateFixture
import Foundation
import Glibc
import Laboratory
import MonotonicTime
import RESP
import SecurityTerms
import Testing
import TransportSecurity

extension EndToEnd {
    /// Nothing but TLS between clients, balancers and servers; the nodes' links too.
    @Suite("TLS everywhere", .enabled(if: TLSSupport.isBuilt), .timeLimit(.minutes(2)))
    struct SecurityTests {
        private static let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Clients/secured_work.py").path(percentEncoded: false)

        private static let writePort: UInt16 = 6390
        private static let readPort: UInt16 = 6391

        /// The note's six hosts, with certificates; the story begins when both listeners serve.
        private func tell(_ body: (Story, CertificateFixture) throws -> Void) throws {
            let fixture = try CertificateFixture()
            var settings = BatonSettings.withReads(lines: [
                "tls-cert-file \(fixture.server.certificateFile)",
                "tls-key-file \(fixture.server.keyFile)",
                "tls-ca-cert-file \(fixture.authority)", "tls-replication yes",
                "baton listen write master1 *:\(Self.writePort) tls",
                "baton listen read master1 *:\(Self.readPort) tls",
            ])
            settings.servers = .secured(
                certificateFile: fixture.server.certificateFile, keyFile: fixture.server.keyFile,
                authorityFile: fixture.authority)
            try Story.tell(settings, plan: .note) { story in
                try story.wait(atMost: .seconds(10), for: "both listeners serve") {
                    try redisCLI(story, fixture, Self.writePort, "set", "greeting", "hello")
                        == "OK\n"
                        && redisCLI(story, fixture, Self.readPort, "get", "greeting") == "hello\n"
                }
                try body(story, fixture)
            }
        }

        /// redis-cli, with its certificate unless it is to have none.
        private func redisCLI(
            _ story: Story, _ fixture: CertificateFixture, _ port: UInt16, _ words: String...,
            showsCertificate: Bool = true
        ) throws -> String {
            var arguments = [
                "-h", "\(Plan.readAddress)", "-p", "\(port)", "-a", Story.password,
                "--no-auth-warning", "--tls", "--cacert", fixture.authority,
            ]
            if showsCertificate {
                arguments += [
                    "--cert", fixture.client.certificateFile, "--key", fixture.client.keyFile,
                ]
            }
            return try story.client.execute("redis-cli", arguments + words).output
        }

        @Test("redis-cli is served; whoever has no certificate, or speaks no TLS, is not")
        func refuses() throws {
            try tell { story, fixture in
                for port in [Self.writePort, Self.readPort] {
                    let nameless = try redisCLI(
                        story, fixture, port, "get", "greeting", showsCertificate: false)
                    #expect(!nameless.contains("hello"), "\(nameless)")
                    let target = Endpoint(address: .v4(Plan.readAddress), port: port)
                    #expect(throws: ConnectionFailure.self) {
                        try RedisClient(from: story.client, to: target).command("PING")
                    }
                }
                // Somebody who never stops failing fills no disk.
                let holder = try #require(
                    story.cluster.balancers.first { $0.host === story.cluster.readHolders.first })
                #expect(holder.waitForEvent("no TLS came about", atMost: .seconds(5)))
                #expect(holder.events("no TLS came about").count == 1)
                #expect(
                    try redisCLI(story, fixture, Self.readPort, "get", "greeting") == "hello\n")
                let baton = try #require(BatonExecutable.find())
                let status = try holder.host.execute(baton, ["status"]).output
                #expect(status.contains("0.0.0.0:\(Self.readPort) (TLS)"), "\(status)")
                #expect(status.contains("TLS to the servers"), "\(status)")
            }
        }

        @Test("redis-py keeps its connection, and loses nothing, when the primary dies")
        func failover() throws {
            guard let python = RedisPyWriter.interpreter else {
                print("skipped: redis-py is not installed")
                return
            }
            try tell { story, fixture in
                let stopper = "\(fixture.directory)/stop"
                #expect(mkfifo(stopper, 0o600) == 0)
                let program = try story.client.launch(
                    "/bin/sh",
                    [
                        "-c", "exec \"$@\" < \"$0\"", stopper, python, Self.script,
                        "\(Plan.readAddress)", "\(Self.writePort)", Story.password,
                        fixture.authority, fixture.client.certificateFile, fixture.client.keyFile,
                    ], name: "secured")
                let pen = try #require(fopen(stopper, "r+"))
                defer { fclose(pen) }
                #expect(program.waitForOutput("ready", atMost: .seconds(10)), "\(program.output)")
                let former = story.cluster.servers[0]
                former.kill()
                story.wait(atMost: .seconds(10), for: "no failover") {
                    story.cluster.holders.contains { $0 !== former.host }
                }
                try story.wait(atMost: .seconds(10), for: "no writes after it") {
                    try redisCLI(story, fixture, Self.writePort, "set", "after", "1") == "OK\n"
                }
                fputs("over\n", pen)
                fflush(pen)
                let ending = program.wait(atMost: .seconds(20))
                #expect(ending == .exited(0), "\(program.output)")
                story.report("redis-py by TLS, primary killed: \(program.output)")
                #expect(program.output.contains("broken=0"), "\(program.output)")
                // The old primary comes back as a replica, by TLS.
                try story.cluster.restore()
            }
        }

        @Test("a server's certificate that nobody trusts is named once by each node")
        func untrusted() throws {
            try tell { story, fixture in
                let stranger = fixture.stranger
                let server = story.cluster.servers[2]
                let admin = try server.connect()
                let reply = try admin.command(
                    "CONFIG", "SET", "tls-cert-file", stranger.certificateFile, "tls-key-file",
                    stranger.keyFile)
                #expect(reply == .simple("OK"))
                _ = try admin.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                _ = try admin.command("CLIENT", "KILL", "TYPE", "pubsub")
                for node in story.cluster.nodes {
                    #expect(
                        node.waitForEvent("signed by nobody who is trusted", atMost: .seconds(5)),
                        "\(node.host.name)\n\(story.cluster.logEnds)")
                }
                story.watchQuietly(.seconds(2))
                for node in story.cluster.nodes {
                    #expect(node.events("signed by nobody who is trusted").count == 1)
                }
            }
        }

        @Test("SIGHUP shows new certificates to new clients, and disconnects nobody")
        func reload() throws {
            guard let python = RedisPyWriter.interpreter else {
                print("skipped: redis-py is not installed")
                return
            }
            try tell { story, fixture in
                let stopper = "\(fixture.directory)/stop"
                #expect(mkfifo(stopper, 0o600) == 0)
                let program = try story.client.launch(
                    "/bin/sh",
                    [
                        "-c", "exec \"$@\" < \"$0\"", stopper, python, Self.script,
                        "\(Plan.readAddress)", "\(Self.writePort)", Story.password,
                        fixture.authority, fixture.client.certificateFile, fixture.client.keyFile,
                    ], name: "secured")
                let pen = try #require(fopen(stopper, "r+"))
                defer { fclose(pen) }
                #expect(program.waitForOutput("ready", atMost: .seconds(10)), "\(program.output)")
                let node = try #require(
                    story.cluster.balancers.first { $0.host === story.cluster.readHolders.first })
                try fixture.issue("renewed")
                let name = try #require(node.configurationPath.split(separator: "/").last)
                let before = try #require(node.contents(of: String(name)))
                let after = before.replacing("/server.", with: "/renewed.")
                try node.replaceContents(of: String(name), with: after)
                node.program?.send(signal: SIGHUP)
                #expect(node.waitForEvent("The file was read anew", atMost: .seconds(5)))
                story.wait(atMost: .seconds(5), for: "the new certificate is shown") {
                    let shown = try? story.client.execute(
                        "/bin/sh",
                        [
                            "-c",
                            "openssl s_client -connect \(Plan.readAddress):\(Self.writePort) "
                                + "</dev/null 2>/dev/null | openssl x509 -noout -subject",
                        ])
                    return shown?.output.contains("renewed") == true
                }
                fputs("over\n", pen)
                fflush(pen)
                #expect(program.wait(atMost: .seconds(20)) == .exited(0), "\(program.output)")
                #expect(program.output.contains("broken=0"), "\(program.output)")
            }
        }
    }
}
