import RESP
import Testing

@testable import SentinelPort

@Suite("Subscriptions")
struct PortSubscriptionsTests {
    @Test("are confirmed one by one, with how many there are")
    func confirmed() {
        var counter = Counter()
        #expect(
            counter.ask("SUBSCRIBE a b a").map(Counter.text)
                == ["[subscribe a :1]", "[subscribe b :2]", "[subscribe a :2]"])
        #expect(counter.ask("PSUBSCRIBE *").map(Counter.text) == ["[psubscribe * :3]"])
        #expect(
            counter.ask("UNSUBSCRIBE").map(Counter.text)
                == ["[unsubscribe a :2]", "[unsubscribe b :1]"])
        #expect(counter.ask("UNSUBSCRIBE").map(Counter.text) == ["[unsubscribe null :1]"])
    }

    @Test("of one client have a limit")
    func limited() {
        var counter = Counter()
        let names = (0...PortClient.subscriptionsMax).map { "c\($0)" }
        #expect(counter.ask(words: ["SUBSCRIBE"] + names).first?.isError("ERR") == true)
        #expect(counter.port.clients[0].channels.isEmpty)
    }
}
