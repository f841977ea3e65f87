import AddressDriver
import Addressing
import Testing

@Suite("Frames of neighbour discovery")
struct NeighbourDiscoveryTests {
    private static let hardware = MACAddress(bits: 0x0200_0000_0001)
    private static let own = IPv6Address("fd18::1")!
    private static let target = IPv6Address("fd18::14:94")!

    @Test("a question is read back as it was asked, and goes to the target's own group")
    func question() throws {
        let bytes = NeighbourDiscovery.question(
            for: Self.target, from: Self.own, at: Self.hardware)
        #expect(bytes[0..<6] == [0x33, 0x33, 0xFF, 0x14, 0x00, 0x94])
        let word = try #require(NeighbourDiscovery(bytes[...]))
        #expect(word.kind == .solicitation)
        #expect(word.source == Self.own && word.target == Self.target)
        #expect(word.hardware == Self.hardware)
    }

    @Test("a question in nobody's name carries no hardware address of its own")
    func probe() throws {
        let bytes = NeighbourDiscovery.question(
            for: Self.target, from: IPv6Address("::")!, at: Self.hardware)
        #expect(bytes.count == 14 + 40 + 24)
        #expect(NeighbourWord(bytes[...]) == nil, "it says nobody's address")
    }

    @Test("an announcement is read as what it is")
    func announcement() throws {
        let bytes = Announcement.neighbourAdvertisement(for: Self.target, at: Self.hardware)
        let word = try #require(NeighbourDiscovery(bytes[...]))
        #expect(word.kind == .advertisement)
        #expect(word.target == Self.target && word.hardware == Self.hardware)
    }

    @Test("without the option the frame's own sender is the one")
    func withoutOption() throws {
        var bytes = Announcement.neighbourAdvertisement(for: Self.target, at: Self.hardware)
        bytes.removeLast(8)
        bytes[19] -= 8
        bytes[11] = 7
        let word = try #require(NeighbourDiscovery(bytes[...]))
        #expect(word.hardware == MACAddress(bits: 0x0200_0000_0007))
    }

    @Test("what is cut short, came through a router, or is of another kind is none")
    func others() {
        let bytes = Announcement.neighbourAdvertisement(for: Self.target, at: Self.hardware)
        for count in 0..<bytes.count { #expect(NeighbourDiscovery(bytes[..<count]) == nil) }
        // Type, version, next header, hop limit, kind, code.
        for index in [12, 13, 14, 20, 21, 54, 55] {
            var other = bytes
            other[index] ^= 0xFF
            #expect(NeighbourDiscovery(other[...]) == nil)
        }
    }

    @Test("options that lie about their length are refused")
    func options() {
        let bytes = Announcement.neighbourAdvertisement(for: Self.target, at: Self.hardware)
        for units in [0, 2, 255] as [UInt8] {
            var other = bytes
            other[79] = units
            #expect(NeighbourDiscovery(other[...]) == nil)
        }
    }
}
