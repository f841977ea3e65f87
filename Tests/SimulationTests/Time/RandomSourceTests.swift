import MonotonicTime
import Testing

@testable import Simulation

@Suite("The source of chance")
struct RandomSourceTests {
    @Test("gives the reference words of xoshiro256** behind SplitMix64")
    func reference() {
        // SplitMix64 from 0 gives e220a8397b1dcdaf 6e789e6aa1b965f4 06c45d188009454f
        // f88bb8a8724c81ec, the four words of the state; the first result follows from the
        // second by rotl(word * 5, 7) * 9.
        var source = RandomSource(seed: 0)
        let word: UInt64 = 0x6E78_9E6A_A1B9_65F4 &* 5
        #expect(source.next() == (word << 7 | word >> 57) &* 9)
        #expect(source.next() == 0xBF6E_1F78_4956_452A)
    }

    @Test("stays within its limits and reaches both ends")
    func limits() {
        var source = RandomSource(seed: 1)
        var seen = [0, 0, 0, 0, 0]
        for _ in 0..<1_000 { seen[source.below(5)] += 1 }
        #expect(seen.allSatisfy { $0 > 140 })
        var lengths: [Interval] = []
        for _ in 0..<200 {
            lengths.append(source.between(.zero, Interval(nanoseconds: 3)))
        }
        #expect(lengths.min() == .zero)
        #expect(lengths.max() == Interval(nanoseconds: 3))
    }

    @Test("differs from seed to seed")
    func seeds() {
        var one = RandomSource(seed: 1)
        var two = RandomSource(seed: 2)
        #expect(one.next() != two.next())
    }
}
