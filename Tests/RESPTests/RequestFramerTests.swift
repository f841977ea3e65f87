import Testing

@testable import RESP

@Suite("Request framer")
struct RequestFramerTests {
    /// The requests of some bytes that arrive in pieces: where each ends, and its name.
    private struct Outline: Equatable {
        var ends: [Int] = []
        var names: [[UInt8]] = []
        var failure: RESPError?
    }

    /// Feeds a framer as a proxy does: what is unfinished is kept, or passed on in parts.
    private static func outline(
        _ pieces: [ArraySlice<UInt8>], limits: RESPLimits, discards: Bool = false
    ) -> Outline {
        var outline = Outline()
        var framer = RequestFramer()
        var kept: [UInt8] = []
        var passed = 0
        var discardedName: [UInt8]?
        for piece in pieces {
            kept += piece
            var start = 0
            feeding: while true {
                do throws(RESPError) {
                    switch try framer.next(in: kept.span.bytes, at: start, limits: limits) {
                    case .whole(let frame):
                        let name = frame.name.lowerBound + start..<frame.name.upperBound + start
                        outline.names.append(discardedName ?? Array(kept[name]))
                        discardedName = nil
                        start += frame.byteCount
                        outline.ends.append(passed + start)
                    case .empty(let byteCount):
                        start += byteCount
                    case .partial(let missing, let passable):
                        #expect(missing >= 1)
                        if discards, passable > 0 {
                            let name = framer.head.name
                            if discardedName == nil {
                                discardedName = Array(
                                    kept[start + name.lowerBound..<start + name.upperBound])
                            }
                            framer.discard(passable)
                            start += passable
                        }
                        break feeding
                    }
                } catch {
                    outline.failure = error
                    return outline
                }
            }
            kept.removeFirst(start)
            passed += start
        }
        return outline
    }

    /// The same by the scanner that makes the arguments.
    private static func expected(_ input: [UInt8], limits: RESPLimits) -> Outline {
        var outline = Outline()
        var scanner = RequestScanner(limits: limits)
        var offset = 0
        while true {
            do throws(RESPError) {
                let rest = Array(input[offset...])
                guard case .value(let words, let consumed) = try scanner.scan(rest.span.bytes)
                else { return outline }
                offset += consumed
                outline.ends.append(offset)
                outline.names.append(words[0])
            } catch {
                outline.failure = error
                return outline
            }
        }
    }

    private static func pieces(
        _ input: [UInt8], by generator: inout ValueGenerator
    ) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var start = 0
        while start < input.count {
            let end = min(input.count, start + 1 + generator.number(below: 12))
            pieces.append(input[start..<end])
            start = end
        }
        return pieces
    }

    @Test("ends requests where the scanner does, however the bytes are cut")
    func agrees() throws {
        var generator = ValueGenerator(seed: 4)
        for _ in 0..<4_000 {
            var input: [UInt8] = []
            for _ in 0..<1 + generator.number(below: 4) {
                if generator.number(below: 4) == 0 {
                    let word = generator.line().filter { !"\"'\\\0".utf8.contains($0) }
                    input += Array("PING ".utf8) + word + Array("\r\n".utf8)
                } else {
                    var words = [Array("GET".utf8)]
                    for _ in 0..<generator.number(below: 4) {
                        words.append(generator.bytes(countMax: 30))
                    }
                    RESPEncoder.appendRequest(words, to: &input)
                }
            }
            if generator.number(below: 2) == 0 {
                input[generator.number(below: input.count)] = UInt8(generator.number(below: 256))
            }
            let limits = RESPLimits(
                lineBytesMax: generator.number(below: 2) == 0 ? 24 : 65_536,
                elementCountMax: 3 + generator.number(below: 3),
                bulkBytesMax: 28, valueBytesMax: 40 + generator.number(below: 200))
            let expected = Self.expected(input, limits: limits)
            let cut = Self.pieces(input, by: &generator)
            let whole = Self.outline([input[...]], limits: limits)
            let parts = Self.outline(cut, limits: limits)
            let streamed = Self.outline(cut, limits: limits, discards: true)
            try #require(whole.ends == expected.ends, "\(input)")
            try #require(whole.failure == expected.failure, "\(input)")
            try #require(parts == whole, "\(input)")
            try #require(streamed == whole, "\(input)")
        }
    }

    @Test("a line's words are those of the scanner, quotes and all")
    func lines() throws {
        var generator = ValueGenerator(seed: 5)
        for _ in 0..<4_000 {
            let line = generator.line()
            let words = InlineCommand.words(of: line)
            let shape = InlineShape(of: 0..<line.count, in: line.span.bytes)
            try #require(shape?.count == words?.count, "\(line)")
        }
    }

    @Test("says where name and first argument lie")
    func ranges() throws {
        let input = Array("*3\r\n$6\r\nCLIENT\r\n$5\r\nREPLY\r\n$2\r\nON\r\n".utf8)
        var framer = RequestFramer()
        let framed = try framer.next(in: input.span.bytes, at: 0, limits: RESPLimits())
        guard case .whole(let frame) = framed else { throw RESPError.malformedLine }
        #expect(String(decoding: input[frame.name], as: UTF8.self) == "CLIENT")
        #expect(String(decoding: input[frame.firstArgument], as: UTF8.self) == "REPLY")
        #expect(frame.argumentCount == 3)
        #expect(frame.byteCount == input.count)
        #expect(framer.isIdle)
    }

    @Test("says how much of a large argument is still to come")
    func missing() throws {
        let limits = RESPLimits(bulkBytesMax: 512 << 20, valueBytesMax: Int.max)
        let input = Array("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\nabc".utf8)
        var framer = RequestFramer()
        let framed = try framer.next(in: input.span.bytes, at: 0, limits: limits)
        #expect(framed == .partial(missingByteCount: 536_870_911, passableByteCount: input.count))
    }
}
