import Addressing
import MonotonicTime
import RESP
import SentinelCore
import Testing

@testable import SentinelDriver

@Suite("A conversation with a server or a peer")
struct LinkSessionTests {
    static let endpoint = Endpoint(address: .v4(IPv4Address(10, 0, 0, 1)), port: 6379)
    static let at = Instant(nanoseconds: 42)
    static let nonce = [UInt8](repeating: 0xA1, count: PeerSession.nonceByteCount)

    /// A session with what it says and hears as text.
    struct Talk {
        var session: LinkSession
        var unread: [UInt8] = []

        init(
            _ target: LinkTarget, credentials: Credentials? = nil,
            secret: ClusterSecret = .shared("geheim")
        ) {
            session = LinkSession(
                target: target, clientName: "sentinel-01234567-cmd", credentials: credentials,
                secret: secret, nonce: LinkSessionTests.nonce)
        }

        /// A server without password, with the handshake done.
        static func opened() -> Talk {
            var talk = Talk(.server(endpoint, group: "orders"))
            #expect(talk.hear("+OK\r\n") == [.opened])
            return talk
        }

        mutating func hear(_ text: String) -> [LinkSession.Signal] {
            unread += text.utf8
            var signals: [LinkSession.Signal] = []
            let bytes = unread
            let consumed = session.receive(bytes.span.bytes, signals: &signals)
            unread.removeFirst(consumed)
            return signals
        }

        mutating func ask(_ request: Request) -> String? {
            guard let bytes = session.ask(request) else { return nil }
            return inline(bytes)
        }

        var greeting: String { inline(session.greeting()) }

        /// The requests, each its words joined by blanks, one a line.
        private func inline(_ bytes: [UInt8]) -> String {
            var scanner = ReplyScanner()
            var rest = bytes[...]
            var lines: [String] = []
            while !rest.isEmpty {
                let unread = Array(rest)
                guard case .value(let value, let consumed)? = try? scanner.scan(unread.span.bytes)
                else { break }
                lines.append((value.elements ?? []).compactMap(\.text).joined(separator: " "))
                rest = rest.dropFirst(consumed)
            }
            return lines.joined(separator: "\n")
        }
    }

    // MARK: Handshake

    @Test("a server hears password and name, a subscription subscribes as well")
    func greetings() {
        let server = LinkTarget.server(Self.endpoint, group: "orders")
        #expect(Talk(server).greeting == "CLIENT SETNAME sentinel-01234567-cmd")
        #expect(
            Talk(server, credentials: Credentials(password: "pw")).greeting
                == "AUTH pw\nCLIENT SETNAME sentinel-01234567-cmd")
        #expect(
            Talk(
                .subscription(Self.endpoint, group: "orders"),
                credentials: Credentials(user: "u", password: "pw")
            ).greeting
                == "AUTH u pw\nCLIENT SETNAME sentinel-01234567-cmd\nSUBSCRIBE __sentinel__:hello")
    }

    @Test("a peer hears a nonce, and neither the secret nor a server's password")
    func peerGreeting() {
        let talk = Talk(.peer(Self.endpoint), credentials: Credentials(password: "pw"))
        let digits = String(repeating: "a1", count: PeerSession.nonceByteCount)
        #expect(talk.greeting == "BATON HELLO \(digits)\nCLIENT SETNAME sentinel-01234567-cmd")
        #expect(
            Talk(.peer(Self.endpoint), secret: .none).greeting
                == "CLIENT SETNAME sentinel-01234567-cmd")
    }

    @Test("the limit of writes is set by either names, the lag first, and answered once")
    func limit() {
        var talk = Talk.opened()
        let limit = WriteLimit(replicas: 1, lagSeconds: 3)
        #expect(
            talk.ask(.limitWrites(limit, .replicas, sentAt: Self.at))
                == "CONFIG SET min-replicas-max-lag 3\nCONFIG SET min-replicas-to-write 1")
        #expect(talk.hear("+OK\r\n") == [])
        #expect(talk.hear("+OK\r\n") == [.replied(.limited(sentAt: Self.at, error: nil))])
        #expect(
            talk.ask(.limitWrites(limit, .slaves, sentAt: Self.at))
                == "CONFIG SET min-slaves-max-lag 3\nCONFIG SET min-slaves-to-write 1")
        #expect(
            talk.hear("-ERR Unsupported CONFIG parameter\r\n+OK\r\n")
                == [
                    .replied(
                        .limited(sentAt: Self.at, error: "ERR Unsupported CONFIG parameter"))
                ])
        let none = WriteLimit(replicas: 0, lagSeconds: nil)
        #expect(
            talk.ask(.limitWrites(none, .replicas, sentAt: Self.at))
                == "CONFIG SET min-replicas-to-write 0")
    }

    @Test("a wrong password is a denial with the server's words")
    func wrongPassword() {
        var talk = Talk(
            .server(Self.endpoint, group: "orders"), credentials: Credentials(password: "pw"))
        #expect(
            talk.hear("-WRONGPASS invalid username-password pair\r\n+OK\r\n")
                == [.broken(.denied("WRONGPASS invalid username-password pair"))])
    }

    @Test("a server that wants a password that we lack is a denial")
    func missingPassword() {
        var talk = Talk(.server(Self.endpoint, group: "orders"))
        #expect(
            talk.hear("-NOAUTH Authentication required.\r\n")
                == [.broken(.denied("NOAUTH Authentication required."))])
    }

    @Test("a server that wants no password is used; a peer that wants none is of another cluster")
    func needlessPassword() {
        let text = "-ERR AUTH <password> called without any password configured\r\n+OK\r\n"
        let refusal = "-ERR this node has no secret\r\n+OK\r\n"
        var server = Talk(
            .server(Self.endpoint, group: "orders"), credentials: Credentials(password: "pw"))
        #expect(server.hear(text) == [.opened])
        var peer = Talk(.peer(Self.endpoint))
        #expect(
            peer.hear(refusal) == [.broken(.denied("ERR this node has no secret"))])
    }

    /// A peer that has introduced itself, and the other end of the conversation.
    private static func introduced() throws -> (talk: Talk, other: PeerSession) {
        var talk = Talk(.peer(endpoint))
        let own = [UInt8](repeating: 7, count: PeerSession.nonceByteCount)
        let other = try #require(
            PeerSession(
                secret: "geheim", askingNonce: nonce, answeringNonce: own,
                answerer: LinkSessionTests.endpoint.address, side: .answering))
        #expect(talk.hear(introduction(own, proof: other.proof) + "+OK\r\n") == [.opened])
        return (talk, other)
    }

    private static func introduction(_ nonce: [UInt8], proof: String) -> String {
        var bytes: [UInt8] = []
        RESPEncoder(version: .resp2).append(
            PeerWire.introduction(nonce, proof: proof), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("a peer that has another secret is not spoken to")
    func otherSecret() throws {
        var talk = Talk(.peer(Self.endpoint))
        let own = [UInt8](repeating: 7, count: PeerSession.nonceByteCount)
        let other = try #require(
            PeerSession(
                secret: "other", askingNonce: Self.nonce, answeringNonce: own,
                answerer: LinkSessionTests.endpoint.address, side: .answering))
        #expect(
            talk.hear(Self.introduction(own, proof: other.proof))
                == [.broken(.denied("it has another secret, or another address"))])
    }

    private static func sealed(_ text: String, by other: inout PeerSession) -> String {
        let tag = other.seal(Array(text.utf8))
        return "*3\r\n$6\r\nsealed\r\n$64\r\n\(tag)\r\n$\(text.utf8.count)\r\n\(text)\r\n"
    }

    @Test("what is said to a peer is sealed, and so is what is believed of it")
    func sealed() throws {
        var (talk, other) = try Self.introduced()
        let request = talk.ask(.ping(sentAt: Self.at))
        let asked = try #require(request)
        let words = asked.split(separator: " ", maxSplits: 3).map(String.init)
        #expect(words[0...1] == ["BATON", "SEALED"])
        let isSealed = other.accepts(Array(words[3].utf8), tag: words[2])
        #expect(isSealed)
        let answer = Self.sealed("+PONG\r\n", by: &other)
        #expect(talk.hear(answer) == [.replied(.pong(sentAt: Self.at))])
    }

    @Test("a peer that answers without its seal, or under another's, is none")
    func unsealed() throws {
        for text in ["+PONG\r\n", "*3\r\n$6\r\nsealed\r\n$1\r\nx\r\n$7\r\n+PONG\r\n\r\n"] {
            var (talk, _) = try Self.introduced()
            _ = talk.ask(.ping(sentAt: Self.at))
            #expect(
                talk.hear(text)
                    == [.broken(.denied("its answer is not sealed with this cluster's secret"))])
        }
        var (talk, other) = try Self.introduced()
        _ = talk.ask(.ping(sentAt: Self.at))
        let late = Self.sealed("+PONG\r\n", by: &other)
        #expect(talk.hear(late) == [.replied(.pong(sentAt: Self.at))])
        _ = talk.ask(.ping(sentAt: Self.at))
        #expect(
            talk.hear(late)
                == [.broken(.denied("its answer is not sealed with this cluster's secret"))])
    }

    @Test("a peer's introduction is read strictly")
    func introduction() {
        for text in ["+OK\r\n", "*1\r\n$5\r\nhello\r\n", "*2\r\n$5\r\nhello\r\n$2\r\n07\r\n"] {
            var talk = Talk(.peer(Self.endpoint))
            #expect(talk.hear(text) == [.broken(.denied("its introduction is none"))])
        }
    }

    @Test("a server that does not let itself be given a name is used all the same")
    func noName() {
        var talk = Talk(.server(Self.endpoint, group: "orders"))
        #expect(talk.hear("-NOPERM this user has no permissions\r\n") == [.opened])
    }

    @Test("a subscription is open when it is confirmed, and hears only the hello channel")
    func subscription() {
        var talk = Talk(.subscription(Self.endpoint, group: "orders"))
        #expect(talk.hear("+OK\r\n").isEmpty)
        #expect(
            talk.hear("*3\r\n$9\r\nsubscribe\r\n$18\r\n__sentinel__:hello\r\n:1\r\n") == [.opened])
        #expect(
            talk.hear("*3\r\n$7\r\nmessage\r\n$18\r\n__sentinel__:hello\r\n$5\r\nhello\r\n")
                == [.heard("hello")])
        #expect(talk.hear("*3\r\n$7\r\nmessage\r\n$5\r\nother\r\n$5\r\nhello\r\n").isEmpty)
        #expect(talk.ask(.ping(sentAt: Self.at)) == "PING")
        #expect(
            talk.hear("*2\r\n$4\r\npong\r\n$0\r\n\r\n") == [.replied(.pong(sentAt: Self.at))])
    }

    // MARK: Requests

    @Test("a server that loads or lost its primary is alive, one that is busy is not well")
    func pings() {
        var talk = Talk.opened()
        let answers: [(String, Reply)] = [
            ("+PONG\r\n", .pong(sentAt: Self.at)),
            ("-LOADING Redis is loading\r\n", .pong(sentAt: Self.at)),
            ("-MASTERDOWN Link with MASTER is down\r\n", .pong(sentAt: Self.at)),
            ("-BUSY script\r\n", .pongRefused(sentAt: Self.at, error: "BUSY script")),
            ("-MISCONF disk\r\n", .pongRefused(sentAt: Self.at, error: "MISCONF disk")),
        ]
        for (text, reply) in answers {
            #expect(talk.ask(.ping(sentAt: Self.at)) == "PING")
            #expect(talk.hear(text) == [.replied(reply)])
        }
    }

    @Test("replies answer the requests in their order, with their times")
    func order() {
        var talk = Talk.opened()
        let later = Instant(nanoseconds: 43)
        _ = talk.ask(.ping(sentAt: Self.at))
        _ = talk.ask(.info(sentAt: later))
        _ = talk.ask(.ping(sentAt: later))
        #expect(
            talk.hear("+PONG\r\n$11\r\nrole:master\r\n+PONG\r\n") == [
                .replied(.pong(sentAt: Self.at)),
                .replied(.report(sentAt: later, ServerReport(role: .primary))),
                .replied(.pong(sentAt: later)),
            ])
    }

    @Test("INFO without a role is no report")
    func noReport() {
        var talk = Talk.opened()
        for text in ["$5\r\nhello\r\n", "-NOPERM no\r\n", ":1\r\n"] {
            _ = talk.ask(.info(sentAt: Self.at))
            guard case .replied(.reportRefused(sentAt: Self.at, _))? = talk.hear(text).first else {
                Issue.record("\(text)")
                continue
            }
        }
    }

    @Test("a promotion is one transaction, and a server without configuration file is promoted")
    func promotion() {
        var talk = Talk.opened()
        #expect(
            talk.ask(.promote(sentAt: Self.at))
                == "MULTI\nSLAVEOF NO ONE\nCONFIG REWRITE\nCLIENT KILL TYPE normal\n"
                + "CLIENT KILL TYPE pubsub\nEXEC")
        #expect(talk.hear("+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n").isEmpty)
        #expect(
            talk.hear(
                "*4\r\n+OK\r\n-ERR The server is running without a config file\r\n:1\r\n:0\r\n")
                == [.replied(.reconfigured(sentAt: Self.at, error: nil))])
    }

    @Test("a refused transaction says which refusal was the first")
    func refusedTransaction() {
        var talk = Talk.opened()
        #expect(
            talk.ask(.follow(Self.endpoint, sentAt: Self.at))?.contains("SLAVEOF 10.0.0.1 6379")
                == true)
        #expect(
            talk.hear(
                "+OK\r\n-NOPERM no slaveof\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n-EXECABORT x\r\n")
                == [.replied(.reconfigured(sentAt: Self.at, error: "NOPERM no slaveof"))])
        _ = talk.ask(.promote(sentAt: Self.at))
        #expect(
            talk.hear(
                "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*4\r\n-ERR in cluster mode\r\n"
                    + "+OK\r\n:0\r\n:0\r\n")
                == [.replied(.reconfigured(sentAt: Self.at, error: "ERR in cluster mode"))])
    }

    @Test("a hung server is not asked without end")
    func withheld() {
        var talk = Talk.opened()
        for _ in 0..<LinkSession.awaitedCountMax {
            #expect(talk.ask(.ping(sentAt: Self.at)) != nil)
        }
        #expect(talk.ask(.ping(sentAt: Self.at)) == nil)
        #expect(talk.hear("+PONG\r\n").count == 1)
        #expect(talk.ask(.ping(sentAt: Self.at)) != nil)
    }

    @Test("nothing is asked before the link is open")
    func tooEarly() {
        var talk = Talk(.server(Self.endpoint, group: "orders"))
        #expect(talk.ask(.ping(sentAt: Self.at)) == nil)
    }

    @Test("a peer's answer is read strictly, and one who does not know BATON is no node")
    func peers() {
        for (text, signal) in [
            ("*1\r\n$5\r\nnoted\r\n", LinkSession.Signal.replied(.peer(.noted, sentAt: Self.at))),
            (
                "-NOAUTH Authentication required.\r\n",
                .broken(.denied("NOAUTH Authentication required."))
            ),
            ("-ERR unknown command 'BATON'\r\n", .broken(.confused("ERR unknown command 'BATON'"))),
            ("+noted\r\n", .broken(.confused("its answer to BATON is none"))),
        ] {
            var talk = Talk(.peer(Self.endpoint), secret: .none)
            #expect(talk.hear("+OK\r\n") == [.opened])
            let evidence = Evidence(group: "orders", server: Self.endpoint, runID: PeerWireTests.id)
            _ = talk.ask(.tell(.evidence(evidence), sentAt: Self.at))
            #expect(talk.hear(text) == [signal])
        }
    }

    // MARK: Others on the port

    @Test("an HTTP server is called one")
    func http() {
        var talk = Talk(.server(Self.endpoint, group: "orders"))
        #expect(
            talk.hear("HTTP/1.1 400 Bad Request\r\n\r\n")
                == [.broken(.confused("an HTTP server answers on this port"))])
    }

    @Test("bytes that are not RESP are called so, and nothing behind them is read")
    func garbage() {
        var talk = Talk.opened()
        _ = talk.ask(.ping(sentAt: Self.at))
        let signals = talk.hear("\u{16}\u{03}\u{01}+PONG\r\n+PONG\r\n")
        #expect(signals.count == 1)
        #expect(talk.hear("+PONG\r\n").isEmpty)
    }

    @Test("an answer that was not asked for closes the link")
    func unasked() {
        var talk = Talk.opened()
        #expect(talk.hear("+OK\r\n") == [.broken(.confused("it answered what was not asked"))])
    }

    @Test("a reply larger than the limit is refused by its length, a line by its size")
    func oversized() {
        var bulk = Talk.opened()
        _ = bulk.ask(.info(sentAt: Self.at))
        #expect(bulk.hear("$999999999\r\n").count == 1)
        var line = Talk.opened()
        _ = line.ask(.info(sentAt: Self.at))
        let signals = line.hear("+" + String(repeating: "x", count: 70_000))
        #expect(signals == [.broken(.confused("line longer than 65536 bytes"))])
    }

    @Test("replies that arrive byte by byte mean the same")
    func split() {
        var talk = Talk.opened()
        _ = talk.ask(.info(sentAt: Self.at))
        _ = talk.ask(.ping(sentAt: Self.at))
        var signals: [LinkSession.Signal] = []
        for character in "$11\r\nrole:master\r\n+PONG\r\n".unicodeScalars {
            signals += talk.hear(String(character))
        }
        #expect(
            signals == [
                .replied(.report(sentAt: Self.at, ServerReport(role: .primary))),
                .replied(.pong(sentAt: Self.at)),
            ])
    }
}
