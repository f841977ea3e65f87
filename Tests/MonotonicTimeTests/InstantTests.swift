import MonotonicTime
import Testing

@Suite("Instant")
struct InstantTests {
    @Test("moves by intervals and tells how far two moments are apart")
    func arithmetic() {
        let start = Instant(nanoseconds: -5)
        let later = start + .seconds(2)
        #expect(later.nanoseconds == 1_999_999_995)
        #expect(later - start == .seconds(2))
        #expect(start - later == .seconds(-2), "the past is negative")
        #expect(later - .seconds(2) == start)
        #expect(start < later)
    }
}
