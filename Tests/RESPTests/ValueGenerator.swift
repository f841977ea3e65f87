@testable import RESP

/// Makes the same values from the same seed, on every run.
struct ValueGenerator {
    /// Steele, Lea and Flood's SplitMix64.
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// 0 ..< limit
    mutating func number(below limit: Int) -> Int {
        Int(next() % UInt64(limit))
    }

    /// Bytes that a protocol would stumble over: line ends, type bytes, digits, any byte.
    mutating func bytes(countMax: Int) -> [UInt8] {
        let awkward = Array("\r\n$*+-:0123456789%~>|_?\"'\\x ".utf8)
        return (0..<number(below: countMax + 1)).map { _ in
            number(below: 3) == 0
                ? UInt8(number(below: 256)) : awkward[number(below: awkward.count)]
        }
    }

    mutating func line() -> [UInt8] {
        bytes(countMax: 20).filter { $0 != RESPByte.carriageReturn && $0 != RESPByte.lineFeed }
    }

    /// Any value of RESP3 at most `depth` deep.
    mutating func value(depth: Int) -> RESPValue {
        switch number(below: depth == 0 ? 10 : 15) {
        case 0: .simpleString(line())
        case 1: .error(line())
        case 2: .integer(Int(truncatingIfNeeded: next()) >> number(below: 64))
        case 3: .bulkString(bytes(countMax: 40))
        case 4: .null
        case 5: .boolean(number(below: 2) == 0)
        case 6: .double(Double(Int(truncatingIfNeeded: next())) / Double(1 + number(below: 1000)))
        case 7: .bigNumber(Array("-\(next())\(next())".utf8))
        case 8: .bulkError(bytes(countMax: 40))
        case 9: .verbatimString(.text, bytes(countMax: 20))
        case 10, 11: .array(values(depth: depth - 1))
        case 12: .set(values(depth: depth - 1))
        case 13: .map(pairs(depth: depth - 1))
        case _: .attributed(value(depth: depth - 1), attributes: pairs(depth: depth - 1))
        }
    }

    private mutating func values(depth: Int) -> [RESPValue] {
        (0..<number(below: 5)).map { _ in value(depth: depth) }
    }

    private mutating func pairs(depth: Int) -> [RESPPair] {
        (0..<number(below: 4)).map { _ in RESPPair(value(depth: depth), value(depth: depth)) }
    }
}
