/// The 160-bit identity that Redis and Sentinel write as 40 hexadecimal digits.
///
/// Redis makes a new one (`run_id`) for each life of a process and for each replication history
/// (`master_replid`); a Sentinel keeps its own for ever (`myid`). Fixed size, because votes and
/// reports compare it all the time.
public struct RunID: Hashable, Sendable {
    /// The first, second and last digits of the identity, most significant first.
    public var high: UInt64, middle: UInt64, low: UInt32

    /// From three random words, or from a counter in a simulation.
    @inlinable
    public init(high: UInt64, middle: UInt64, low: UInt32) {
        self.high = high
        self.middle = middle
        self.low = low
    }

    /// Exactly 40 hexadecimal digits of either case; anything else is `nil`.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 40 else { return nil }
        var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
        var index = 0
        for byte in text.utf8 {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            switch index {
            case ..<16: words.0 = words.0 << 4 | UInt64(digit)
            case ..<32: words.1 = words.1 << 4 | UInt64(digit)
            default: words.2 = words.2 << 4 | UInt64(digit)
            }
            index += 1
        }
        self.init(high: words.0, middle: words.1, low: UInt32(truncatingIfNeeded: words.2))
    }
}

extension RunID: Comparable {
    /// The order of the hexadecimal text, which Sentinel breaks ties with.
    @inlinable
    public static func < (left: RunID, right: RunID) -> Bool {
        if left.high != right.high { return left.high < right.high }
        if left.middle != right.middle { return left.middle < right.middle }
        return left.low < right.low
    }
}

extension RunID: CustomStringConvertible {
    /// 40 lower-case hexadecimal digits.
    public var description: String {
        var digits: [UInt8] = []
        digits.reserveCapacity(40)
        func append(_ word: UInt64, digitCount: Int) {
            for place in (0..<digitCount).reversed() {
                let digit = UInt8(truncatingIfNeeded: word >> (4 * UInt64(place)) & 0xF)
                digits.append(
                    digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
        append(high, digitCount: 16)
        append(middle, digitCount: 16)
        append(UInt64(low), digitCount: 8)
        return String(decoding: digits, as: UTF8.self)
    }
}
