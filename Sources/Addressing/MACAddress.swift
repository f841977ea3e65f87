/// A 48-bit Ethernet hardware address, in the low bits of one integer.
public struct MACAddress: Hashable, Sendable {
    /// The address; the upper 16 bits are zero.
    public var bits: UInt64

    @inlinable
    public init(bits: UInt64) {
        self.bits = bits & 0xFFFF_FFFF_FFFF
    }

    /// Six pairs of hexadecimal digits of either case with colons between, as the kernel and `ip`
    /// print them. Anything else is `nil`.
    public init?(_ text: some StringProtocol) {
        let pairs = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard pairs.count == 6 else { return nil }
        var bits: UInt64 = 0
        for pair in pairs {
            guard pair.count == 2 else { return nil }
            for digit in pair {
                let character = Character(UnicodeScalar(digit))
                guard character.isASCII, let value = character.hexDigitValue else { return nil }
                bits = bits << 4 | UInt64(value)
            }
        }
        self.init(bits: bits)
    }

    /// ff:ff:ff:ff:ff:ff
    public static let broadcast = MACAddress(bits: 0xFFFF_FFFF_FFFF)

    /// The six octets in transmission order.
    public var octets: [UInt8] {
        (0..<6).map { UInt8(truncatingIfNeeded: bits >> (40 - 8 * UInt64($0))) }
    }
}

extension MACAddress: CustomStringConvertible {
    public var description: String {
        octets.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }
            .joined(separator: ":")
    }
}
