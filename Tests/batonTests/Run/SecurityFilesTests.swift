import Addressing
import CertificateFixture
import Configuration
import DirectiveFile
import Testing
import TransportSecurity

@testable import baton

@Suite("Certificates that the file names", .enabled(if: TLSSupport.isBuilt))
struct SecurityFilesTests {
    private static func read(_ lines: String) throws -> (Configuration, Document) {
        let text = """
            sentinel monitor orders 127.0.0.1 6379 1
            baton secret none
            baton host redis01 127.0.0.1 node
            baton host lb01 127.0.0.2 balancer
            baton listen write orders 127.0.0.2:6380 tls
            \(lines)
            """
        let document = Document(reading: Array(text.utf8))
        let configuration = ConfigurationReader.read(document, as: "lb01").configuration
        return (try #require(configuration), document)
    }

    private static func lines(_ fixture: CertificateFixture, key: String) -> String {
        """
        dir \(fixture.directory)
        tls-cert-file server.crt
        tls-key-file \(key)
        tls-ca-cert-file ca.crt
        """
    }

    @Test("sound ones are no problem, relative to `dir` too")
    func sound() throws {
        let fixture = try CertificateFixture()
        let (configuration, document) = try Self.read(Self.lines(fixture, key: "server.key"))
        #expect(SecurityFiles.problems(of: configuration, in: document).isEmpty)
    }

    @Test("one that is not what it should be is told where the file names it")
    func wrong() throws {
        let fixture = try CertificateFixture()
        _ = try fixture.write("no key\n", to: "text.key")
        for key in ["stranger.key", "text.key"] {
            let (configuration, document) = try Self.read(Self.lines(fixture, key: key))
            let problems = SecurityFiles.problems(of: configuration, in: document)
            #expect(problems.map { [$0.line, $0.column] } == [[8, 14]])
            #expect(problems[0].message.contains("\(fixture.directory)/\(key)"))
            #expect(problems[0].severity == .error)
        }
    }

    @Test("a balancer is not started with one, and says which")
    func refuses() throws {
        let fixture = try CertificateFixture()
        let (configuration, _) = try Self.read(
            Self.lines(fixture, key: "\(fixture.directory)/stranger.key"))
        #expect(throws: Refusal.self) { try SecurityFiles.forBalancer(configuration) }
    }
}
