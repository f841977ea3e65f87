import Testing

@testable import RESP

@Suite("Terminator search")
struct TerminatorSearchTests {
    private func find(_ search: inout TerminatorSearch, _ text: String, _ bytesMax: Int)
        -> TerminatorSearch.Outcome
    {
        let bytes = Array("..\(text)".utf8)
        return search.find(
            RESPByte.lineFeed, or: RESPByte.lineFeed, in: bytes.span.bytes, from: 2,
            bytesMax: bytesMax)
    }

    @Test("goes on where it stopped, and looks at no byte again")
    func resumes() {
        var search = TerminatorSearch()
        #expect(find(&search, "", 9) == .notYet)
        #expect(find(&search, "abc", 9) == .notYet)
        #expect(search.examinedByteCount == 3)
        #expect(find(&search, "abc", 9) == .notYet)
        #expect(search.examinedByteCount == 3)
        #expect(find(&search, "abcde\nx\n", 9) == .found(7))
        #expect(search.examinedByteCount == 6)
        search.finishLine()
        #expect(find(&search, "\n", 9) == .found(2))
        #expect(search.examinedByteCount == 7)
    }

    @Test("allows a line of just its limit, and looks no further than one byte beyond")
    func limit() {
        var search = TerminatorSearch()
        #expect(find(&search, "abc\n", 3) == .found(5))
        search.finishLine()
        #expect(find(&search, "abcd\n", 3) == .tooLong)
        #expect(search.examinedByteCount == 8)
        search = TerminatorSearch()
        #expect(find(&search, "abc", 3) == .notYet, "its end may come next")
    }
}
