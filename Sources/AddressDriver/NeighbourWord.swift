public import Addressing

/// What somebody on the network says by a frame of ARP or of neighbour discovery, asked or unasked:
/// that he has an address.
public struct NeighbourWord: Equatable, Sendable {
    public var address: IPAddress
    public var hardware: MACAddress

    /// Reads a frame with its Ethernet header; `nil` when it says nothing of the kind. Who probes
    /// for an address does not say that he has it.
    public init?(_ frame: ArraySlice<UInt8>) {
        if let word = ARPFrame(frame) {
            guard word.sender.bits != 0 else { return nil }
            address = .v4(word.sender)
            hardware = word.senderHardware
        } else if let word = NeighbourDiscovery(frame) {
            switch word.kind {
            case .solicitation:
                guard word.source != NeighbourDiscovery.unspecified else { return nil }
                address = .v6(word.source)
            case .advertisement:
                address = .v6(word.target)
            }
            hardware = word.hardware
        } else {
            return nil
        }
    }

    /// The frame that asks who has an address; `nil` where the two are of different families.
    ///
    /// - Parameter sender: whose table entry the answer makes; `nil` to ask in nobody's name, which
    ///   changes nobody's table (RFC 5227 section 2.1.1).
    public static func question(
        for address: IPAddress, from sender: IPAddress?, at hardware: MACAddress
    ) -> [UInt8]? {
        switch (address, sender) {
        case (.v4(let address), .v4(let sender)):
            ARPFrame.question(for: address, from: sender, at: hardware)
        case (.v4(let address), nil):
            ARPFrame.question(for: address, from: IPv4Address(bits: 0), at: hardware)
        case (.v6(let address), .v6(let sender)):
            NeighbourDiscovery.question(for: address, from: sender, at: hardware)
        case (.v6(let address), nil):
            NeighbourDiscovery.question(
                for: address, from: NeighbourDiscovery.unspecified, at: hardware)
        case (.v4, .v6), (.v6, .v4):
            nil
        }
    }
}
