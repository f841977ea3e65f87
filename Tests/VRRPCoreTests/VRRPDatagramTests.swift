import Addressing
import Testing
import VRRPCore

@Suite("An IPv4 packet of VRRP")
struct VRRPDatagramTests {
    private static let header: [UInt8] = [
        0x45, 0xC0, 0, 24,  // Version 4, five words of header; network control; 24 octets.
        0, 1, 0, 0,  // Identification 1, no fragment.
        255, 112, 0, 0,  // Time to live, VRRP, checksum (which the kernel has looked at).
        10, 18, 13, 1,
        224, 0, 0, 18,
    ]

    private func refusal(_ packet: [UInt8]) -> AdvertisementRefusal? {
        do throws(AdvertisementRefusal) {
            _ = try VRRPDatagram(ipv4: packet[...])
            return nil
        } catch {
            return error
        }
    }

    @Test("has its addresses and its time to live in its header; padding falls away")
    func read() throws {
        let packet = Self.header + [1, 2, 3, 4] + [0, 0, 0]
        let datagram = try VRRPDatagram(ipv4: packet[...])
        #expect(
            datagram
                == VRRPDatagram(
                    source: Samples.near, destination: Samples.group, hopLimit: 255,
                    message: [1, 2, 3, 4]))
    }

    @Test("may have options before the message")
    func options() throws {
        var packet = Self.header + [1, 1, 1, 1] + [9]
        packet[0] = 0x46
        packet[3] = 25
        #expect(try VRRPDatagram(ipv4: packet[...]).message == [9])
    }

    @Test("with a header that does not fit is refused")
    func broken() {
        let whole = Self.header + [1, 2, 3, 4]
        for count in 0..<whole.count {
            #expect(refusal(Array(whole.prefix(count))) == .brokenHeader)
        }
        for (index, octet) in [(0, UInt8(0x65)), (0, 0x44), (0, 0x4F), (3, 19), (3, 25), (9, 17)] {
            var packet = whole
            packet[index] = octet
            #expect(refusal(packet) == .brokenHeader)
        }
    }
}
