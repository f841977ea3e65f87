/// An IPv6 address, as two integers in host order.
public struct IPv6Address: Hashable, Comparable, Sendable {
    /// The network half: the first eight octets.
    public var high: UInt64
    /// The interface half: the last eight octets.
    public var low: UInt64

    @inlinable
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// RFC 4291 section 2.2 text, with `::` and an embedded IPv4 tail; no zone, no brackets.
    public init?(_ text: some StringProtocol) {
        guard let groups = Self.groups(text) else { return nil }
        high = groups[0..<4].reduce(0) { $0 << 16 | UInt64($1) }
        low = groups[4..<8].reduce(0) { $0 << 16 | UInt64($1) }
    }

    /// The sixteen octets in network order.
    public var octets: [UInt8] {
        [high, low].flatMap { half in
            (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - 8 * UInt64($0))) }
        }
    }

    @inlinable
    public static func < (left: IPv6Address, right: IPv6Address) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }

    /// The eight 16-bit groups that the text stands for.
    private static func groups(_ text: some StringProtocol) -> [UInt16]? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts.count <= 9 else { return nil }
        var before: [UInt16] = []
        var after: [UInt16] = []
        var compressed = false
        for (index, part) in parts.enumerated() {
            let isEdge = index == 0 || index == parts.count - 1
            if part.isEmpty {
                if isEdge {
                    // A colon at an edge is legal only as half of "::".
                    let neighbour = parts[index == 0 ? 1 : parts.count - 2]
                    guard neighbour.isEmpty else { return nil }
                    continue
                }
                guard !compressed else { return nil }
                compressed = true
                continue
            }
            guard let values = groupValues(part, isLast: index == parts.count - 1) else {
                return nil
            }
            if compressed { after += values } else { before += values }
        }
        let count = before.count + after.count
        guard compressed ? count <= 7 : count == 8 else { return nil }
        return before + Array(repeating: 0, count: 8 - count) + after
    }

    private static func groupValues(_ part: some StringProtocol, isLast: Bool) -> [UInt16]? {
        if isLast, part.utf8.contains(UInt8(ascii: ".")) {
            guard let tail = IPv4Address(part) else { return nil }
            return [
                UInt16(truncatingIfNeeded: tail.bits >> 16), UInt16(truncatingIfNeeded: tail.bits),
            ]
        }
        guard part.utf8.count <= 4, part.utf8.first != UInt8(ascii: "+"),
            part.utf8.first != UInt8(ascii: "-"), let value = UInt16(part, radix: 16)
        else { return nil }
        return [value]
    }
}

extension IPv6Address: CustomStringConvertible {
    /// RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups
    /// shortened; an IPv4 address in IPv6 (section 5) as `::ffff:192.0.2.1`, which is also how
    /// Redis, by inet_ntop, prints it.
    public var description: String {
        if high == 0, low >> 32 == 0xFFFF {
            return "::ffff:\(IPv4Address(bits: UInt32(truncatingIfNeeded: low)))"
        }
        let groups = [high, low].flatMap { half in
            (0..<4).map { UInt16(truncatingIfNeeded: half >> (48 - 16 * UInt64($0))) }
        }
        var best = 0..<0
        var index = 0
        while index < 8 {
            var end = index
            while end < 8, groups[end] == 0 { end += 1 }
            if end - index > max(best.count, 1) { best = index..<end }
            index = max(end, index + 1)
        }
        let text = { (range: Range<Int>) in
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        if best.isEmpty { return text(0..<8) }
        return text(0..<best.lowerBound) + "::" + text(best.upperBound..<8)
    }
}
