/// An IPv4 address, as one integer in host order.
public struct IPv4Address: Hashable, Comparable, Sendable {
    /// The address; `10.0.0.1` is `0x0A00_0001`.
    public var bits: UInt32

    @inlinable
    public init(bits: UInt32) {
        self.bits = bits
    }

    /// Four octets in network order.
    @inlinable
    public init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
        bits = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
    }

    /// Strict dotted decimal: four numbers of 0 to 255, no leading zeros (which C libraries read
    /// as octal), nothing before or after. Anything else is `nil`.
    public init?(_ text: some StringProtocol) {
        var bits: UInt32 = 0
        var octet: UInt32 = 0
        var octetCount = 0
        var digitCount = 0
        // A string of its own, so that the loop runs over a type that the compiler knows.
        for byte in String(text).utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                guard digitCount == 0 || octet > 0 else { return nil }
                octet = octet * 10 + UInt32(byte - UInt8(ascii: "0"))
                digitCount += 1
                guard octet <= 255 else { return nil }
            case UInt8(ascii: "."):
                guard digitCount > 0, octetCount < 3 else { return nil }
                bits = bits << 8 | octet
                octetCount += 1
                octet = 0
                digitCount = 0
            default:
                return nil
            }
        }
        guard digitCount > 0, octetCount == 3 else { return nil }
        self.bits = bits << 8 | octet
    }

    /// The four octets in network order.
    public var octets: [UInt8] {
        [
            UInt8(truncatingIfNeeded: bits >> 24), UInt8(truncatingIfNeeded: bits >> 16),
            UInt8(truncatingIfNeeded: bits >> 8), UInt8(truncatingIfNeeded: bits),
        ]
    }

    @inlinable
    public static func < (left: IPv4Address, right: IPv4Address) -> Bool {
        left.bits < right.bits
    }
}

extension IPv4Address: CustomStringConvertible {
    public var description: String {
        "\(bits >> 24).\(bits >> 16 & 0xFF).\(bits >> 8 & 0xFF).\(bits & 0xFF)"
    }
}
