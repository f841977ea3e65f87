import Addressing
import Testing

@Suite("IPv4 address")
struct IPv4AddressTests {
    @Test(
        "reads and prints dotted decimal",
        arguments: [
            ("0.0.0.0", 0), ("10.18.14.94", 0x0A12_0E5E), ("127.0.0.1", 0x7F00_0001),
            ("255.255.255.255", UInt32.max), ("1.20.255.9", 0x0114_FF09),
        ])
    func roundTrip(text: String, bits: UInt32) throws {
        let address = try #require(IPv4Address(text))
        #expect(address.bits == bits)
        #expect(address.description == text)
        let octets = address.octets
        #expect(IPv4Address(octets[0], octets[1], octets[2], octets[3]) == address)
    }

    @Test(
        "refuses everything else, also what C libraries take",
        arguments: [
            "", ".", "...", "1", "1.2.3", "1.2.3.4.5", "1.2.3.4.", ".1.2.3.4", "1..2.3",
            "256.1.1.1", "1.1.1.999", "1.1.1.1000", "01.2.3.4", "1.2.3.00", "0x1.2.3.4", " 1.2.3.4",
            "1.2.3.4 ", "1.2.3.4\n", "1.2.3.4\0", "+1.2.3.4", "-1.2.3.4", "1,2,3,4", "1.2.3.4/8",
            "١.٢.٣.٤", "1.2.3.4\u{301}", "99999999999999999999.1.1.1",
        ])
    func refuses(text: String) {
        #expect(IPv4Address(text) == nil)
    }

    @Test("orders by number, not by text")
    func order() throws {
        let nine = try #require(IPv4Address("10.0.0.9"))
        let ten = try #require(IPv4Address("10.0.0.10"))
        #expect(nine < ten)
    }
}
