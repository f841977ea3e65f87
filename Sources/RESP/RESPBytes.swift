/// The bytes that frame lines.
enum RESPByte {
    static let carriageReturn = UInt8(ascii: "\r")
    static let lineFeed = UInt8(ascii: "\n")
    static let tab = UInt8(ascii: "\t")
}

extension RawSpan {
    /// The byte at `offset`, bounds checked.
    func byte(at offset: Int) -> UInt8 {
        unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// A copy of part of the span.
    func bytes(in range: Range<Int>) -> [UInt8] {
        extracting(range).withUnsafeBytes { [UInt8]($0) }
    }

    /// A header that is all but always met: a type byte, one to six digits without a leading zero
    /// (or a lone 0), CR and one byte more. `nil` for any other, whole or not: read it slowly.
    @inline(__always)
    func shortHeader(at start: Int) -> (value: Int, byteCount: Int)? {
        guard start + 3 < byteCount else { return nil }
        let first = byte(at: start + 1) &- UInt8(ascii: "0")
        guard first <= 9 else { return nil }
        if byte(at: start + 2) == RESPByte.carriageReturn { return (Int(first), 4) }
        guard first != 0 else { return nil }
        var value = Int(first)
        var offset = start + 2
        let limit = Swift.min(start + 7, byteCount - 1)
        while offset < limit {
            let digit = byte(at: offset) &- UInt8(ascii: "0")
            guard digit <= 9 else {
                guard byte(at: offset) == RESPByte.carriageReturn else { return nil }
                return (value, offset + 2 - start)
            }
            value = value &* 10 &+ Int(digit)
            offset += 1
        }
        guard offset < byteCount - 1, byte(at: offset) == RESPByte.carriageReturn else {
            return nil
        }
        return (value, offset + 2 - start)
    }

    /// The integer that part of the span spells, or `nil`.
    ///
    /// As strict as Redis's `string2ll`: an optional `-`, digits without leading zeros, no `-0`,
    /// nothing else, and the value fits.
    func decimal(in range: Range<Int>) -> Int? {
        var offset = range.lowerBound
        let isNegative = !range.isEmpty && byte(at: offset) == UInt8(ascii: "-")
        if isNegative { offset += 1 }
        guard offset < range.upperBound else { return nil }
        if byte(at: offset) == UInt8(ascii: "0") { return range.count == 1 ? 0 : nil }

        // Counted downwards, because the negative half of the range is the larger.
        var value = 0
        while offset < range.upperBound {
            let digit = byte(at: offset) &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = shifted.subtractingReportingOverflow(Int(digit))
            guard !overflow, !carry else { return nil }
            value = sum
            offset += 1
        }
        if isNegative { return value }
        return value == Int.min ? nil : -value
    }
}
