import Addressing
import Glibc
import Testing

@testable import AddressDriver

@Suite("What the kernel tells beside an IPv6 packet")
struct AncillaryDataTests {
    private func message(_ type: Int32, _ value: [UInt8]) -> [UInt8] {
        var octets = withUnsafeBytes(of: 16 + value.count) { Array($0) }
        octets += withUnsafeBytes(of: Int32(IPPROTO_IPV6)) { Array($0) }
        octets += withUnsafeBytes(of: type) { Array($0) }
        octets += value
        return octets + Array(repeating: 0, count: (8 - value.count % 8) % 8)
    }

    private let address = IPv6Address(high: 0xFF02_0000_0000_0000, low: 0x12)

    @Test("the hop limit and the destination are found, in either order")
    func both() {
        let limit = message(IPV6_HOPLIMIT, withUnsafeBytes(of: Int32(255)) { Array($0) })
        let place = message(IPV6_PKTINFO, address.octets + [2, 0, 0, 0])
        for chain in [limit + place, place + limit] {
            let said = AncillaryData(chain)
            #expect(said.hopLimit == 255)
            #expect(said.destination == address)
        }
    }

    @Test("what is cut off, or of no interest, is passed over")
    func broken() {
        let place = message(IPV6_PKTINFO, address.octets + [2, 0, 0, 0])
        for count in 0..<36 { #expect(AncillaryData(place.prefix(count)).destination == nil) }
        let other = message(IPV6_TCLASS, [0xC0, 0, 0, 0])
        #expect(AncillaryData(other + place).destination == address)
        let broken = [UInt8](repeating: 0, count: 16)
        #expect(AncillaryData(broken + place) == AncillaryData([]))
        #expect(AncillaryData([UInt8](repeating: 0xFF, count: 64)) == AncillaryData([]))
        #expect(AncillaryData(message(IPV6_HOPLIMIT, [0xFF, 0xFF, 0xFF, 0xFF])).hopLimit == nil)
    }
}
