import Testing

@testable import baton

@Suite("The demonstration's events")
struct DemoEventsTests {
    @Test("a line of the log gives its time and its text")
    func logLine() throws {
        let line =
            "4711:X 22 Nov 2026 15:22:01.123 # +switch-master orders 10.0.0.1 6379 10.0.0.2 6379"
        let event = try #require(DemoEvent(logLine: line[...], source: "redis02"))
        #expect(event.time == "15:22:01.123")
        #expect(event.text == "+switch-master orders 10.0.0.1 6379 10.0.0.2 6379")
        #expect(event.source == "redis02")
        #expect(event.style == .good)
    }

    @Test(
        "in the picture hosts have their names, and ids are short",
        arguments: [
            ("+switch-master orders 10.0.0.1 6379 10.0.0.2 6379", "+switch-master orders one two"),
            (
                "+sdown slave 10.0.0.2:6379 10.0.0.2 6379 @ orders 10.0.0.1 6379",
                "+sdown slave two @ orders one"
            ),
            (
                "+sentinel sentinel 0123456789abcdef0123456789abcdef01234567 10.0.0.2 26379 @ x",
                "+sentinel sentinel 0123456… two @ x"
            ),
            ("+vote-for-leader 7 10.0.0.9 1", "+vote-for-leader 7 10.0.0.9 1"),
        ])
    func brief(text: String, expected: String) {
        let event = DemoEvent(now: text, source: "one")
        #expect(event.brief(naming: [("one", "10.0.0.1"), ("two", "10.0.0.2")]) == expected)
    }

    @Test(
        "what is no line of the log is passed over",
        arguments: ["", "Fatal error: no", "{\"time\":\"2026\"}", "1:X 22 Nov 2026 noon * text"])
    func otherLine(text: String) {
        #expect(DemoEvent(logLine: text[...], source: "redis01") == nil)
    }
}
