import Testing

@testable import baton

@Suite("Seeds on the command line")
struct SeedRangeTests {
    @Test(
        "are one seed, or a range with both ends",
        arguments: [
            ("17", 17...17), ("1..10000", 1...10000), ("0..0", 0...0),
            ("5..18446744073709551614", 5...UInt64.max - 1),
        ])
    func ranges(text: String, seeds: ClosedRange<UInt64>) {
        #expect(SeedRange(argument: text)?.seeds == seeds)
    }

    @Test(
        "what is no range is refused",
        arguments: [
            "", "..", "1..", "..2", "2..1", "a", "1...3", "-1", "+1", "1..2..3", "1-3", "٣",
            "0..18446744073709551615", "18446744073709551615", "18446744073709551616",
        ])
    func refused(text: String) {
        #expect(SeedRange(argument: text) == nil)
    }
}
