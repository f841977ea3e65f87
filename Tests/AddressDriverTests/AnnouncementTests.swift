import Addressing
import Testing

@testable import AddressDriver

@Suite("Announcements")
struct AnnouncementTests {
    private let hardware = MACAddress(bits: 0x02FC_0000_0001)

    @Test("the request form: broadcast, sender and target the address itself")
    func request() {
        let expected: [[UInt8]] = [
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],  // To all,
            [0x02, 0xFC, 0, 0, 0, 0x01],  // from us,
            [0x08, 0x06],  // ARP.
            [0, 1, 0x08, 0, 6, 4],  // Ethernet, IPv4, lengths of their addresses.
            [0, 1],  // Request.
            [0x02, 0xFC, 0, 0, 0, 0x01], [10, 18, 14, 94],  // Sender.
            [0, 0, 0, 0, 0, 0], [10, 18, 14, 94],  // Target, its hardware address unknown.
            Array(repeating: 0, count: 18),  // Padding to Ethernet's least length.
        ]
        let frame = Announcement.request(for: IPv4Address(10, 18, 14, 94), at: hardware)
        #expect(frame == expected.flatMap { $0 })
        #expect(frame.count == 60)
    }

    @Test("the reply form: the target's hardware address equals the sender's")
    func reply() {
        let expected: [[UInt8]] = [
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            [0x02, 0xFC, 0, 0, 0, 0x01],
            [0x08, 0x06],
            [0, 1, 0x08, 0, 6, 4],
            [0, 2],  // Reply.
            [0x02, 0xFC, 0, 0, 0, 0x01], [10, 18, 14, 94],  // Sender.
            [0x02, 0xFC, 0, 0, 0, 0x01], [10, 18, 14, 94],  // Target.
            Array(repeating: 0, count: 18),
        ]
        let frame = Announcement.reply(for: IPv4Address(10, 18, 14, 94), at: hardware)
        #expect(frame == expected.flatMap { $0 })
    }

    @Test("the neighbour advertisement: to all nodes, unsolicited, overriding, hop limit 255")
    func neighbourAdvertisement() throws {
        let address = try #require(IPv6Address("fd18::94"))
        let octets: [UInt8] = [0xFD, 0x18, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x94]
        let expected: [[UInt8]] = [
            [0x33, 0x33, 0, 0, 0, 1],  // To all nodes,
            [0x02, 0xFC, 0, 0, 0, 0x01],  // from us,
            [0x86, 0xDD],  // IPv6.
            [0x60, 0, 0, 0],  // Version, traffic class, flow label.
            [0, 32, 58, 255],  // Payload's length, ICMPv6, hop limit.
            octets,  // Source: the address itself.
            [0xFF, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],  // Destination: ff02::1.
            [136, 0],  // Neighbour advertisement.
            [0x58, 0x49],  // Checksum.
            [0x20, 0, 0, 0],  // Override only.
            octets,  // Target.
            [2, 1, 0x02, 0xFC, 0, 0, 0, 0x01],  // Target's link-layer address.
        ]
        #expect(
            Announcement.neighbourAdvertisement(for: address, at: hardware)
                == expected.flatMap { $0 })
    }

    /// RFC 1071 section 3's example: the sum is ddf2.
    @Test("the checksum is the Internet's")
    func checksum() {
        let bytes: [UInt8] = [0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7]
        #expect(Announcement.checksum(bytes) == ~0xDDF2)
    }

    @Test("IPv4 is announced in both forms, IPv6 once")
    func frames() throws {
        let v4 = IPv4Address(10, 18, 14, 94)
        #expect(
            Announcement.frames(for: .v4(v4), at: hardware) == [
                Announcement.request(for: v4, at: hardware),
                Announcement.reply(for: v4, at: hardware),
            ])
        let v6 = try #require(IPv6Address("fd18::94"))
        #expect(Announcement.frames(for: .v6(v6), at: hardware).count == 1)
    }
}
