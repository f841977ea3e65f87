import CertificateFixture
import SecurityTerms
import Testing
import TransportSecurity

@Suite("A stream of TLS", .enabled(if: TLSSupport.isBuilt), .timeLimit(.minutes(1)))
struct TLSStreamTests {
    /// The two ends, with what each has heard.
    private final class Pair {
        let client: TLSStream
        let server: TLSStream
        var heardByClient: [UInt8] = []
        var heardByServer: [UInt8] = []

        init(_ clientTerms: TLSTerms, _ serverTerms: TLSTerms) throws {
            client = try TLSStream(joining: TLSClientContext(clientTerms))
            server = TLSStream(accepting: try TLSServerContext(serverTerms))
        }

        /// Carries what either has to say, in pieces of so many bytes, until both are silent.
        func exchange(pieces: Int = .max) {
            while client.outgoingByteCount + server.outgoingByteCount > 0 {
                heardByServer += Self.carry(client, server, pieces)
                heardByClient += Self.carry(server, client, pieces)
            }
        }

        static func carry(_ from: TLSStream, _ to: TLSStream, _ pieces: Int) -> [UInt8] {
            var heard: [UInt8] = []
            from.takeOutgoing { bytes in
                let piece = UnsafeRawBufferPointer(rebasing: bytes.prefix(pieces))
                heard = TLSStreamTests.hear(to, piece)
                return piece.count
            }
            return heard
        }
    }

    private static func hear(_ stream: TLSStream, _ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        let room = bytes.count + TLSStream.recordByteCountMax
        return [UInt8](unsafeUninitializedCapacity: room) { memory, count in
            count = stream.receive(bytes, into: UnsafeMutableRawBufferPointer(memory))
        }
    }

    private static func hear(_ stream: TLSStream, _ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { hear(stream, $0) }
    }

    private static func say(_ bytes: [UInt8], _ stream: TLSStream) {
        bytes.withUnsafeBytes { stream.send($0) }
    }

    @Test(
        "carries bytes both ways, by each version", arguments: [TLSTerms.Version.oneTwo, .oneThree])
    func carries(_ version: TLSTerms.Version) throws {
        let fixture = try CertificateFixture()
        var terms = fixture.terms
        terms.versions = version...version
        let pair = try Pair(terms, terms)
        pair.exchange()
        #expect(pair.client.isOpen && pair.server.isOpen)
        Self.say(Array("PING\r\n".utf8), pair.client)
        Self.say(Array("+PONG\r\n".utf8), pair.server)
        pair.exchange()
        #expect(pair.heardByServer == Array("PING\r\n".utf8))
        #expect(pair.heardByClient == Array("+PONG\r\n".utf8))
    }

    @Test("a handshake may come byte by byte")
    func slow() throws {
        let fixture = try CertificateFixture()
        let pair = try Pair(fixture.terms, fixture.terms)
        pair.exchange(pieces: 1)
        #expect(pair.client.isOpen && pair.server.isOpen)
        Self.say(Array("PING\r\n".utf8), pair.client)
        pair.exchange(pieces: 1)
        #expect(pair.heardByServer == Array("PING\r\n".utf8))
    }

    @Test("a megabyte comes as it was, however it is cut", arguments: [Int.max, 65_536, 1447])
    func large(_ pieces: Int) throws {
        let fixture = try CertificateFixture()
        let pair = try Pair(fixture.terms, fixture.terms)
        pair.exchange()
        let megabyte = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        Self.say(megabyte, pair.client)
        Self.say(megabyte, pair.server)
        pair.exchange(pieces: pieces)
        #expect(pair.heardByServer == megabyte)
        #expect(pair.heardByClient == megabyte)
    }

    @Test("a client without a certificate is refused, and both sides can say why")
    func withoutCertificate() throws {
        let fixture = try CertificateFixture()
        var terms = TLSTerms()
        terms.authorityFile = fixture.authority
        let pair = try Pair(terms, fixture.terms)
        pair.exchange()
        #expect(!pair.server.isOpen)
        #expect(
            pair.server.failure == .library("it shows no certificate, and one is required"))
        #expect(
            pair.client.failure == .library("it requires a certificate, and was shown none"))
    }

    @Test("a client without a certificate is let in where none is asked for, or one is optional")
    func withoutCertificateButWelcome() throws {
        let fixture = try CertificateFixture()
        var client = TLSTerms()
        client.authorityFile = fixture.authority
        for rule in [TLSTerms.ClientCertificates.unasked, .optional] {
            var server = fixture.terms
            server.clientCertificates = rule
            let pair = try Pair(client, server)
            pair.exchange()
            #expect(pair.server.isOpen && pair.client.isOpen, "\(rule)")
        }
    }

    @Test("a certificate that somebody else signed is refused, also where one is optional")
    func stranger() throws {
        let fixture = try CertificateFixture()
        var client = fixture.terms
        client.clientIdentity = fixture.stranger
        for rule in [TLSTerms.ClientCertificates.required, .optional] {
            var server = fixture.terms
            server.clientCertificates = rule
            let pair = try Pair(client, server)
            pair.exchange()
            #expect(
                pair.server.failure?.description.contains("signed by nobody who is trusted")
                    == true, "\(pair.server.failure as Any)")
        }
    }

    @Test("a server that nobody trusts is refused by the client")
    func strangeServer() throws {
        let fixture = try CertificateFixture()
        var server = fixture.terms
        server.identity = fixture.stranger
        let pair = try Pair(fixture.terms, server)
        pair.exchange()
        #expect(!pair.client.isOpen)
        #expect(
            pair.client.failure?.description.contains("signed by nobody who is trusted") == true)
        #expect(pair.server.failure != nil)
    }

    @Test("two that have no version in common part")
    func versions() throws {
        let fixture = try CertificateFixture()
        var client = fixture.terms
        client.versions = .oneTwo ... .oneTwo
        var server = fixture.terms
        server.versions = .oneThree ... .oneThree
        let pair = try Pair(client, server)
        pair.exchange()
        #expect(pair.server.failure != nil && pair.client.failure != nil)
    }

    @Test(
        "whoever does not speak TLS is refused at once, and it is said what was heard",
        arguments: [
            ("*1\r\n$4\r\nPING\r\n", "TLS"), ("PING\r\n", "TLS"),
            ("GET / HTTP/1.1\r\n\r\n", "it speaks HTTP, not TLS"),
            (String(repeating: "\u{0}", count: 100), ""),
        ])
    func plainText(_ said: String, _ reason: String) throws {
        let fixture = try CertificateFixture()
        let server = TLSStream(accepting: try TLSServerContext(fixture.terms))
        #expect(Self.hear(server, Array(said.utf8)).isEmpty)
        #expect(!server.isOpen)
        #expect(server.failure?.description.contains(reason) == true, "\(server.failure as Any)")
        // And nothing that comes later changes that.
        #expect(Self.hear(server, Array(said.utf8)).isEmpty)
    }

    @Test("a record larger than any may be, or with a byte that was changed, ends it")
    func hostileRecords() throws {
        let fixture = try CertificateFixture()
        let oversized = try Pair(fixture.terms, fixture.terms)
        oversized.exchange()
        let record: [UInt8] = [23, 3, 3, 0xFF, 0xFF] + [UInt8](repeating: 7, count: 65_535)
        #expect(Self.hear(oversized.server, record).isEmpty)
        #expect(oversized.server.failure != nil)

        let changed = try Pair(fixture.terms, fixture.terms)
        changed.exchange()
        Self.say(Array("PING\r\n".utf8), changed.client)
        changed.client.takeOutgoing { bytes in
            var bytes = Array(bytes)
            bytes[bytes.count - 1] ^= 1
            #expect(Self.hear(changed.server, bytes).isEmpty)
            return bytes.count
        }
        #expect(changed.server.failure != nil)
    }

    @Test("one side may end, and still hears the other")
    func halfClose() throws {
        let fixture = try CertificateFixture()
        let pair = try Pair(fixture.terms, fixture.terms)
        pair.exchange()
        Self.say(Array("PING\r\n".utf8), pair.client)
        pair.client.close()
        pair.exchange()
        #expect(pair.heardByServer == Array("PING\r\n".utf8))
        #expect(pair.server.hasEnded && pair.server.failure == nil)
        Self.say(Array("+PONG\r\n".utf8), pair.server)
        #expect(pair.server.outgoingByteCount > 0)
    }

    @Test("nothing is sent before it is open, nor after it was closed")
    func silence() throws {
        let fixture = try CertificateFixture()
        let server = TLSStream(accepting: try TLSServerContext(fixture.terms))
        Self.say([1, 2, 3], server)
        #expect(server.outgoingByteCount == 0)
        let pair = try Pair(fixture.terms, fixture.terms)
        pair.exchange()
        pair.client.close()
        pair.client.takeOutgoing { $0.count }
        Self.say([1, 2, 3], pair.client)
        #expect(pair.client.outgoingByteCount == 0 && !pair.client.isOpen)
    }
}
