import Testing

@testable import RESP

/// Each expectation here is what redis-server 7.0.15 answered to the same bytes, except where a
/// test says otherwise.
@Suite("Request scanner")
struct RequestScannerTests {
    @Test(
        "reads requests as Redis does",
        arguments: [
            ("*1\r\n$4\r\nPING\r\n", [["PING"]]),
            ("*2\r\n$4\r\nECHO\r\n$3\r\na\r\n\r\n", [["ECHO", "a\r\n"]]),
            ("*1\r\n$0\r\n\r\nPING\r\n", [[""], ["PING"]]),
            ("PING\r\n", [["PING"]]),
            ("PING\n", [["PING"]]),
            ("PING\r\r\n", [["PING"]]),
            ("\u{16}\u{3}\u{1}\r\n", [["\u{16}\u{3}\u{1}"]]),
        ])
    func requests(text: String, commands: [[String]]) {
        let reading = RequestScanner.reading(text)
        #expect(reading.failure == nil)
        #expect(reading.values == commands.map { $0.map { Array($0.utf8) } })
        #expect(reading.consumedByteCount == text.utf8.count)
    }

    @Test(
        "passes over empty lines and requests of nothing",
        arguments: [
            "\r\nPING\r\n", "\r\n\n\r\nPING\r\n", "  \t\r\nPING\r\n", "*0\r\nPING\r\n",
            "*-1\r\nPING\r\n", "*-9223372036854775808\r\nPING\r\n",
        ])
    func nothings(text: String) {
        let reading = RequestScanner.reading(text)
        #expect(reading.failure == nil)
        #expect(reading.values == [[Array("PING".utf8)]])
    }

    @Test("an endless run of empty lines is consumed, not kept")
    func emptyLinesAreConsumed() {
        let reading = RequestScanner.reading(String(repeating: "\r\n", count: 1000))
        #expect(reading == Reading(values: [], failure: nil, consumedByteCount: 2000))
    }

    @Test("does not look at the two bytes that should end a header or an argument")
    func lenience() {
        let reading = RequestScanner.reading("*1\rX$4\rYPINGzz")
        #expect(reading.values == [[Array("PING".utf8)]])
    }

    @Test("waits for CR, which alone ends a header")
    func headersEndInReturn() {
        #expect(RequestScanner.reading("*1\n$4\nPING\n") == Reading())
    }

    @Test(
        "refuses with Redis's own words",
        arguments: [
            ("*x\r\n", "invalid multibulk length"),
            ("*\r\n", "invalid multibulk length"),
            ("*03\r\n", "invalid multibulk length"),
            ("*-0\r\n", "invalid multibulk length"),
            ("*+1\r\n", "invalid multibulk length"),
            ("*2147483648\r\n", "invalid multibulk length"),
            ("*9223372036854775807\r\n", "invalid multibulk length"),
            ("*9223372036854775808\r\n", "invalid multibulk length"),
            ("*1\r\n+PING\r\n", "expected '$', got '+'"),
            ("*1\r\n\r\n", "expected '$', got ' '"),
            ("*1\r\n\nPING\r\n", "expected '$', got ' '"),
            ("*1\r\n$\r\n", "invalid bulk length"),
            ("*1\r\n$-1\r\n", "invalid bulk length"),
            ("*1\r\n$04\r\nPING\r\n", "invalid bulk length"),
            ("*1\r\n$536870913\r\n", "invalid bulk length"),
            ("*1\r\n$9223372036854775807\r\n", "invalid bulk length"),
            ("ECHO \"a\r\n", "unbalanced quotes in request"),
        ])
    func refusals(text: String, message: String) {
        let reading = RequestScanner.reading(text)
        #expect(reading.values.isEmpty)
        #expect(reading.failure?.message == Array("Protocol error: \(message)".utf8))
    }

    @Test(
        "refuses a line that does not end within 64 KiB, and no byte sooner",
        arguments: [
            ("", "a", RESPError.tooBigInlineRequest),
            ("", "*1", .tooBigMultibulkCount),
            ("*1\r\n", "$1", .tooBigBulkCount),
        ])
    func endlessLines(before: String, start: String, error: RESPError) {
        let endless = start + String(repeating: "1", count: 64 * 1024 - start.utf8.count)
        #expect(RequestScanner.reading(before + endless).failure == nil)
        #expect(RequestScanner.reading(before + endless + "1").failure == error)
        #expect(RequestScanner.reading(before + endless + "1\r\n").failure == error)
    }

    @Test(
        "a stranger may send 10 arguments of 16 KiB",
        arguments: [
            ("*10\r\n", nil),
            ("*11\r\n", RESPError.unauthenticatedMultibulkLength),
            ("*1\r\n$16384\r\n", nil),
            ("*1\r\n$16385\r\n", .unauthenticatedBulkLength),
        ])
    func strangers(text: String, error: RESPError?) {
        #expect(RequestScanner.reading(text, isAuthenticated: false).failure == error)
        #expect(RequestScanner.reading(text).failure == nil)
    }

    @Test("a NUL byte in a typed line is a byte like others, where Redis reads no further")
    func nul() {
        #expect(RequestScanner.reading("A\0B\r\n").values == [[[0x41, 0, 0x42]]])
    }

    @Test("stays failed, since nothing behind a framing error can be trusted")
    func staysFailed() {
        var scanner = RequestScanner()
        let bad = Array("*x\r\n".utf8)
        let good = Array("PING\r\n".utf8)
        #expect(throws: RESPError.invalidMultibulkLength) { try scanner.scan(bad.span.bytes) }
        #expect(throws: RESPError.invalidMultibulkLength) { try scanner.scan(good.span.bytes) }
    }
}
