import SentinelCore
import Testing

@testable import DropInCore

@Suite("The text of a hello")
struct HelloTextTests {
    private let id = "1111111111111111111111111111111111111111"

    @Test("is read as it is written, with addresses and with names")
    func roundTrip() throws {
        for host in ["10.0.0.1", "fe80::1", "redis01.example"] {
            let text = "\(host),26379,\(id),7,orders,\(host),6379,3"
            let hello = try #require(HelloText(text))
            #expect(hello.host == host)
            #expect(hello.currentEpoch == 7)
            #expect(hello.configEpoch == 3)
            #expect(hello.text == text)
        }
    }

    @Test("is refused with a field too many, too few, or one that is not what it must be")
    func garbage() {
        for text in [
            "10.0.0.1,26379,\(id),7,orders,10.0.0.1,6379",
            "10.0.0.1,26379,\(id),7,orders,10.0.0.1,6379,3,4",
            "10.0.0.1,65536,\(id),7,orders,10.0.0.1,6379,3",
            "10.0.0.1,0,\(id),7,orders,10.0.0.1,6379,3",
            "10.0.0.1,26379,\(id)1,7,orders,10.0.0.1,6379,3",
            "10.0.0.1,26379,\(id),-7,orders,10.0.0.1,6379,3",
            "10.0.0.1,26379,\(id),7,,10.0.0.1,6379,3",
            ",26379,\(id),7,orders,10.0.0.1,6379,3",
            String(repeating: "a", count: 2000),
        ] {
            #expect(HelloText(text) == nil, "\(text)")
        }
    }
}
