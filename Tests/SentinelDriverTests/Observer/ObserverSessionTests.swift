import Addressing
import ObserverCore
import SentinelCore
import Testing

@testable import SentinelDriver

@Suite("An observer's conversation")
struct ObserverSessionTests {
    private static let server = Endpoint(address: .v4(IPv4Address(10, 0, 0, 1)), port: 6379)
    private static let node = Endpoint(address: .v4(IPv4Address(10, 0, 0, 1)), port: 26379)

    private func session(
        _ target: ObserverTarget, credentials: Credentials? = nil
    ) -> ObserverSession {
        ObserverSession(
            target: target, group: "orders", clientName: "baton-observer", credentials: credentials)
    }

    /// In one piece, then byte by byte: what is said must be the same.
    private func hear(
        _ text: String, in session: ObserverSession, after asks: Int = 0
    ) -> [ObserverSession.Signal] {
        let bytes = Array(text.utf8)
        var whole = session
        var signals: [ObserverSession.Signal] = []
        for _ in 0..<asks { _ = whole.ask() }
        #expect(whole.receive(bytes.span.bytes, signals: &signals) == bytes.count)

        var pieces = session
        var slowly: [ObserverSession.Signal] = []
        for _ in 0..<asks { _ = pieces.ask() }
        var unread: [UInt8] = []
        for byte in bytes {
            unread.append(byte)
            unread.removeFirst(pieces.receive(unread.span.bytes, signals: &slowly))
        }
        #expect(slowly == signals)
        return signals
    }

    private func open(_ target: ObserverTarget, _ handshake: String) -> ObserverSession {
        var session = session(target)
        var signals: [ObserverSession.Signal] = []
        let bytes = Array(handshake.utf8)
        _ = session.receive(bytes.span.bytes, signals: &signals)
        #expect(signals == [.opened])
        return session
    }

    private func bulk(_ words: String...) -> String {
        "*\(words.count)\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
    }

    @Test("says who it is, with a password where there is one")
    func greeting() {
        let credentials = Credentials(user: "watcher", password: "secret")
        let words = String(
            decoding: session(.server(Self.server), credentials: credentials).greeting(),
            as: UTF8.self)
        #expect(words.contains("AUTH\r\n$7\r\nwatcher\r\n$6\r\nsecret"))
        #expect(words.contains("SETNAME\r\n$14\r\nbaton-observer"))
        #expect(
            hear("+OK\r\n+OK\r\n", in: session(.server(Self.server), credentials: credentials)) == [
                .opened
            ])
    }

    @Test("serves a server that asks for no password, and gives up one that refuses it")
    func passwords() {
        let credentials = Credentials(user: nil, password: "secret")
        let needless = "-ERR AUTH called without any password configured\r\n+OK\r\n"
        #expect(
            hear(needless, in: session(.server(Self.server), credentials: credentials)) == [.opened]
        )
        let wrong = hear(
            "-WRONGPASS invalid\r\n", in: session(.server(Self.server), credentials: credentials))
        #expect(wrong == [.broken(.denied("WRONGPASS invalid"))])
        let needed = hear("-NOAUTH Authentication required.\r\n", in: session(.server(Self.server)))
        #expect(needed == [.broken(.denied("NOAUTH Authentication required."))])
    }

    @Test("reads a server's INFO")
    func report() throws {
        let session = open(.server(Self.server), "+OK\r\n")
        let text =
            "role:slave\r\nmaster_host:10.0.0.2\r\nmaster_port:6379\r\nmaster_link_status:up\r\n"
        let signals = hear("$\(text.utf8.count)\r\n\(text)\r\n", in: session, after: 1)
        guard case .said(.reported(Self.server, let report)) = try #require(signals.first) else {
            Issue.record("not a report: \(signals)")
            return
        }
        #expect(!report.isPrimary && report.isLinkUp)
    }

    @Test("reads a node's word on the primary and its replicas")
    func claim() {
        let session = open(.node(Self.node), "+PONG\r\n")
        let master = bulk("name", "orders", "ip", "10.0.0.2", "port", "6380", "config-epoch", "7")
        let replica = bulk("name", "10.0.0.3:6379", "ip", "10.0.0.3", "port", "6379")
        let unreadable = bulk("ip", "a-name", "port", "6379")
        let primary = Endpoint(address: .v4(IPv4Address(10, 0, 0, 2)), port: 6380)
        let other = Endpoint(address: .v4(IPv4Address(10, 0, 0, 3)), port: 6379)
        #expect(
            hear(master + "*2\r\n" + replica + unreadable, in: session, after: 1) == [
                .said(.claimed(Self.node, Claim(primary: primary, epoch: 7))),
                .said(.listed(Self.node, [other])),
            ])
    }

    @Test("takes an error for a node that does not know the group")
    func unknownGroup() {
        let session = open(.node(Self.node), "+PONG\r\n")
        let error = "-ERR No such master with that name\r\n"
        #expect(
            hear(error + error, in: session, after: 1) == [
                .said(.claimed(Self.node, nil)), .said(.listed(Self.node, [])),
            ])
    }

    @Test("is stirred by events of its own group only")
    func events() {
        let acknowledgements = ObserverSession.channels.map {
            "*3\r\n$9\r\nsubscribe\r\n$\($0.utf8.count)\r\n\($0)\r\n:1\r\n"
        }
        let session = open(.events(Self.node), acknowledgements.joined())
        let ours = bulk("message", "+switch-master", "orders 10.0.0.1 6379 10.0.0.2 6379")
        let sdown = bulk("message", "+odown", "master orders 10.0.0.1 6379 #quorum 2/2")
        let others = bulk("message", "+switch-master", "orders2 10.0.0.1 6379 10.0.0.2 6379")
        #expect(
            hear(ours + others + sdown, in: session) == [
                .said(.stirred(Self.node)), .said(.stirred(Self.node)),
            ])
    }

    @Test("hears of a planned move of its own group, and that it is called off")
    func moves() {
        let acknowledgements = ObserverSession.channels.map {
            "*3\r\n$9\r\nsubscribe\r\n$\($0.utf8.count)\r\n\($0)\r\n:1\r\n"
        }
        let session = open(.events(Self.node), acknowledgements.joined())
        let begins = "+switchover-begin"
        let ours = bulk("message", begins, "master orders 10.0.0.1 6379 to 10.0.0.2:6379")
        let off = bulk("message", "-failover-abort-handover", "master orders 10.0.0.1 6379 late")
        // Of another group, though the name occurs; and of none that could be read.
        let others =
            bulk("message", begins, "master orders2 10.0.0.1 6379 to orders")
            + bulk("message", "-failover-abort-handover", "master orders2 10.0.0.1 6379 orders")
            + bulk("message", begins, "master orders here 6379 to there")
            + bulk("message", begins, "master orders")
            + bulk("message", begins, "")
        #expect(
            hear(ours + others + off, in: session) == [
                .said(.moveAnnounced(by: Self.node, from: Self.server)),
                .said(.moveCalledOff(by: Self.node)),
            ])
    }

    @Test("gives up whoever speaks otherwise, or unasked")
    func nonsense() {
        let http = hear("HTTP/1.1 400 Bad Request\r\n", in: session(.node(Self.node)))
        #expect(http.count == 1 && http[0].failure != nil)
        let unasked = hear("+PONG\r\n+PONG\r\n", in: session(.node(Self.node)))
        #expect(unasked == [.opened, .broken(.confused("it answered what was not asked"))])
    }
}
