import Testing

@testable import SentinelDriver

@Suite("The checksum of the state file")
struct CRC32Tests {
    @Test("it is the one of IEEE 802.3")
    func checkValue() {
        // The check value of the catalogue of CRC algorithms: "123456789".
        #expect(CRC32.checksum(of: "123456789".utf8) == 0xCBF4_3926)
        #expect(CRC32.hex(of: "".utf8) == "00000000")
    }
}
