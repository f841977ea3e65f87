import Addressing
import BalancerCore
import CertificateFixture
import Glibc
import MonotonicTime
import RESP
import SecurityTerms
import Testing
import TransportSecurity

@testable import BalancerDriver

/// Real servers, real sockets, real certificates.
@Suite("Balancer with TLS", .enabled(if: TLSSupport.isBuilt), .timeLimit(.minutes(2)))
struct ReactorSecurityTests {
    private static let loopback = IPAddress.v4(IPv4Address(127, 0, 0, 1))

    /// A balancer with a place that speaks TLS, before one server, which ends with the body.
    private func withBalancer<Value>(
        _ server: UInt16, _ fixture: CertificateFixture, serversSpeakTLS: Bool = false,
        service: Service = .write, settings: BalancerDriverSettings = .init(),
        _ body: (UInt16, BalancerDriver) throws -> Value
    ) throws -> Value {
        var settings = settings
        settings.balancer.selection.slowStart = .zero
        let security = BalancerSecurity(
            clients: try TLSServerContext(fixture.terms),
            servers: serversSpeakTLS ? try TLSClientContext(fixture.terms) : nil)
        let driver = try BalancerDriver(
            listeners: [
                BalancerListener(
                    endpoint: Endpoint(address: Self.loopback, port: 0), service: service,
                    isSecured: true)
            ], security: security, settings: settings)
        defer {
            driver.stop()
            for _ in 0..<500 where !driver.isOver { usleep(10_000) }
        }
        let endpoint = Endpoint(address: Self.loopback, port: server)
        driver.update(
            servers: [
                ServerReport(endpoint: endpoint, role: .primary, condition: .serving(.none))
            ], writes: WritePlace(endpoint: endpoint, epoch: 1))
        return try body(driver.listeners[0].endpoint.port, driver)
    }

    private static func wait(_ condition: () -> Bool) -> Bool {
        for _ in 0..<500 {
            if condition() { return true }
            usleep(10_000)
        }
        return false
    }

    @Test(
        "answers as the server itself does, with TLS before and behind", arguments: [false, true])
    func answers(_ serversSpeakTLS: Bool) throws {
        let fixture = try CertificateFixture()
        let server = try RedisProcess(
            port: serversSpeakTLS ? 21_181 : 21_180,
            certificates: serversSpeakTLS ? fixture : nil)
        try withBalancer(server.port, fixture, serversSpeakTLS: serversSpeakTLS) { port, _ in
            let client = try SecuredClient(port: port, fixture.terms)
            #expect(try client.ask("SET", "k", "v") == .simpleString(Array("OK".utf8)))
            #expect(try client.ask("GET", "k") == .bulkString(Array("v".utf8)))
            // A connection of the client's own.
            #expect(try client.ask("BLPOP", "none", "0.01") != .simpleString([]))
            #expect(try client.ask("MULTI") == .simpleString(Array("OK".utf8)))
            #expect(try client.ask("INCR", "n") == .simpleString(Array("QUEUED".utf8)))
            #expect(try client.ask("EXEC") == .array([.integer(1)]))
            // Many at once, in the order of their asking.
            var many: [UInt8] = []
            for number in 0..<1000 { many += WireClient.request(["ECHO", "\(number)"]) }
            try client.send(many)
            for number in 0..<1000 {
                #expect(try client.hear() == .bulkString(Array("\(number)".utf8)))
            }
        }
    }

    @Test("a megabyte goes through both ways", arguments: [false, true])
    func large(_ serversSpeakTLS: Bool) throws {
        let fixture = try CertificateFixture()
        let server = try RedisProcess(
            port: serversSpeakTLS ? 21_183 : 21_182,
            certificates: serversSpeakTLS ? fixture : nil)
        try withBalancer(server.port, fixture, serversSpeakTLS: serversSpeakTLS) { port, _ in
            let client = try SecuredClient(port: port, fixture.terms)
            let megabyte = String(repeating: "0123456789abcdef", count: 65_536)
            for _ in 0..<3 {
                #expect(try client.ask("SET", "k", megabyte) == .simpleString(Array("OK".utf8)))
                #expect(try client.ask("GET", "k") == .bulkString(Array(megabyte.utf8)))
            }
            // Eight at once: more than may wait for a client.
            for _ in 0..<8 { try client.send(WireClient.request(["GET", "k"])) }
            for _ in 0..<8 { #expect(try client.hear() == .bulkString(Array(megabyte.utf8))) }
        }
    }

    @Test("a handshake may come byte by byte, and the first request with its end")
    func slowHandshake() throws {
        let fixture = try CertificateFixture()
        let server = try RedisProcess(port: 21_184)
        try withBalancer(server.port, fixture) { port, _ in
            let client = try SecuredClient(port: port, fixture.terms, shakesHands: false)
            try client.flush(pieces: 1)
            while !client.stream.isOpen {
                #expect(try client.listen())
                if client.stream.isOpen {
                    WireClient.request(["PING"]).withUnsafeBytes { client.stream.send($0) }
                }
                try client.flush(pieces: 7)
            }
            #expect(try client.hear() == .simpleString(Array("PONG".utf8)))
        }
    }

    @Test("whoever has no certificate, or speaks no TLS, is closed and counted; the others stay")
    func refuses() throws {
        let fixture = try CertificateFixture()
        let server = try RedisProcess(port: 21_185)
        try withBalancer(server.port, fixture) { port, driver in
            let client = try SecuredClient(port: port, fixture.terms)
            var terms = TLSTerms()
            terms.authorityFile = fixture.authority
            // By TLS 1.3 the client learns of it with its first answer.
            let nameless = try? SecuredClient(port: port, terms)
            #expect(throws: WireFailure.self) { try nameless?.ask("PING") ?? .null }
            let garbage: [[UInt8]] = [
                WireClient.request(["PING"]), Array("PING\r\n".utf8),
                [UInt8](repeating: 0, count: 100), [22, 3, 1, 0xFF, 0xFF] + Array(0..<255),
            ]
            for bytes in garbage {
                let plain = try WireClient(port: port)
                try plain.send(bytes)
                let heard = plain.hearToTheEnd()
                #expect(!heard.starts(with: Array("+PONG".utf8)))
            }
            #expect(Self.wait { driver.handshakeFailures().clientCount >= 4 })
            #expect(driver.handshakeFailures().lastOfClients != nil)
            #expect(Self.wait { driver.statistics().clientCount == 1 })
            #expect(try client.ask("PING") == .simpleString(Array("PONG".utf8)))
        }
    }

    @Test("a client that stops within the handshake is closed in time")
    func stops() throws {
        let fixture = try CertificateFixture()
        let server = try RedisProcess(port: 21_186)
        var settings = BalancerDriverSettings()
        settings.handshakeSeconds = 1
        try withBalancer(server.port, fixture, settings: settings) { port, driver in
            let silent = try WireClient(port: port)
            let halfway = try SecuredClient(port: port, fixture.terms, shakesHands: false)
            halfway.stream.takeOutgoing { $0.count / 2 }
            try halfway.wire.send([22, 3, 1, 2])
            #expect(silent.hearToTheEnd().isEmpty)
            #expect(halfway.wire.hearToTheEnd().isEmpty)
            #expect(Self.wait { driver.handshakeFailures().clientCount == 2 })
            #expect(Self.wait { driver.statistics().clientCount == 0 })
            #expect(
                driver.handshakeFailures().lastOfClients
                    == .library("it did not end the handshake in time"))
        }
    }

    @Test("whoever only looks whether the port is open is no failure")
    func looksOnly() throws {
        let fixture = try CertificateFixture()
        let server = try RedisProcess(port: 21_187)
        try withBalancer(server.port, fixture) { port, driver in
            do { _ = try WireClient(port: port) }
            #expect(Self.wait { driver.statistics().acceptedCount == 1 })
            #expect(Self.wait { driver.statistics().clientCount == 0 })
            #expect(driver.handshakeFailures() == HandshakeFailures())
        }
    }

    @Test("a client that ends within TLS is owed its last replies, then hears the end")
    func halfClose() throws {
        let fixture = try CertificateFixture()
        let server = try RedisProcess(port: 21_188)
        try withBalancer(server.port, fixture) { port, driver in
            let client = try SecuredClient(port: port, fixture.terms)
            try client.send(WireClient.request(["DEBUG", "SLEEP", "0"]))
            _ = try client.hear()
            WireClient.request(["PING"]).withUnsafeBytes { client.stream.send($0) }
            client.stream.close()
            try client.flush()
            // The stream hears nothing any more; the wire does, and then its end.
            #expect(!client.wire.hearToTheEnd().isEmpty)
            #expect(Self.wait { driver.statistics().clientCount == 0 })
        }
    }

    @Test("a client that vanishes while it is owed something is let go")
    func vanishes() throws {
        let fixture = try CertificateFixture()
        let server = try RedisProcess(port: 21_189)
        try withBalancer(server.port, fixture) { port, driver in
            do {
                let client = try SecuredClient(port: port, fixture.terms)
                let large = String(repeating: "x", count: 1 << 20)
                _ = try client.ask("SET", "k", large)
                for _ in 0..<32 { try client.send(WireClient.request(["GET", "k"])) }
            }
            #expect(Self.wait { driver.statistics().clientCount == 0 })
            let client = try SecuredClient(port: port, fixture.terms)
            #expect(try client.ask("PING") == .simpleString(Array("PONG".utf8)))
        }
    }

    @Test("a server that speaks no TLS is lost, and it is counted why; requests wait for another")
    func plainServer() throws {
        let fixture = try CertificateFixture()
        let plain = try RedisProcess(port: 21_190)
        let secured = try RedisProcess(port: 21_191, certificates: fixture)
        var settings = BalancerDriverSettings()
        // Redis waits for the end of a line, which a handshake is not.
        settings.handshakeSeconds = 1
        try withBalancer(
            plain.port, fixture, serversSpeakTLS: true, settings: settings
        ) { port, driver in
            let client = try SecuredClient(port: port, fixture.terms)
            try client.send(WireClient.request(["SET", "k", "v"]))
            #expect(Self.wait { driver.handshakeFailures().serverCount > 0 })
            let endpoint = Endpoint(address: Self.loopback, port: secured.port)
            driver.update(
                servers: [
                    ServerReport(endpoint: endpoint, role: .primary, condition: .serving(.none))
                ], writes: WritePlace(endpoint: endpoint, epoch: 2))
            #expect(try client.hear() == .simpleString(Array("OK".utf8)))
            #expect(try client.ask("GET", "k") == .bulkString(Array("v".utf8)))
        }
    }

    @Test("a server's death under TLS is told as unsure for what was sent, never sent twice")
    func serverDies() throws {
        let fixture = try CertificateFixture()
        let server = try RedisProcess(port: 21_192, certificates: fixture)
        let other = try RedisProcess(port: 21_193, certificates: fixture)
        try withBalancer(server.port, fixture, serversSpeakTLS: true) { port, driver in
            let client = try SecuredClient(port: port, fixture.terms)
            _ = try client.ask("SET", "k", "v")
            // It takes the request and does not answer.
            kill(server.pid, SIGSTOP)
            try client.send(WireClient.request(["INCR", "n"]))
            usleep(200_000)
            server.end()
            let reply = try client.hear()
            #expect(reply.errorBytes?.starts(with: Array("BATON_UNSURE".utf8)) == true, "\(reply)")
            let endpoint = Endpoint(address: Self.loopback, port: other.port)
            driver.update(
                servers: [
                    ServerReport(endpoint: endpoint, role: .primary, condition: .serving(.none))
                ], writes: WritePlace(endpoint: endpoint, epoch: 2))
            #expect(try client.ask("INCR", "n") == .integer(1))
        }
    }

    @Test("new certificates are shown to new clients; those that are there stay")
    func reloads() throws {
        let fixture = try CertificateFixture()
        let server = try RedisProcess(port: 21_194)
        try withBalancer(server.port, fixture) { port, driver in
            let before = try SecuredClient(port: port, fixture.terms)
            #expect(try before.ask("PING") == .simpleString(Array("PONG".utf8)))
            // From now on the place is a stranger's.
            var terms = fixture.terms
            terms.identity = fixture.stranger
            try driver.change(
                listeners: driver.listeners, selection: .init(),
                security: BalancerSecurity(clients: try TLSServerContext(terms)))
            #expect(
                Self.wait { (try? SecuredClient(port: port, fixture.terms)) == nil })
            #expect(try before.ask("PING") == .simpleString(Array("PONG".utf8)))
        }
    }

    @Test("a server that is busy for a while is not shaken hands with again and again")
    func busyServer() throws {
        let fixture = try CertificateFixture()
        // Its kernel takes connections, and it does nothing with them.
        let endpoint = Endpoint(address: Self.loopback, port: 21_195)
        let server = try SocketCalls.listen(on: endpoint)
        defer { close(server) }
        try withBalancer(endpoint.port, fixture, serversSpeakTLS: true) { port, _ in
            let client = try SecuredClient(port: port, fixture.terms)
            try client.send(WireClient.request(["SET", "k", "v"]))
            usleep(1_000_000)
            var count = 0
            while case .client(let number) = SocketCalls.accept(server) {
                count += 1
                close(number)
            }
            // 300 ms for each, where it was 20 to 200.
            #expect((1...4).contains(count), "\(count)")
        }
    }
}
