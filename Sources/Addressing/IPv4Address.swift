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
        var octets: [UInt32] = []
        for part in text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        {
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0")
            else { return nil }
            var value: UInt32 = 0
            for digit in part {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
                value = value * 10 + UInt32(digit - UInt8(ascii: "0"))
            }
            guard value <= 255, octets.count < 4 else { return nil }
            octets.append(value)
        }
        guard octets.count == 4 else { return nil }
        bits = octets.reduce(0) { $0 << 8 | $1 }
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
        octets.map(String.init).joined(separator: ".")
    }
}
