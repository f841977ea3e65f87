import Testing

@testable import RESP

@Suite("Reply scanner")
struct ReplyScannerTests {
    /// Bytes beside the value that they are.
    static let golden: [(String, RESPValue)] = [
        ("+OK\r\n", .simple("OK")),
        ("+\r\n", .simple("")),
        ("-ERR no such group\r\n", .failure("ERR no such group")),
        (":0\r\n", .integer(0)),
        (":-1\r\n", .integer(-1)),
        (":+7\r\n", .integer(7)),
        (":9223372036854775807\r\n", .integer(.max)),
        (":-9223372036854775808\r\n", .integer(.min)),
        ("$0\r\n\r\n", .bulk("")),
        ("$6\r\na\r\nb\0c\r\n", .bulk("a\r\nb\0c")),
        ("$-1\r\n", .null),
        ("*-1\r\n", .nullArray),
        ("*0\r\n", .array([])),
        ("*2\r\n$1\r\na\r\n*1\r\n:2\r\n", .array([.bulk("a"), .array([.integer(2)])])),
        ("*3\r\n*0\r\n*-1\r\n$-1\r\n", .array([.array([]), .nullArray, .null])),
        ("_\r\n", .null),
        ("#t\r\n", .boolean(true)),
        ("#f\r\n", .boolean(false)),
        (",1.5\r\n", .double(1.5)),
        (",10\r\n", .double(10)),
        (",-1e-3\r\n", .double(-0.001)),
        (",1.7976931348623157e+308\r\n", .double(.greatestFiniteMagnitude)),
        (",1e999\r\n", .double(.infinity)),
        (",inf\r\n", .double(.infinity)),
        (",-inf\r\n", .double(-.infinity)),
        ("(-12345678901234567890123\r\n", .bigNumber(Array("-12345678901234567890123".utf8))),
        ("!10\r\nERR a\r\nb c\r\n", .bulkError(Array("ERR a\r\nb c".utf8))),
        ("=6\r\ntxt:hi\r\n", .verbatimString(.text, Array("hi".utf8))),
        ("=4\r\nmkd:\r\n", .verbatimString(VerbatimFormat(0x6D, 0x6B, 0x64), [])),
        (
            "%2\r\n+a\r\n:1\r\n+b\r\n~1\r\n#t\r\n",
            .map([
                RESPPair(.simple("a"), .integer(1)),
                RESPPair(.simple("b"), .set([.boolean(true)])),
            ])
        ),
        ("%0\r\n", .map([])),
        ("~0\r\n", .set([])),
        (">0\r\n", .push([])),
        (
            ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n",
            .push([.bulk("message"), .bulk("c"), .bulk("m")])
        ),
        (
            "|1\r\n+ttl\r\n:3600\r\n$1\r\nv\r\n",
            .attributed(.bulk("v"), attributes: [RESPPair(.simple("ttl"), .integer(3600))])
        ),
        ("*1\r\n|0\r\n_\r\n", .array([.attributed(.null, attributes: [])])),
    ]

    @Test("reads every type of RESP2 and RESP3", arguments: golden)
    func everyType(text: String, value: RESPValue) {
        let reading = ReplyScanner.reading(text)
        #expect(reading.failure == nil)
        #expect(reading.values == [value])
        #expect(reading.consumedByteCount == text.utf8.count)
    }

    @Test("reads not-a-number in each of its spellings", arguments: [",nan\r\n", ",-nan\r\n"])
    func notANumber(text: String) throws {
        let value = try #require(ReplyScanner.reading(text).values.first)
        guard case .double(let number) = value else {
            Issue.record("\(value) is no double")
            return
        }
        #expect(number.isNaN)
    }

    @Test("reads the values of a pipeline one by one and leaves the unfinished rest")
    func pipeline() {
        let reading = ReplyScanner.reading("+OK\r\n:1\r\n$5\r\nhel")
        #expect(reading.values == [.simple("OK"), .integer(1)])
        #expect(reading.consumedByteCount == 13, "the header of the string is understood already")
        #expect(reading.failure == nil)
    }

    @Test(
        "refuses what is not RESP",
        arguments: [
            ("HTTP/1.1 400 Bad Request\r\n", RESPError.unknownType(0x48)),
            ("\r\n", .unknownType(0x0D)),
            ("+a\nb\r\n", .malformedLine),
            ("+a\rb\r\n", .malformedLine),
            ("+a\n", .malformedLine),
            ("$1\r\nab\r\n", .missingTerminator),
            ("$1\r\na\n\n", .missingTerminator),
            (":\r\n", .malformed(type: 0x3A)),
            (":1a\r\n", .malformed(type: 0x3A)),
            (":+-1\r\n", .malformed(type: 0x3A)),
            (":-0\r\n", .malformed(type: 0x3A)),
            (":01\r\n", .malformed(type: 0x3A)),
            (":9223372036854775808\r\n", .malformed(type: 0x3A)),
            (":-9223372036854775809\r\n", .malformed(type: 0x3A)),
            ("_x\r\n", .malformed(type: 0x5F)),
            ("#\r\n", .malformed(type: 0x23)),
            ("#x\r\n", .malformed(type: 0x23)),
            ("#tt\r\n", .malformed(type: 0x23)),
            (",\r\n", .malformed(type: 0x2C)),
            (",.5\r\n", .malformed(type: 0x2C)),
            (",1.\r\n", .malformed(type: 0x2C)),
            (",1e\r\n", .malformed(type: 0x2C)),
            (",0x1p3\r\n", .malformed(type: 0x2C)),
            (",infinity\r\n", .malformed(type: 0x2C)),
            ("(\r\n", .malformed(type: 0x28)),
            ("(-\r\n", .malformed(type: 0x28)),
            ("(1a\r\n", .malformed(type: 0x28)),
            ("=3\r\ntxt\r\n", .malformed(type: 0x3D)),
            ("=5\r\ntxt-a\r\n", .malformed(type: 0x3D)),
            ("$\r\n", .invalidLength(type: 0x24)),
            ("$-2\r\n", .invalidLength(type: 0x24)),
            ("$+1\r\n", .invalidLength(type: 0x24)),
            ("!-1\r\n", .invalidLength(type: 0x21)),
            ("*-2\r\n", .invalidLength(type: 0x2A)),
            ("%-1\r\n", .invalidLength(type: 0x25)),
            ("*18446744073709551617\r\n", .invalidLength(type: 0x2A)),
            ("*?\r\n", .streamedType(0x2A)),
            ("$?\r\n", .streamedType(0x24)),
            (";4\r\n", .streamedType(0x3B)),
            (".\r\n", .streamedType(0x2E)),
            ("*1\r\n>0\r\n", .nestedPush),
        ])
    func refusals(text: String, error: RESPError) {
        let reading = ReplyScanner.reading(text)
        #expect(reading.failure == error)
        #expect(reading.values.isEmpty)
    }

    @Test("refuses another protocol at its first byte, without waiting for a line")
    func foreignProtocol() {
        #expect(ReplyScanner.reading("S").failure == .unknownType(0x53))
    }

    @Test("stays failed, since nothing behind a framing error can be trusted")
    func staysFailed() {
        var scanner = ReplyScanner()
        let bad = Array("?".utf8)
        let good = Array("+OK\r\n".utf8)
        #expect(throws: RESPError.unknownType(0x3F)) { try scanner.scan(bad.span.bytes) }
        #expect(throws: RESPError.unknownType(0x3F)) { try scanner.scan(good.span.bytes) }
    }
}
