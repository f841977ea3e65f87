import SentinelCore
import Stage
import Testing

@Suite("Hello")
struct HelloTests {
    private static let id = "2222222222222222222222222222222222222222"
    private static let good = "10.0.0.2,26379,\(id),7,orders,10.0.0.1,6379,5"

    @Test("has Sentinel's eight fields, in its order")
    func text() throws {
        let hello = try #require(Hello(text: Self.good))
        #expect(
            hello
                == Hello(
                    sender: Stage.node(2), senderID: Stage.nodeID(2), currentEpoch: 7,
                    group: "orders", primary: Stage.server(1), configEpoch: 5))
        #expect(hello.text == Self.good)
    }

    @Test("reads and writes IPv6")
    func ipv6() throws {
        let text = "fd00::2,26379,\(Self.id),0,orders,fd00::1,6379,0"
        #expect(try #require(Hello(text: text)).text == text)
    }

    @Test(
        "is nothing else",
        arguments: [
            "", ",,,,,,,", good + ",8", "x" + good, good.replacing("26379", with: "65536"),
            good.replacing("26379", with: "-1"), good.replacing(id, with: "2222"),
            good.replacing("orders", with: ""), good.replacing(",5", with: ",-5"),
            good.replacing(",7,", with: ",18446744073709551616,"),
            good.replacing("10.0.0.1", with: "redis01"),
            good.replacing("orders", with: String(repeating: "o", count: 2000)),
        ])
    func garbage(text: String) {
        #expect(Hello(text: text) == nil)
    }
}
