import Addressing
import Testing

@Suite("MAC address")
struct MACAddressTests {
    @Test(
        "reads either case and prints lower case, two digits an octet",
        arguments: [
            ("02:00:0a:12:0e:5e", UInt64(0x0200_0A12_0E5E)), ("00:00:00:00:00:00", 0),
            ("ff:ff:ff:ff:ff:ff", 0xFFFF_FFFF_FFFF), ("AB:cD:eF:01:23:45", 0xABCD_EF01_2345),
        ])
    func roundTrip(text: String, bits: UInt64) throws {
        let address = try #require(MACAddress(text))
        #expect(address.bits == bits)
        #expect(address.description == text.lowercased())
        #expect(address.octets.reduce(0) { $0 << 8 | UInt64($1) } == bits)
    }

    @Test(
        "refuses everything else",
        arguments: [
            "", "02:00:0a:12:0e", "02:00:0a:12:0e:5e:00", "2:0:a:12:e:5e", "02-00-0a-12-0e-5e",
            "0200.0a12.0e5e", "02000a120e5e", "02:00:0a:12:0e:5g", "02:00:0a:12:0e:+5",
            " 02:00:0a:12:0e:5e", "02:00:0a:12:0e:5e\n", ":02:00:0a:12:0e:5e", "02:00::0a:12:0e",
            "02:00:0a:12:0e:é", "02:00:0a:12:0e:\u{FF15}",
        ])
    func refuses(text: String) {
        #expect(MACAddress(text) == nil)
    }

    @Test("keeps 48 bits")
    func width() {
        #expect(MACAddress(bits: .max) == .broadcast)
    }
}
