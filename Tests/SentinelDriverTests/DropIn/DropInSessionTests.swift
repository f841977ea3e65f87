import Addressing
import DropInCore
import RESP
import SentinelCore
import Testing

@testable import SentinelDriver

@Suite("A conversation in Sentinel's words")
struct DropInSessionTests {
    private static let endpoint = Endpoint(address: .v4(IPv4Address(10, 0, 0, 1)), port: 6379)
    private let renamed = [MasterSettings.RenamedCommand(original: "PING", renamed: "PONG")]

    private func session(
        _ login: Login = Login(), isSubscription: Bool = false
    ) -> DropInSession {
        let target: DropInTarget =
            isSubscription
            ? .subscription(Self.endpoint, login) : .commands(Self.endpoint, login)
        return DropInSession(target: target, clientNameStem: "sentinel-11111111")
    }

    /// The words of each request in some bytes.
    private func words(_ bytes: [UInt8]) -> [String] {
        var scanner = RequestScanner()
        var rest = bytes[...]
        var requests: [String] = []
        while case .value(let request, let consumed)? = try? scanner.scan(Array(rest).span.bytes) {
            requests.append(
                request.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " "))
            rest = rest.dropFirst(consumed)
        }
        return requests
    }

    private func receive(
        _ text: String, _ session: inout DropInSession
    ) -> [DropInSession.Signal] {
        var signals: [DropInSession.Signal] = []
        let bytes = Array(text.utf8)
        _ = session.receive(bytes.span.bytes, signals: &signals)
        return signals
    }

    @Test("logs in, names itself, and then says what was asked before it stood")
    func greeting() {
        var session = session(Login(user: "watcher", password: "geheim"))
        #expect(session.ask(.ping, names: []) == nil)
        #expect(
            words(session.greeting()) == [
                "AUTH watcher geheim", "CLIENT SETNAME sentinel-11111111-cmd", "PING",
            ])
        #expect(words(session.ask(.info, names: []) ?? []) == ["INFO"])
        let signals = receive("-WRONGPASS no\r\n+OK\r\n+PONG\r\n$11\r\nrole:master\r\n", &session)
        #expect(signals.prefix(2) == [.opened, .replied(.pong)])
        guard case .replied(.report(let report))? = signals.last else {
            Issue.record("no report: \(signals)")
            return
        }
        #expect(report.role == .primary)
    }

    @Test("subscribes, and hears what is published")
    func subscription() {
        var session = session(isSubscription: true)
        #expect(
            words(session.greeting()) == [
                "CLIENT SETNAME sentinel-11111111-pubsub", "SUBSCRIBE __sentinel__:hello",
            ])
        let confirmation = "*3\r\n$9\r\nsubscribe\r\n$18\r\n__sentinel__:hello\r\n:1\r\n"
        let message = "*3\r\n$7\r\nmessage\r\n$18\r\n__sentinel__:hello\r\n$2\r\nhi\r\n"
        #expect(receive("+OK\r\n" + confirmation + message, &session) == [.opened, .heard("hi")])
    }

    @Test("says its orders all or nothing, and commands by the names that the server has")
    func orders() {
        var session = session()
        _ = session.greeting()
        let promotion = session.ask(.promote, names: []) ?? []
        #expect(
            words(promotion) == [
                "MULTI", "SLAVEOF NO ONE", "CONFIG REWRITE", "CLIENT KILL TYPE normal",
                "CLIENT KILL TYPE pubsub", "EXEC",
            ])
        let following = session.ask(.follow(host: "redis02", port: 6379), names: []) ?? []
        #expect(words(following)[1] == "SLAVEOF redis02 6379")
        #expect(words(session.ask(.ping, names: renamed) ?? []) == ["PONG"])
        let question = DropInRequest.askDown(
            host: "10.0.0.1", port: 6379, 7, candidate: nil, group: GroupKey(number: 3))
        #expect(
            words(session.ask(question, names: []) ?? [])
                == ["SENTINEL is-master-down-by-addr 10.0.0.1 6379 7 *"])
    }

    @Test(
        "tells an answer of life from any other",
        arguments: [
            ("+PONG", DropInReply.pong), ("-LOADING x", .alive), ("-MASTERDOWN x", .alive),
            ("-BUSY x", .pongRefused(isBusy: true)), ("-MISCONF x", .pongRefused(isBusy: false)),
            ("-NOAUTH x", .pongRefused(isBusy: false)), ("+OK", .pongRefused(isBusy: false)),
        ])
    func pings(_ answer: String, _ reply: DropInReply) {
        var session = session()
        _ = session.greeting()
        _ = session.ask(.ping, names: [])
        #expect(receive("+OK\r\n\(answer)\r\n", &session) == [.opened, .replied(reply)])
    }

    @Test("reads a vote, and takes nothing for one that is none")
    func votes() {
        var session = session()
        _ = session.greeting()
        let group = GroupKey(number: 3)
        for _ in 0..<3 {
            _ = session.ask(
                .askDown(host: "10.0.0.1", port: 6379, 7, candidate: nil, group: group), names: [])
        }
        let id = "1111111111111111111111111111111111111111"
        let signals = receive(
            "+OK\r\n*3\r\n:1\r\n$40\r\n\(id)\r\n:7\r\n*3\r\n:0\r\n$1\r\n*\r\n:0\r\n-ERR no\r\n",
            &session)
        let vote = DownAnswer(isDown: true, leader: RunID(id), leaderEpoch: 7)
        let none = DownAnswer(isDown: false, leader: nil, leaderEpoch: 0)
        #expect(
            signals == [
                .opened, .replied(.down(vote, group: group)), .replied(.down(none, group: group)),
                .replied(.down(nil, group: group)),
            ])
    }

    @Test("ends with who speaks another protocol, or answers what was not asked")
    func confusion() {
        var web = session()
        _ = web.greeting()
        #expect(receive("HTTP/1.1 400 Bad Request\r\n", &web).last?.failure != nil)
        var talker = session()
        _ = talker.greeting()
        #expect(receive("+OK\r\n+OK\r\n", &talker).last?.failure != nil)
    }
}
