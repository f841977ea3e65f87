import Testing

@testable import RESP

/// Where the network cuts the bytes must make no difference to what is read.
@Suite("Scanned")
struct ScannedTests {
    static let replies: [[UInt8]] =
        ReplyScannerTests.golden.map { Array($0.0.utf8) }
        + [
            "+OK\r\n:1\r\n$5\r\nhello\r\n*2\r\n$-1\r\n*1\r\n+x\r\n$3\r\nend\r\n",
            "%1\r\n$1\r\nk\r\n|1\r\n+a\r\n_\r\n~2\r\n,1.5\r\n(12\r\n>2\r\n+pub\r\n=5\r\ntxt:x\r\n",
            "*2\r\n:1\r\n:x\r\n", "+OK\r\nHTTP/1.1\r\n", "*1\r\n*1\r\n$3\r\nabcde\r\n", "+a\rb\r\n",
            "*3\r\n:1\r\n", "$-1\r\n$10\r\nunfinished",
        ].map { Array($0.utf8) }

    static let requests: [[UInt8]] = [
        "*1\r\n$4\r\nPING\r\n", "PING\r\n", "PING\n", "\r\n\r\nPING\r\n*0\r\n*-1\r\nPING\r\n",
        "*2\r\n$4\r\nECHO\r\n$6\r\na\r\nb\nc\r\n*1\r\n$0\r\n\r\nQUIT\r\n",
        "SET k \"a\\x41 b\" 'it\\'s'\r\n\"\"\r\n", "*2\r\n$3\r\nGET\r\n!x\r\n", "ECHO \"a\r\n",
        "*1\rX$4\rYPINGzzPING\r\r\n", "*1\r\n\r\n", "*3\r\n$1\r\na\r\n", "*x\r\n", "PIN",
    ].map { Array($0.utf8) }

    static func reading(
        replies pieces: [ArraySlice<UInt8>], limits: RESPLimits = RESPLimits()
    ) -> (reading: Reading<RESPValue>, scanCount: Int, examined: Int) {
        var scanner = ReplyScanner(limits: limits)
        let (reading, scanCount) = Reading.of(pieces: pieces) { (span) throws(RESPError) in
            try scanner.scan(span)
        }
        return (reading, scanCount, scanner.examinedByteCount)
    }

    static func reading(
        requests pieces: [ArraySlice<UInt8>], limits: RESPLimits = RESPLimits()
    ) -> (reading: Reading<[[UInt8]]>, scanCount: Int, examined: Int) {
        var scanner = RequestScanner(limits: limits)
        let (reading, scanCount) = Reading.of(pieces: pieces) { (span) throws(RESPError) in
            try scanner.scan(span)
        }
        return (reading, scanCount, scanner.examinedByteCount)
    }

    @Test("replies read the same however they are cut in two or three", arguments: replies)
    func repliesSplit(input: [UInt8]) throws {
        let whole = Self.reading(replies: [input[...]]).reading
        for first in 0...input.count {
            for second in first...input.count {
                let pieces = [input[..<first], input[first..<second], input[second...]]
                try #require(Self.reading(replies: pieces).reading == whole)
            }
        }
    }

    @Test("requests read the same however they are cut in two or three", arguments: requests)
    func requestsSplit(input: [UInt8]) throws {
        let whole = Self.reading(requests: [input[...]]).reading
        for first in 0...input.count {
            for second in first...input.count {
                let pieces = [input[..<first], input[first..<second], input[second...]]
                try #require(Self.reading(requests: pieces).reading == whole)
            }
        }
    }

    @Test("bytes fed one by one read the same, and none is looked at twice", arguments: replies)
    func repliesByteByByte(input: [UInt8]) {
        let whole = Self.reading(replies: [input[...]])
        let single = Self.reading(replies: input.indices.map { input[$0...$0] })
        #expect(single.reading == whole.reading)
        // A CR is looked at once more when its LF comes in a later piece.
        let lineCount = input.count { $0 == RESPByte.lineFeed }
        #expect(single.examined <= input.count + lineCount)
        #expect(whole.examined <= input.count)
    }

    @Test(
        "request bytes fed one by one read the same, and none is looked at twice",
        arguments: requests)
    func requestsByteByByte(input: [UInt8]) {
        let whole = Self.reading(requests: [input[...]])
        let single = Self.reading(requests: input.indices.map { input[$0...$0] })
        #expect(single.reading == whole.reading)
        let lineCount = input.count { $0 == RESPByte.carriageReturn }
        #expect(single.examined <= input.count + lineCount)
        #expect(whole.examined <= input.count)
    }

    @Test("a megabyte of one string costs a look at its header only")
    func stringsAreNotExamined() {
        let count = 1 << 20
        let input =
            Array("$\(count)\r\n".utf8) + [UInt8](repeating: 0x0D, count: count)
            + Array("\r\n".utf8)
        let pieces = stride(from: 0, to: input.count, by: 1000).map {
            input[$0..<min($0 + 1000, input.count)]
        }
        let (reading, scanCount, examined) = Self.reading(replies: pieces)
        #expect(reading.values.count == 1)
        #expect(scanCount == pieces.count + 1)
        #expect(examined == "$1048576\r".utf8.count)
    }

    @Test("a long line fed byte by byte costs one look per byte")
    func longLine() {
        let input = Array("+\(String(repeating: "x", count: 60_000))\r\n".utf8)
        let (reading, _, examined) = Self.reading(replies: input.indices.map { input[$0...$0] })
        #expect(reading.values.count == 1)
        #expect(examined == input.count)
    }

    @Test(
        "random bytes never trap a scanner and read the same however they are cut",
        arguments: 0..<200)
    func randomBytes(seed: Int) {
        var generator = ValueGenerator(seed: UInt64(seed))
        let limits = RESPLimits(
            lineBytesMax: 24, elementCountMax: 8, bulkBytesMax: 30, depthMax: 3, valueBytesMax: 90)
        for _ in 0..<50 {
            var input = generator.bytes(countMax: 60)
            if generator.number(below: 2) == 0 { input = mutated(&generator) }
            let cut = generator.number(below: input.count + 1)
            let pieces = [input[..<cut], input[cut...]]
            let reply = Self.reading(replies: [input[...]], limits: limits)
            let request = Self.reading(requests: [input[...]], limits: limits)
            #expect(Self.reading(replies: pieces, limits: limits).reading == reply.reading)
            #expect(Self.reading(requests: pieces, limits: limits).reading == request.reading)
        }
    }

    /// A good input with a few bytes changed: it gets further than random bytes do.
    private func mutated(_ generator: inout ValueGenerator) -> [UInt8] {
        let corpus = Self.replies + Self.requests
        var input = corpus[generator.number(below: corpus.count)]
        for _ in 0..<generator.number(below: 3) {
            let index = generator.number(below: input.count)
            input.replaceSubrange(index...index, with: generator.bytes(countMax: 2))
            if input.isEmpty { break }
        }
        return input
    }
}
