/// An address together with the length of its network part, as `10.18.14.94/20`.
public struct Prefix: Hashable, Sendable {
    /// The address itself; bits beyond the network part are kept.
    public var address: IPAddress
    /// Bits of the network part: 0 to 32 or 0 to 128.
    public var length: Int

    /// `nil` when the length does not fit the family.
    public init?(address: IPAddress, length: Int) {
        guard (0...address.bitCount).contains(length) else { return nil }
        self.address = address
        self.length = length
    }

    /// `address/length`; a bare address is a network of that address alone.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else { return nil }
        if parts.count == 1 {
            self.init(address: address, length: address.bitCount)
            return
        }
        // No sign and no leading zeros, as within addresses.
        guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            parts[1].utf8.count == 1 || parts[1].utf8.first != UInt8(ascii: "0"),
            let length = Int(parts[1])
        else { return nil }
        self.init(address: address, length: length)
    }

    /// Whether `other` lies in this network. Addresses of the other family never do.
    public func contains(_ other: IPAddress) -> Bool {
        switch (address, other) {
        case (.v4(let network), .v4(let host)):
            let mask = UInt32.max << (32 - length)
            return network.bits & mask == host.bits & mask
        case (.v6(let network), .v6(let host)):
            let highMask = UInt64.max << (64 - min(length, 64))
            let lowMask = UInt64.max << (128 - max(length, 64))
            return network.high & highMask == host.high & highMask
                && network.low & lowMask == host.low & lowMask
        case (.v4, .v6), (.v6, .v4):
            return false
        }
    }
}

extension Prefix: CustomStringConvertible {
    public var description: String {
        "\(address)/\(length)"
    }
}
