import Testing

@testable import RESP

@Suite("Limits")
struct RESPLimitsTests {
    static let small = RESPLimits(
        lineBytesMax: 10, elementCountMax: 3, bulkBytesMax: 12, depthMax: 2, valueBytesMax: 40)

    @Test(
        "each limit on replies is reached and not crossed",
        arguments: [
            ("+123456789\r\n", nil),
            ("+1234567890\r\n", RESPError.lineTooLong(limit: 10)),
            ("+1234567890", .lineTooLong(limit: 10)),
            ("$12\r\n", nil),
            ("$13\r\n", .bulkTooLong(limit: 12)),
            ("!13\r\n", .bulkTooLong(limit: 12)),
            ("=13\r\n", .bulkTooLong(limit: 12)),
            ("*3\r\n", nil),
            ("*4\r\n", .tooManyElements(limit: 3)),
            ("%3\r\n", nil),
            ("%4\r\n", .tooManyElements(limit: 3)),
            ("~4\r\n", .tooManyElements(limit: 3)),
            (">4\r\n", .tooManyElements(limit: 3)),
            ("|4\r\n", .tooManyElements(limit: 3)),
            ("*1\r\n*1\r\n*0\r\n", nil),
            ("*1\r\n*1\r\n*1\r\n", .tooDeep(limit: 2)),
            ("|1\r\n|1\r\n|1\r\n", .tooDeep(limit: 2)),
            // 4 + 17 bytes, then a string that brings the value to 40 bytes, or to 41.
            ("*3\r\n$11\r\n12345678901\r\n$11\r\n", nil),
            ("*3\r\n$11\r\n12345678901\r\n+1\r\n$9\r\n", .valueTooLarge(limit: 40)),
            ("*3\r\n$11\r\n12345678901\r\n$12\r\n123456789012\r\n", .valueTooLarge(limit: 40)),
        ])
    func replies(text: String, error: RESPError?) {
        #expect(ReplyScanner.reading(text, limits: Self.small).failure == error)
    }

    @Test(
        "each limit on requests is reached and not crossed",
        arguments: [
            ("1234567890\n", nil),
            ("123456789\r\n", nil),
            ("1234567890\r\n", RESPError.tooBigInlineRequest),
            ("*3\r\n", nil),
            ("*4\r\n", .invalidMultibulkLength),
            ("*1\r\n$12\r\n", nil),
            ("*1\r\n$13\r\n", .invalidBulkLength),
            ("*12345678901\r\n", .tooBigMultibulkCount),
            ("*1\r\n$1234567890\r\n", .tooBigBulkCount),
            ("*3\r\n$12\r\n123456789012\r\n$10\r\n", nil),
            ("*3\r\n$12\r\n123456789012\r\n$11\r\n", .tooBigRequest),
        ])
    func requests(text: String, error: RESPError?) {
        #expect(RequestScanner.reading(text, limits: Self.small).failure == error)
    }

    @Test("a value's bytes are counted anew for each value")
    func budgetPerValue() {
        let reply = String(repeating: "$12\r\n123456789012\r\n", count: 10)
        #expect(ReplyScanner.reading(reply, limits: Self.small).values.count == 10)
        let request = String(repeating: "*1\r\n$12\r\n123456789012\r\n", count: 10)
        #expect(RequestScanner.reading(request, limits: Self.small).values.count == 10)
    }

    /// No limit at all, and nothing allowed at all.
    static let extremes = [
        RESPLimits(
            lineBytesMax: .max, elementCountMax: .max, bulkBytesMax: .max, depthMax: .max,
            valueBytesMax: .max),
        RESPLimits(
            lineBytesMax: -1, elementCountMax: .min, bulkBytesMax: 0, depthMax: 0,
            valueBytesMax: .min),
        RESPLimits(),
    ]

    @Test(
        "lengths as large as an integer neither trap nor reserve memory, whatever the limits",
        arguments: [
            "$9223372036854775807\r\n", "=9223372036854775807\r\n", "*9223372036854775807\r\n",
            "%9223372036854775807\r\n", "|9223372036854775807\r\n", "%4611686018427387903\r\n",
            "|4611686018427387903\r\n", "*2\r\n$1\r\na\r\n$9223372036854775807\r\nab",
            "$9223372036854775783\r\nab", "$-9223372036854775808\r\n",
        ], extremes)
    func hugeReplies(text: String, limits: RESPLimits) {
        #expect(ReplyScanner.reading(text, limits: limits).values.isEmpty)
    }

    @Test(
        "counts as large as an integer neither trap nor reserve memory, whatever the limits",
        arguments: [
            "*9223372036854775807\r\n$1\r\na\r\n", "*-9223372036854775808\r\n",
            "*1\r\n$9223372036854775807\r\nab", "*1\r\n$9223372036854775779\r\nab",
        ], extremes)
    func hugeRequests(text: String, limits: RESPLimits) {
        #expect(RequestScanner.reading(text, limits: limits).values.isEmpty)
    }

    @Test(
        "a million opened arrays are refused at the limit of depth", arguments: ["*1", "|1", "%1"])
    func nesting(header: String) {
        let text = String(repeating: header + "\r\n", count: 1_000_000)
        #expect(ReplyScanner.reading(text).failure == .tooDeep(limit: 32))
    }
}
