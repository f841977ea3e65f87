import Addressing
import DropInCore
import SentinelCore
import Testing

@testable import SentinelPort

@Suite("SENTINEL MONITOR and IS-MASTER-DOWN-BY-ADDR")
struct PortMonitorTests {
    @Test(
        "refuse in Redis's words",
        arguments: [
            ("MONITOR a b c d", "-ERR Invalid quorum"), ("MONITOR a b c 1", "-ERR Invalid port"),
            ("MONITOR a b 1 0", "-ERR Quorum must be 1 or greater."),
            ("MONITOR a b 1 1", "-ERR Invalid IP address or hostname specified"),
            ("MONITOR a 127.0.0.1 65536 1", "-ERR Invalid port number."),
            ("MONITOR a 127.0.0.1 0 1", "-ERR Invalid port number."),
            (
                "IS-MASTER-DOWN-BY-ADDR 127.0.0.1 x 0 *",
                "-ERR value is not an integer or out of range"
            ),
            ("IS-MASTER-DOWN-BY-ADDR foo 1 0 *", "[:0 * :0]"),
            ("IS-MASTER-DOWN-BY-ADDR 127.0.0.1 99999999 0 *", "[:0 * :0]"),
        ])
    func refusals(_ words: String, _ expected: String) {
        var counter = Counter()
        #expect(counter.text("SENTINEL " + words) == expected)
    }

    @Test("hand on what can be meant")
    func orders() throws {
        let address = try #require(IPAddress("10.0.0.7"))
        var counter = Counter()
        counter.ask("SENTINEL MONITOR a 10.0.0.7 6379 2")
        let place = Place(host: "10.0.0.7", address: address, port: 6379)
        #expect(counter.order?.order == .monitor(name: "a", place, quorum: 2))
        counter = Counter()
        let id = "00000000000000070000000000000008" + "00000009"
        counter.ask("SENTINEL IS-PRIMARY-DOWN-BY-ADDR 10.0.0.7 6379 5 \(id)")
        guard case .ask(let question, let ticket)? = counter.effects.first else {
            Issue.record("not asked")
            return
        }
        #expect(question == DownQuestion(primary: place, currentEpoch: 5, candidate: RunID(id)))
        let effects = counter.port.answer(
            DownAnswer(isDown: true, leader: RunID(id), leaderEpoch: 5), to: ticket)
        #expect(effects.contains { if case .send(1, _, _) = $0 { true } else { false } })
    }

    @Test("have a name resolved where names are allowed")
    func names() throws {
        var counter = Counter()
        counter.sayings.said.globals.resolvesHostnames = true
        counter.ask("SENTINEL MONITOR a db.example 6379 2")
        guard case .resolve("db.example", let ticket)? = counter.effects.first else {
            Issue.record("not resolved")
            return
        }
        let effects = counter.port.resolved(IPAddress("10.0.0.7"), to: ticket)
        #expect(
            effects.contains {
                if case .order(.monitor("a", let place, quorum: 2), _) = $0 {
                    place.host == "db.example" && place.address == IPAddress("10.0.0.7")
                } else {
                    false
                }
            })
    }

    @Test("believe no candidate without an identity")
    func candidate() {
        var counter = Counter()
        counter.ask("SENTINEL IS-MASTER-DOWN-BY-ADDR 10.0.0.7 6379 5 nobody")
        guard case .ask(let question, _)? = counter.effects.first else { return }
        #expect(question.candidate == nil)
    }

    @Test("refuse control characters in a name")
    func control() {
        var counter = Counter()
        #expect(
            counter.ask(words: ["SENTINEL", "MONITOR", "a\r\nb", "10.0.0.7", "1", "1"])
                .map(Counter.text) == [
                    "-ERR Invalid argument at index 2 for SENTINEL MONITOR: control characters are"
                        + " not allowed"
                ])
    }
}
