import Testing

@testable import RESP

@Suite("Reply framer")
struct ReplyFramerTests {
    private struct Outline: Equatable {
        var ends: [Int] = []
        var kinds: [ReplyKind] = []
        var failure: RESPError?
    }

    /// Feeds a framer as a proxy does; with `passes`, parts of replies are passed on at once.
    private static func outline(
        _ pieces: [ArraySlice<UInt8>], limits: RESPLimits, passes: Bool
    ) -> Outline {
        var outline = Outline()
        var framer = ReplyFramer()
        var kept: [UInt8] = []
        var passed = 0
        for piece in pieces {
            kept += piece
            var start = 0
            feeding: while start < kept.count {
                do throws(RESPError) {
                    switch try framer.next(in: kept.span.bytes, at: start, limits: limits) {
                    case .whole(let byteCount, let kind):
                        start += byteCount
                        outline.ends.append(passed + start)
                        outline.kinds.append(kind)
                    case .partial(let passable, _):
                        if passes {
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

    private static func expected(_ input: [UInt8], limits: RESPLimits) -> Outline {
        var outline = Outline()
        var scanner = ReplyScanner(limits: limits)
        var offset = 0
        while true {
            do throws(RESPError) {
                let rest = Array(input[offset...])
                guard case .value(let value, let consumed) = try scanner.scan(rest.span.bytes)
                else { return outline }
                offset += consumed
                outline.ends.append(offset)
                switch value {
                case .error, .bulkError: outline.kinds.append(.error)
                case .push: outline.kinds.append(.push)
                case _: outline.kinds.append(.value)
                }
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

    @Test("ends replies where the scanner does, however the bytes are cut")
    func agrees() throws {
        var generator = ValueGenerator(seed: 6)
        for round in 0..<6_000 {
            var input: [UInt8] = []
            for _ in 0..<1 + generator.number(below: 4) {
                RESPEncoder(version: .resp3).append(generator.value(depth: 4), to: &input)
            }
            let isBroken = round % 3 == 0
            if isBroken {
                input[generator.number(below: input.count)] = UInt8(generator.number(below: 256))
            }
            let limits = RESPLimits()
            let expected = Self.expected(input, limits: limits)
            let whole = Self.outline([input[...]], limits: limits, passes: false)
            let cut = Self.pieces(input, by: &generator)
            try #require(Self.outline(cut, limits: limits, passes: false) == whole, "\(input)")
            try #require(Self.outline(cut, limits: limits, passes: true) == whole, "\(input)")
            switch expected.failure {
            case .malformed:
                // The text of a scalar is not the framer's business.
                try #require(whole.ends.starts(with: expected.ends), "\(input)")
            case _:
                try #require(whole == expected, "\(input)")
            }
        }
    }

    @Test("passes a large string on in parts")
    func streams() throws {
        let limits = RESPLimits(bulkBytesMax: 512 << 20, valueBytesMax: Int.max)
        var framer = ReplyFramer()
        let head = Array("$536870912\r\nabc".utf8)
        #expect(
            try framer.next(in: head.span.bytes, at: 0, limits: limits)
                == .partial(passableByteCount: head.count, .value))
        framer.discard(head.count)
        #expect(!framer.isIntact)
        let more = [UInt8](repeating: 0, count: 65_536)
        var left = 536_870_912 - 3
        while left >= more.count {
            #expect(
                try framer.next(in: more.span.bytes, at: 0, limits: limits)
                    == .partial(passableByteCount: more.count, .value))
            framer.discard(more.count)
            left -= more.count
        }
        let tail = [UInt8](repeating: 0, count: left) + Array("\r\n+OK\r\n".utf8)
        #expect(
            try framer.next(in: tail.span.bytes, at: 0, limits: limits)
                == .whole(byteCount: left + 2, .value))
    }

    @Test("no part of an error is passable before its end, so that it can be weighed whole")
    func errors() throws {
        var framer = ReplyFramer()
        let part = Array("-MASTERDOWN Link".utf8)
        #expect(
            try framer.next(in: part.span.bytes, at: 0, limits: RESPLimits())
                == .partial(passableByteCount: 0, .error))
    }
}
