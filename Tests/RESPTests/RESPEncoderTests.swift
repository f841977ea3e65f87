import Testing

@testable import RESP

@Suite("Encoder")
struct RESPEncoderTests {
    static func bytes(_ value: RESPValue, _ version: RESPVersion) -> [UInt8] {
        var bytes: [UInt8] = []
        RESPEncoder(version: version).append(value, to: &bytes)
        return bytes
    }

    @Test(
        "writes every type in RESP3, and in RESP2 as Redis degrades it",
        arguments: [
            (RESPValue.simple("OK"), "+OK\r\n", "+OK\r\n"),
            (.failure("ERR no"), "-ERR no\r\n", "-ERR no\r\n"),
            (.integer(.min), ":-9223372036854775808\r\n", ":-9223372036854775808\r\n"),
            (.bulk("a\r\nb"), "$4\r\na\r\nb\r\n", "$4\r\na\r\nb\r\n"),
            (.array([.bulk("a"), .null]), "*2\r\n$1\r\na\r\n_\r\n", "*2\r\n$1\r\na\r\n$-1\r\n"),
            (.null, "_\r\n", "$-1\r\n"),
            (.nullArray, "_\r\n", "*-1\r\n"),
            (.boolean(true), "#t\r\n", ":1\r\n"),
            (.boolean(false), "#f\r\n", ":0\r\n"),
            (.double(1.5), ",1.5\r\n", "$3\r\n1.5\r\n"),
            (.double(10), ",10\r\n", "$2\r\n10\r\n"),
            (.double(-1e300), ",-1e+300\r\n", "$7\r\n-1e+300\r\n"),
            (.double(.infinity), ",inf\r\n", "$3\r\ninf\r\n"),
            (.double(-.infinity), ",-inf\r\n", "$4\r\n-inf\r\n"),
            (.double(-.nan), ",nan\r\n", "$3\r\nnan\r\n"),
            (.bigNumber(Array("12".utf8)), "(12\r\n", "$2\r\n12\r\n"),
            (.bulkError(Array("ERR a\nb".utf8)), "!7\r\nERR a\nb\r\n", "-ERR a b\r\n"),
            (.verbatimString(.text, Array("hi".utf8)), "=6\r\ntxt:hi\r\n", "$2\r\nhi\r\n"),
            (
                .map([RESPPair(.bulk("k"), .boolean(true))]), "%1\r\n$1\r\nk\r\n#t\r\n",
                "*2\r\n$1\r\nk\r\n:1\r\n"
            ),
            (.set([.integer(1)]), "~1\r\n:1\r\n", "*1\r\n:1\r\n"),
            (.push([.integer(1)]), ">1\r\n:1\r\n", "*1\r\n:1\r\n"),
            (
                .attributed(.integer(2), attributes: [RESPPair(.simple("a"), .integer(1))]),
                "|1\r\n+a\r\n:1\r\n:2\r\n", ":2\r\n"
            ),
        ])
    func everyType(value: RESPValue, resp3: String, resp2: String) {
        #expect(String(decoding: Self.bytes(value, .resp3), as: UTF8.self) == resp3)
        #expect(String(decoding: Self.bytes(value, .resp2), as: UTF8.self) == resp2)
    }

    @Test("a line end in a status or an error cannot begin another reply")
    func injection() {
        #expect(Self.bytes(.simple("a\r\n+OK"), .resp2) == Array("+a  +OK\r\n".utf8))
        #expect(Self.bytes(.failure("ERR \n:1"), .resp3) == Array("-ERR  :1\r\n".utf8))
    }

    @Test("writes requests that the request scanner reads back", arguments: 0..<100)
    func requests(seed: Int) {
        var generator = ValueGenerator(seed: UInt64(seed))
        let arguments = (0...generator.number(below: 6)).map { _ in
            generator.bytes(countMax: 50)
        }
        var bytes: [UInt8] = []
        RESPEncoder.appendRequest(arguments, to: &bytes)
        #expect(RequestScanner.reading(bytes).values == [arguments])
    }

    @Test("writes words as their UTF-8")
    func words() {
        var bytes: [UInt8] = []
        RESPEncoder.appendRequest(["SET", "k", "值"], to: &bytes)
        #expect(bytes == Array("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\n值\r\n".utf8))
    }

    @Test("whatever RESP3 it writes is read back the same, in every cut", arguments: 0..<300)
    func roundTrip(seed: Int) {
        var generator = ValueGenerator(seed: UInt64(seed))
        let value = generator.value(depth: 4)
        let bytes = Self.bytes(value, .resp3)
        #expect(ReplyScanner.reading(bytes).values == [value])
        let cut = generator.number(below: bytes.count + 1)
        let split = ScannedTests.reading(replies: [bytes[..<cut], bytes[cut...]])
        #expect(split.reading.values == [value])
    }

    @Test(
        "whatever it writes in RESP2 is RESP2, and writing that again changes nothing",
        arguments: 0..<300)
    func degraded(seed: Int) throws {
        var generator = ValueGenerator(seed: UInt64(seed))
        let bytes = Self.bytes(generator.value(depth: 4), .resp2)
        let reading = ReplyScanner.reading(bytes)
        #expect(reading.failure == nil)
        let value = try #require(reading.values.first)
        #expect(Self.isRESP2(value))
        #expect(Self.bytes(value, .resp2) == bytes)
    }

    private static func isRESP2(_ value: RESPValue) -> Bool {
        switch value {
        case .simpleString, .error, .integer, .bulkString, .null, .nullArray: true
        case .array(let elements): elements.allSatisfy(isRESP2)
        case .boolean, .double, .bigNumber, .bulkError, .verbatimString, .map, .set, .push,
            .attributed:
            false
        }
    }
}
