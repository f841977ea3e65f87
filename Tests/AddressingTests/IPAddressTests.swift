import Addressing
import Testing

@Suite("IP address")
struct IPAddressTests {
    @Test("is of the family that its text says", arguments: [("10.0.0.1", 32), ("::1", 128)])
    func family(text: String, bitCount: Int) throws {
        let address = try #require(IPAddress(text))
        #expect(address.bitCount == bitCount)
        #expect(address.octets.count * 8 == bitCount)
        #expect(address.description == text)
    }

    @Test("refuses names and ports", arguments: ["", "redis01", "10.0.0.1:6379", "localhost"])
    func refuses(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test("knows the address that is none of anybody's")
    func unspecified() {
        let texts = ["0.0.0.0", "::", "10.0.0.0", "::1", "1::"]
        #expect(texts.map { IPAddress($0)?.isUnspecified } == [true, true, false, false, false])
    }

    @Test("an IPv4 address in IPv6 is another address than the IPv4 one")
    func mapped() {
        #expect(IPAddress("::ffff:10.0.0.1") != IPAddress("10.0.0.1"))
    }
}
