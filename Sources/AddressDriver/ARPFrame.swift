public import Addressing

/// One frame of ARP (RFC 826) on Ethernet for IPv4: who asks for whom, or who answers.
public struct ARPFrame: Equatable, Sendable {
    /// 1 asks, 2 answers.
    public var operation: UInt16
    public var senderHardware: MACAddress
    public var sender: IPv4Address
    public var target: IPv4Address

    /// A question to everybody on the network.
    public static func question(
        for target: IPv4Address, from sender: IPv4Address, at hardware: MACAddress
    ) -> [UInt8] {
        var frame = MACAddress.broadcast.octets + hardware.octets + [0x08, 0x06]
        frame += [0, 1, 0x08, 0x00, 6, 4, 0, 1]
        frame += hardware.octets + sender.octets
        frame += MACAddress(bits: 0).octets + target.octets
        return frame + Array(repeating: 0, count: 60 - frame.count)
    }

    /// Reads a frame with its Ethernet header; `nil` for any other.
    public init?(_ frame: ArraySlice<UInt8>) {
        let bytes = Array(frame.prefix(42))
        guard bytes.count == 42, bytes[12...13] == [0x08, 0x06],
            bytes[14...19] == [0, 1, 0x08, 0x00, 6, 4]
        else { return nil }
        operation = UInt16(bytes[20]) << 8 | UInt16(bytes[21])
        senderHardware = MACAddress(bits: bytes[22...27].reduce(0) { $0 << 8 | UInt64($1) })
        sender = IPv4Address(bytes[28], bytes[29], bytes[30], bytes[31])
        target = IPv4Address(bytes[38], bytes[39], bytes[40], bytes[41])
    }
}
