import Testing

@testable import baton

@Suite("How long a pause lasts")
struct PauseLengthTests {
    @Test("is read as operators write it")
    func read() {
        #expect(PauseLength(argument: "90s")?.milliseconds == 90_000)
        #expect(PauseLength(argument: "2h")?.milliseconds == 7_200_000)
        #expect(PauseLength(argument: "30d")?.milliseconds == 2_592_000_000)
    }

    @Test("is refused otherwise", arguments: ["", "2", "h", "0s", "-1m", "31d", "2w", "1.5h"])
    func refused(_ text: String) {
        #expect(PauseLength(argument: text) == nil)
    }
}
