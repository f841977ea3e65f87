import Addressing
import CertificateFixture
import NIOCore
import NIOPosix
import SecurityTerms
import SentinelCore
import Testing
import TransportSecurity

@testable import SentinelDriver

@Suite("Links by TLS", .enabled(if: TLSSupport.isBuilt), .timeLimit(.minutes(1)))
struct LinkSocketTests {
    /// A server that speaks nothing but TLS.
    private static func server(_ fixture: CertificateFixture) throws -> RedisServer {
        let identity = fixture.server
        return try RedisServer(securedBy: [
            "--tls-cert-file", identity.certificateFile, "--tls-key-file", identity.keyFile,
            "--tls-ca-cert-file", fixture.authority,
        ])
    }

    /// The first that a link says.
    private static func firstSignal(
        _ port: UInt16, _ terms: TLSTerms?
    ) async throws -> LinkSession.Signal {
        let security = try terms.map { try TLSClientContext($0) }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let eventLoop = group.next()
        let promise = eventLoop.makePromise(of: LinkSession.Signal.self)
        let endpoint = Endpoint(address: .v4(IPv4Address(127, 0, 0, 1)), port: port)
        let handler = try await eventLoop.submit {
            var isFirst = true
            let session = LinkSession(
                target: .server(endpoint, group: "orders"), clientName: "test", credentials: nil,
                secret: .none, nonce: [])
            let handler = LinkHandler(session: session) { signal in
                if isFirst { promise.succeed(signal) }
                isFirst = false
            }
            LinkSocket.connect(
                to: endpoint, on: eventLoop, within: .seconds(3), security: security,
                handler: handler)
            return NIOLoopBound(handler, eventLoop: eventLoop)
        }.get()
        let signal = try await promise.futureResult.get()
        try await eventLoop.submit { handler.value.abandon() }.get()
        try await group.shutdownGracefully()
        return signal
    }

    @Test("a server that speaks TLS is talked to")
    func opens() async throws {
        let fixture = try CertificateFixture()
        let server = try Self.server(fixture)
        #expect(try await Self.firstSignal(server.port, fixture.terms) == .opened)
    }

    @Test("a server that refuses our certificate is said to, with its reason")
    func refused() async throws {
        let fixture = try CertificateFixture()
        let server = try Self.server(fixture)
        var terms = TLSTerms()
        terms.authorityFile = fixture.authority
        #expect(
            try await Self.firstSignal(server.port, terms)
                == .broken(.insecure("it requires a certificate, and was shown none")))
        terms.clientIdentity = fixture.stranger
        let signal = try await Self.firstSignal(server.port, terms)
        guard case .broken(.insecure(let reason)) = signal else {
            Issue.record("\(signal)")
            return
        }
        #expect(reason.hasPrefix("it "))
    }

    @Test("a server whose certificate nobody trusts is said to have one")
    func untrusted() async throws {
        let fixture = try CertificateFixture()
        let server = try Self.server(fixture)
        var terms = fixture.terms
        terms.authorityFile = fixture.stranger.certificateFile
        let signal = try await Self.firstSignal(server.port, terms)
        guard case .broken(.insecure(let reason)) = signal else {
            Issue.record("\(signal)")
            return
        }
        #expect(reason.hasPrefix("its certificate is signed by nobody who is trusted"))
    }

    @Test(
        "a server that speaks no TLS is given up in time, and one that is asked without it closes")
    func mixed() async throws {
        let fixture = try CertificateFixture()
        let plain = try RedisServer()
        // Redis waits for the end of a line, which a handshake is not.
        let signal = try await Self.firstSignal(plain.port, fixture.terms)
        #expect(signal == .broken(.unreachable))
        let server = try Self.server(fixture)
        #expect(try await Self.firstSignal(server.port, nil) != .opened)
    }
}
