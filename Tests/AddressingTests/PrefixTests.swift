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

    @Test("its network ends at the bit that its length names", arguments: 0...128)
    func everyLength(length: Int) throws {
        let ones = IPAddress.v6(IPv6Address(high: .max, low: .max))
        let network = try #require(Prefix(address: ones, length: length))
        for bit in 0..<128 {
            // The address with one bit, counted from the left, turned.
            let turned = IPv6Address(
                high: bit < 64 ? .max ^ 1 << (63 - bit) : .max,
                low: bit < 64 ? .max : .max ^ 1 << (127 - bit))
            #expect(network.contains(.v6(turned)) == (bit >= length))
        }
        guard length <= 32 else { return }
        let network4 = try #require(Prefix(address: .v4(IPv4Address(bits: .max)), length: length))
        for bit in 0..<32 {
            let turned = IPv4Address(bits: .max ^ 1 << (31 - bit))
            #expect(network4.contains(.v4(turned)) == (bit >= length))
        }
    }

    @Test(
        "keeps the host's bits and prints as it was written",
        arguments: ["10.18.14.94/20", "0.0.0.0/0", "1.2.3.4/32", "2001:db8::1/64", "::/0"])
    func roundTrip(text: String) throws {
        #expect(try #require(Prefix(text)).description == text)
    }

    @Test("a bare address is a network of itself", arguments: [("1.2.3.4", 32), ("::1", 128)])
    func bare(text: String, length: Int) {
        #expect(Prefix(text)?.length == length)
    }

    @Test(
        "refuses lengths that do not fit the family",
        arguments: [
            "1.2.3.4/33", "::1/129", "1.2.3.4/", "1.2.3.4/-1", "1.2.3.4/+8", "1.2.3.4/08",
            "1.2.3.4/8/8", "1.2.3.4/8 ", "1.2.3.4/99999999999999999999", "/8", "",
            "1.2.3.4/255.255.255.0",
        ])
    func refuses(text: String) {
        #expect(Prefix(text) == nil)
    }
}
