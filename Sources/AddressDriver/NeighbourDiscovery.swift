public import Addressing

/// A neighbour solicitation or advertisement (RFC 4861 sections 4.3 and 4.4) on Ethernet: who asks
/// for whom, or who answers.
public struct NeighbourDiscovery: Equatable, Sendable {
    /// Which of the two.
    public enum Kind: UInt8, Equatable, Sendable {
        case solicitation = 135
        case advertisement = 136
    }

    public var kind: Kind
    public var source: IPv6Address
    /// Whose hardware address is asked for, or told.
    public var target: IPv6Address
    /// Of the sender: by the option where there is one, else the frame's.
    public var hardware: MACAddress

    /// A question to whoever has the target; from the unspecified address it is a probe, which
    /// changes nobody's table (RFC 4862 section 5.4.2).
    public static func question(
        for target: IPv6Address, from source: IPv6Address, at hardware: MACAddress
    ) -> [UInt8] {
        var message = [Kind.solicitation.rawValue, 0, 0, 0, 0, 0, 0, 0] + target.octets
        // A probe must not carry the option (RFC 4861 section 4.3).
        if source != unspecified { message += [1, 1] + hardware.octets }
        // RFC 4291 section 2.7.1: the solicited-node address.
        let group = IPv6Address(
            high: 0xFF02_0000_0000_0000, low: 0x1_FF00_0000 | target.low & 0xFF_FFFF)
        return frame(message, from: source, to: group, at: hardware)
    }

    /// Reads a frame with its Ethernet header; `nil` for any other.
    ///
    /// What came through a router is none (RFC 4861 section 7.1): its hop limit is less than 255.
    /// The checksum is not looked at: the network card has, or it is not computed yet on a path
    /// within one machine.
    public init?(_ frame: ArraySlice<UInt8>) {
        let bytes = Array(frame.prefix(Self.lengthMax))
        guard bytes.count >= Self.headersLength + 24, bytes[12...13] == [0x86, 0xDD],
            bytes[14] >> 4 == 6, bytes[20] == Self.nextHeaderICMP, bytes[21] == 255,
            let kind = Kind(rawValue: bytes[54]), bytes[55] == 0
        else { return nil }
        let length = Int(bytes[18]) << 8 | Int(bytes[19])
        guard length >= 24, bytes.count >= Self.headersLength + length else { return nil }
        self.kind = kind
        source = Self.address(bytes[22..<38])
        target = Self.address(bytes[62..<78])
        hardware = Self.hardware(bytes[6..<12])
        var options = bytes[78..<(Self.headersLength + length)]
        while let type = options.first {
            guard let units = options.dropFirst().first, units > 0,
                options.count >= Int(units) * 8
            else { return nil }
            // The source's option in a question, the target's in an answer.
            if units == 1, type == (kind == .solicitation ? 1 : 2) {
                hardware = Self.hardware(options.dropFirst(2).prefix(6))
            }
            options = options.dropFirst(Int(units) * 8)
        }
    }

    static let unspecified = IPv6Address(high: 0, low: 0)
    static let nextHeaderICMP: UInt8 = 58
    /// Ethernet's and IPv6's.
    private static let headersLength = 14 + 40
    /// Longer ones carry options of no interest here.
    static let lengthMax = 256

    private static func hardware(_ octets: ArraySlice<UInt8>) -> MACAddress {
        MACAddress(bits: octets.reduce(0) { $0 << 8 | UInt64($1) })
    }

    private static func address(_ octets: ArraySlice<UInt8>) -> IPv6Address {
        IPv6Address(
            high: octets.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
            low: octets.suffix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// Wraps a message of ICMPv6 for a group of hosts (RFC 2464 section 7) and sums it.
    static func frame(
        _ message: [UInt8], from source: IPv6Address, to group: IPv6Address, at hardware: MACAddress
    ) -> [UInt8] {
        var message = message
        let length = [UInt8(message.count >> 8), UInt8(truncatingIfNeeded: message.count)]
        // RFC 8200 section 8.1: addresses, length and next header count into the checksum.
        let pseudoHeader =
            source.octets + group.octets + [0, 0] + length + [0, 0, 0, nextHeaderICMP]
        let sum = Announcement.checksum(pseudoHeader + message)
        message[2] = UInt8(sum >> 8)
        message[3] = UInt8(truncatingIfNeeded: sum)

        var frame: [UInt8] = [0x33, 0x33] + group.octets.suffix(4)
        frame += hardware.octets + [0x86, 0xDD]
        frame += [0x60, 0, 0, 0] + length  // Version 6, traffic class and flow label 0.
        // Hop limit 255: receivers discard less, since it came through a router.
        frame += [nextHeaderICMP, 255]
        return frame + source.octets + group.octets + message
    }
}
