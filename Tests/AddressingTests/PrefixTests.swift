import Addressing
import Testing

@Suite("Prefix")
struct PrefixTests {
    @Test("contains the addresses of its network and no others")
    func contains() throws {
        let network = try #require(Prefix("10.18.14.94/20"))
        #expect(network.contains(try #require(IPAddress("10.18.13.166"))))
        #expect(!network.contains(try #require(IPAddress("10.18.16.1"))))
        #expect(!network.contains(try #require(IPAddress("::1"))))
    }

    @Test(
        "refuses lengths that do not fit the family",
        arguments: ["1.2.3.4/33", "::1/129", "1.2.3.4/", "1.2.3.4/-1", "1.2.3.4/+8"])
    func refuses(text: String) {
        #expect(Prefix(text) == nil)
    }
}
