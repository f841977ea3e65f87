import Addressing
import DirectiveFile
import SecurityTerms
import Testing

@testable import Configuration

@Suite("Lines about TLS")
struct ConfigurationReaderSecurityTests {
    /// Sound, with a balancer, which is this host unless a node is asked for.
    private static let base = """
        sentinel monitor orders 192.168.11.123 6379 1
        baton secret none
        baton host redis01 192.168.11.123 node
        baton host lb01 192.168.11.121 balancer

        """
    private static let present = HostFacts.File.present(
        isExecutable: false, isOpenToAll: false, isEmpty: false)

    private static let sound = """
        tls-cert-file /t/redis.crt
        tls-key-file /t/redis.key
        tls-ca-cert-file /t/ca.crt
        baton listen write orders *:6380 tls

        """

    private func read(
        _ lines: String, on address: String = "192.168.11.121",
        files: [String: HostFacts.File] = [:], hasTLS: Bool = true
    ) -> (configuration: Configuration?, problems: [String]) {
        var facts = HostFacts(
            interfaces: [.init(name: "ens33", addresses: [Prefix("\(address)/24")!])],
            hasTLS: hasTLS)
        for name in ["redis.crt", "redis.key", "ca.crt", "client.crt", "client.key"] {
            facts.files["/t/\(name)"] = Self.present
        }
        facts.files["/t/certs"] = .directory
        facts.files.merge(files) { $1 }
        let result = ConfigurationReader.read(
            Document(reading: Array((Self.base + lines).utf8)), facts: facts)
        return (
            result.configuration,
            result.problems.map { "\($0.line):\($0.column) \($0.severity) \($0.message)" }
        )
    }

    @Test("each is read, by Redis's own names and rules")
    func values() throws {
        let (configuration, problems) = read(
            Self.sound + """
                tls-key-file-pass "a b"
                tls-client-cert-file /t/client.crt
                tls-client-key-file /t/client.key
                tls-ca-cert-dir /t/certs
                tls-auth-clients optional
                tls-protocols "TLSv1.2 tlsv1.3"
                tls-ciphers ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384
                tls-replication yes
                """)
        #expect(problems == [])
        let terms = try #require(configuration?.security)
        #expect(
            terms.identity
                == .init(
                    certificateFile: "/t/redis.crt", keyFile: "/t/redis.key", keyPassword: "a b"))
        #expect(terms.identityForServers?.certificateFile == "/t/client.crt")
        #expect(terms.authorityFile == "/t/ca.crt")
        #expect(terms.authorityDirectory == "/t/certs")
        #expect(terms.clientCertificates == .optional)
        #expect(terms.versions == .oneTwo ... .oneThree)
        #expect(
            terms.ciphers == ["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384"])
        #expect(terms.securesServers)
        #expect(configuration?.groups[0].listeners.map(\.isSecured) == [true])
    }

    @Test("the read address's own port may speak TLS too, by the same certificate")
    func readAddress() throws {
        let line = "baton read-address orders 192.168.11.95/24 port 6379"
        let files = Self.sound.replacing("baton listen write orders *:6380 tls", with: "")
        for options in ["tls", "interface ens33 tls", "tls interface ens33"] {
            let (configuration, problems) = read(files + "\(line) \(options)")
            #expect(problems == [])
            #expect(configuration?.groups[0].readIsSecured == true)
        }
        #expect(read(line).configuration?.groups[0].readIsSecured == false)
        #expect(
            read("\(line) tls").problems == [
                "5:27 error a listener with TLS needs a certificate to show: write `tls-cert-file "
                    + "PATH` and `tls-key-file PATH`"
            ])
        let usage = "baton read-address GROUP ADDRESS/LENGTH port PORT [interface NAME] [tls]"
        #expect(
            read("\(line) tsl").problems.first == "5:54 error it is written: \(usage)")
        #expect(
            read("\(line) interface").problems.first == "5:54 error it is written: \(usage)")
        #expect(
            read("\(line) tls", hasTLS: false).problems.first?.hasPrefix(
                "5:54 error this Baton was built without TLS") == true)
    }

    @Test("without a line clients must show a certificate, and TLS is 1.2 or 1.3")
    func defaults() throws {
        let terms = try #require(read(Self.sound).configuration?.security)
        #expect(terms.clientCertificates == .required)
        #expect(terms.versions == .oneTwo ... .oneThree)
        #expect(terms.ciphers.isEmpty && !terms.securesServers && terms.clientIdentity == nil)
    }

    @Test("of a line given twice the last one counts, and an empty path is none, as in Redis")
    func twice() {
        let lines = Self.sound + "tls-ca-cert-dir /nowhere\ntls-ca-cert-dir \"\"\n"
        #expect(read(lines).problems == [])
        #expect(read(lines).configuration?.security.authorityDirectory == nil)
    }

    @Test(
        "what can't be meant is refused, with what to do",
        arguments: [
            ("tls-auth-clients maybe", "9:18 error 'maybe' must be 'yes', 'no' or 'optional'"),
            ("tls-replication on", "9:17 error 'on' must be 'yes' or 'no'"),
            (
                "tls-protocols SSLv3",
                "9:15 error 'SSLv3' is no version of TLS: they are TLSv1, TLSv1.1, TLSv1.2, "
                    + "TLSv1.3"
            ),
            (
                "tls-protocols \"TLSv1.1 TLSv1.3\"",
                "9:15 error a version between TLSv1.1 and TLSv1.3 can't be left out"
            ),
            (
                "tls-ciphers ECDHE-RSA-AES128-GCM-SHA265",
                "9:13 error 'ECDHE-RSA-AES128-GCM-SHA265' is no cipher that can be chosen; did you "
                    + "mean 'ECDHE-RSA-AES128-GCM-SHA256'?"
            ),
            (
                "tls-cert-fil /t/redis.crt",
                "9:1 error unknown directive 'tls-cert-fil'; did you mean 'tls-cert-file'?"
            ),
            ("tls-ca-cert-file", "9:1 error too few words; it is written: tls-ca-cert-file VALUE"),
            (
                "baton listen read orders *:6381 ssl",
                "9:33 error unknown option 'ssl'; it is written: baton listen read|write|auto "
                    + "GROUP ADDRESS:PORT|*:PORT [tls] [max-staleness MILLISECONDS] "
                    + "[read-your-writes]"
            ),
            (
                "tls-client-cert-file /t/client.crt",
                "9:22 error a certificate needs its key: write `tls-client-key-file PATH`"
            ),
            (
                "tls-client-key-file /t/client.key",
                "9:21 error a key needs its certificate: write `tls-client-cert-file PATH`"
            ),
        ])
    func refused(line: String, problem: String) {
        let (configuration, problems) = read(Self.sound + line)
        #expect(problems == [problem])
        #expect(configuration == nil)
    }

    @Test("a listener with TLS needs a certificate, and whoever signs its clients'")
    func incomplete() {
        #expect(
            read("baton listen write orders *:6380 tls").problems == [
                "5:27 error a listener with TLS needs a certificate to show: write "
                    + "`tls-cert-file PATH` and `tls-key-file PATH`"
            ])
        let unsigned = """
            baton listen write orders *:6380 tls
            tls-cert-file /t/redis.crt
            tls-key-file /t/redis.key

            """
        #expect(
            read(unsigned).problems == [
                "5:27 error clients must show a certificate here, and nobody is named whose "
                    + "signature counts: write `tls-ca-cert-file PATH`, or `tls-auth-clients no` "
                    + "to ask for none"
            ])
        #expect(read(unsigned + "tls-auth-clients no").problems == [])
    }

    @Test("servers that speak TLS need somebody whose signature counts, and usually a certificate")
    func servers() {
        let line = "tls-replication yes\nbaton listen write orders *:6380\n"
        let problems = read(line).problems
        #expect(problems.count == 2)
        #expect(problems[0].hasPrefix("5:1 error the servers must show a certificate"))
        #expect(problems[1].hasPrefix("5:1 warning the servers are shown no certificate"))
        #expect(read(line + "tls-ca-cert-file /t/ca.crt").configuration != nil)
    }

    @Test("a file that this host needs and has not is named; one that it doesn't need is not")
    func files() {
        let missing = read(Self.sound, files: ["/t/redis.key": .missing]).problems
        #expect(missing == ["6:14 error /t/redis.key does not exist on this host"])
        let open = HostFacts.File.present(isExecutable: false, isOpenToAll: true, isEmpty: false)
        #expect(
            read(Self.sound, files: ["/t/redis.key": open, "/t/ca.crt": open]).problems
                == ["6:14 warning any user can read /t/redis.key; try: chmod 600 /t/redis.key"])
        #expect(
            read(Self.sound, files: ["/t/ca.crt": .directory]).problems
                == ["7:18 error /t/ca.crt is a directory; a PEM file is needed"])
        // A node serves no listener.
        let node = read(
            Self.sound, on: "192.168.11.123",
            files: ["/t/redis.key": .missing, "/t/redis.crt": .missing, "/t/ca.crt": .missing])
        #expect(node.problems == [])
    }

    @Test("certificates with which nothing is encrypted are warned of")
    func idle() {
        let (configuration, problems) = read(
            "baton listen write orders *:6380\ntls-ca-cert-file /t/ca.crt\n")
        #expect(configuration != nil)
        #expect(problems.count == 1)
        #expect(problems[0].hasPrefix("6:18 warning nothing is encrypted with it"))
    }

    @Test(
        "what only OpenSSL can is warned of, with the reason",
        arguments: [
            "tls-port 6390", "tls-ciphersuites TLS_AES_256_GCM_SHA384",
            "tls-prefer-server-ciphers yes", "tls-dh-params-file /t/dh", "tls-session-caching no",
            "tls-session-cache-size 5000", "tls-session-cache-timeout 60", "tls-cluster yes",
        ])
    func withoutEffect(line: String) {
        let (configuration, problems) = read(Self.sound + line)
        #expect(configuration != nil)
        #expect(problems.count == 1)
        #expect(problems[0].hasPrefix("9:1 warning '\(line.split(separator: " ")[0])' has no"))
    }

    @Test("a Baton without TLS refuses such lines, and says how it is built with it")
    func withoutTLS() {
        let lines = Self.sound + "baton listen read orders *:6381\n"
        let (configuration, problems) = read(lines, hasTLS: false)
        #expect(configuration == nil)
        #expect(problems.count == 4)
        #expect(problems.allSatisfy { $0.contains("built without TLS") })
    }

    @Test("the files are those that a host must tell of; a password is none")
    func named() {
        let text = Self.base + Self.sound + "tls-key-file-pass secret\ndir /etc/baton\n"
        let files = ConfigurationReader.filesNamed(
            in: Document(reading: Array((text + "tls-ca-cert-dir certs\n").utf8)))
        #expect(files == ["/t/redis.crt", "/t/redis.key", "/t/ca.crt", "/etc/baton/certs"])
    }

    @Test("whether the servers speak TLS must be the same on every host; whose files they are, not")
    func digest() throws {
        let plain = try #require(read(Self.sound).configuration)
        let secured = try #require(read(Self.sound + "tls-replication yes").configuration)
        #expect(plain.digest != secured.digest)
        let other = try #require(read(Self.sound + "tls-auth-clients no").configuration)
        #expect(plain.digest == other.digest)
    }
}
