public import Addressing

/// The frames that tell a network's hosts and switches where an address now lives.
public enum Announcement {
    /// Octets of the shortest Ethernet frame without its checksum.
    private static let frameLengthMin = 60
    private static let etherTypeARP: UInt16 = 0x0806
    private static let etherTypeIPv6: UInt16 = 0x86DD

    /// All that must be sent, in order. Receivers change entries that they have; none makes a new
    /// one of it.
    ///
    /// IPv4 needs both forms (RFC 5944 section 4.6 allows either): some receivers heed only
    /// requests, some only replies.
    public static func frames(
        for address: IPAddress, at hardware: MACAddress
    ) -> [[UInt8]] {
        switch address {
        case .v4(let address):
            [request(for: address, at: hardware), reply(for: address, at: hardware)]
        case .v6(let address):
            [neighbourAdvertisement(for: address, at: hardware)]
        }
    }

    /// A gratuitous ARP request: broadcast, sender and target the same address, the target's
    /// hardware address not known (RFC 5227 section 1.1, "ARP Announcement").
    public static func request(for address: IPv4Address, at hardware: MACAddress) -> [UInt8] {
        arp(operation: 1, address, hardware, targetHardware: MACAddress(bits: 0))
    }

    /// A gratuitous ARP reply. Linux takes one for gratuitous only when the target's hardware
    /// address equals the sender's (`arp_is_garp`); with the broadcast address there, as some send
    /// it, an entry younger than its lock time would stay as it is.
    public static func reply(for address: IPv4Address, at hardware: MACAddress) -> [UInt8] {
        arp(operation: 2, address, hardware, targetHardware: hardware)
    }

    private static func arp(
        operation: UInt16, _ address: IPv4Address, _ hardware: MACAddress,
        targetHardware: MACAddress
    ) -> [UInt8] {
        var frame = MACAddress.broadcast.octets + hardware.octets + octets(etherTypeARP)
        frame += octets(1)  // Hardware: Ethernet.
        frame += octets(0x0800)  // Protocol: IPv4.
        frame += [6, 4]  // Lengths of the two kinds of address.
        frame += octets(operation)
        frame += hardware.octets + address.octets
        frame += targetHardware.octets + address.octets
        return frame + Array(repeating: 0, count: frameLengthMin - frame.count)
    }

    /// An unsolicited neighbour advertisement to all nodes (RFC 4861 sections 4.4 and 7.2.6): not
    /// solicited, overriding, with our hardware address. Sent from the address itself, as a host
    /// that answers for it would.
    public static func neighbourAdvertisement(
        for address: IPv6Address, at hardware: MACAddress
    ) -> [UInt8] {
        let allNodes = IPv6Address(high: 0xFF02_0000_0000_0000, low: 1)
        var message: [UInt8] = [136, 0]  // Type: neighbour advertisement; code.
        message += [0, 0]  // Checksum, below.
        message += [0x20, 0, 0, 0]  // Router 0, solicited 0, override 1.
        message += address.octets
        message += [2, 1] + hardware.octets  // Option: target's link-layer address, 8 octets.
        return NeighbourDiscovery.frame(message, from: address, to: allNodes, at: hardware)
    }

    /// The Internet checksum (RFC 1071) of an even number of octets.
    static func checksum(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for index in stride(from: 0, to: bytes.count - 1, by: 2) {
            sum += UInt32(bytes[index]) << 8 | UInt32(bytes[index + 1])
        }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        return ~UInt16(sum)
    }

    private static func octets(_ value: UInt16) -> [UInt8] {
        [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)]
    }
}
