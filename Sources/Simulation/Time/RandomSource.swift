import MonotonicTime

/// xoshiro256**, seeded through SplitMix64: the world's only source of chance.
///
/// The standard library's generators are seeded by the system, and its `random(in:)` may change
/// its algorithm between releases; a seed must give the same world for ever.
struct RandomSource: Sendable {
    private var a: UInt64
    private var b: UInt64
    private var c: UInt64
    private var d: UInt64

    init(seed: UInt64) {
        var state = seed
        func split() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
        a = split()
        b = split()
        c = split()
        d = split()
    }

    mutating func next() -> UInt64 {
        func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 {
            word << count | word >> (64 - count)
        }
        let result = rotate(b &* 5, 7) &* 9
        let shifted = b << 17
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        d = rotate(d, 45)
        return result
    }

    /// From 0 to `count` − 1; `count` is at least 1. The bias, below 2⁻³², does no harm here.
    mutating func below(_ count: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(count)).high)
    }

    /// Whether something happens that does so `count` times in `total`.
    mutating func happens(_ count: Int, in total: Int) -> Bool {
        below(total) < count
    }

    /// A length between two others, both included.
    mutating func between(_ shortest: Interval, _ longest: Interval) -> Interval {
        let span = Int((longest - shortest).nanoseconds) + 1
        return Interval(nanoseconds: shortest.nanoseconds + Int64(below(span)))
    }

    mutating func choose<Element>(_ choices: [Element]) -> Element {
        choices[below(choices.count)]
    }
}
