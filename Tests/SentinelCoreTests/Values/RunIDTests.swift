import SentinelCore
import Testing

@Suite("RunID")
struct RunIDTests {
    @Test("is forty hexadecimal digits, read in either case and written in the lower")
    func text() throws {
        let text = "c084ec33a5b60aa56d2ebd63a6b7442e2e257f38"
        #expect(try #require(RunID(text)).description == text)
        #expect(try #require(RunID(text.uppercased())).description == text)
        #expect(
            RunID(high: 0, middle: 0, low: 1).description == String(repeating: "0", count: 39) + "1"
        )
    }

    @Test(
        "is nothing else",
        arguments: [
            "", "c084ec33a5b60aa56d2ebd63a6b7442e2e257f3",
            "c084ec33a5b60aa56d2ebd63a6b7442e2e257f388",
            "g084ec33a5b60aa56d2ebd63a6b7442e2e257f38", "+084ec33a5b60aa56d2ebd63a6b7442e2e257f38",
            String(repeating: "é", count: 20),
        ])
    func garbage(text: String) {
        #expect(RunID(text) == nil)
    }

    @Test("is ordered like its text")
    func order() throws {
        let texts = [
            "0000000000000000000000000000000000000001", "0000000000000000000000000000000100000000",
            "0000000000000001000000000000000000000000", "ffffffffffffffffffffffffffffffffffffffff",
        ]
        let ids = try texts.map { try #require(RunID($0)) }
        #expect(ids.shuffled().sorted() == ids)
    }
}
