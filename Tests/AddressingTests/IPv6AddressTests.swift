import Addressing
import Testing

@Suite("IPv6 address")
struct IPv6AddressTests {
    @Test(
        "prints the one form of RFC 5952",
        arguments: [
            // Section 4.1: no leading zeros.
            ("2001:0db8::0001", "2001:db8::1"),
            // Section 4.2.1: shortened as much as possible.
            ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
            ("2001:db8::0:1", "2001:db8::1"),
            // Section 4.2.2: not one group alone.
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            // Section 4.2.3: the longest run, of equal ones the first.
            ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
            ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
            // Section 4.3: lower case.
            ("2001:DB8::AAAA:BBBB", "2001:db8::aaaa:bbbb"),
            // Section 5: an IPv4 address in IPv6.
            ("::FFFF:c000:201", "::ffff:192.0.2.1"),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
            ("0:0:0:0:0:ffff:0:0", "::ffff:0.0.0.0"),
            ("::192.0.2.1", "::c000:201"),
            ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
            ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
            // Runs at the edges, and of everything.
            ("0:0:0:0:0:0:0:0", "::"), ("::", "::"), ("::1", "::1"), ("1::", "1::"),
            ("fe80:0:0:0:0:0:0:0", "fe80::"), ("0:0:1:1:1:1:0:0", "::1:1:1:1:0:0"),
            ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
            ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
            (
                "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
            ),
        ])
    func canonical(text: String, canonical: String) throws {
        let address = try #require(IPv6Address(text))
        #expect(address.description == canonical)
        #expect(IPv6Address(canonical) == address)
    }

    @Test("holds the groups in network order")
    func octets() throws {
        let address = try #require(IPv6Address("102:304:506:708:90a:b0c:d0e:f10"))
        #expect(address.octets == Array(1...16))
        #expect(address.high == 0x0102_0304_0506_0708)
        #expect(address.low == 0x090A_0B0C_0D0E_0F10)
    }

    @Test("every pattern of zero groups prints to what reads back the same")
    func zeroPatterns() {
        for pattern in 0..<256 {
            let half = { (bits: Int) in
                (0..<4).reduce(UInt64(0)) { $0 << 16 | UInt64(bits >> $1 & 1) * 0xA0B }
            }
            let address = IPv6Address(high: half(pattern >> 4), low: half(pattern))
            #expect(IPv6Address(address.description) == address)
        }
    }

    @Test(
        "refuses everything else",
        arguments: [
            "", ":", ":::", "::::", "1", "1:2", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3",
            ":1::", "::1:", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", "1:2:3:4:5:6:7:8::",
            "1:2:3:4::5:6:7:8", "::1:2:3:4:5:6:7:8", "12345::", "::g", "::+1", "::-1", "::0x1",
            "[::1]", "::1%eth0", "fe80::1/64", " ::1", "::1 ", "::1\0", "1.2.3.4", "::1.2.3",
            "::1.2.3.4:5", "1.2.3.4::", "::1.2.3.04", "::1.2.3.256", "1:2:3:4:5:6:7:1.2.3.4",
            "::１", "::1\u{301}",
        ])
    func refuses(text: String) {
        #expect(IPv6Address(text) == nil)
    }

    @Test("orders by number, the network half first")
    func order() throws {
        let texts = ["::1", "::2", "::1:0:0:0", "1::", "fe80::"]
        let addresses = try texts.map { try #require(IPv6Address($0)) }
        #expect(addresses.reversed().sorted() == addresses)
    }
}
