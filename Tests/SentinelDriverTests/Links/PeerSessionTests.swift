import Addressing
import Testing

@testable import SentinelDriver

@Suite("What nodes say to each other is authenticated")
struct PeerSessionTests {
    private static let node = IPAddress.v4(IPv4Address(10, 0, 0, 1))
    private static let one = [UInt8](repeating: 1, count: PeerSession.nonceByteCount)
    private static let other = [UInt8](repeating: 2, count: PeerSession.nonceByteCount)

    private static func pair(
        _ secret: String = "weilin", _ otherSecret: String = "weilin"
    ) throws -> (asking: PeerSession, answering: PeerSession) {
        (
            try #require(
                PeerSession(
                    secret: secret, askingNonce: one, answeringNonce: other, answerer: Self.node,
                    side: .asking)),
            try #require(
                PeerSession(
                    secret: otherSecret, askingNonce: one, answeringNonce: other,
                    answerer: Self.node, side: .answering))
        )
    }

    @Test("each side accepts what the other seals, in order")
    func order() throws {
        var (asking, answering) = try Self.pair()
        for text in ["one", "two", "", "three"] {
            let message = Array(text.utf8)
            let asked = asking.seal(message)
            let isAccepted1 = answering.accepts(message, tag: asked)
            #expect(isAccepted1)
            let answered = answering.seal(message)
            let isAccepted2 = asking.accepts(message, tag: answered)
            #expect(isAccepted2)
        }
    }

    @Test("a message that was changed in any bit is not accepted")
    func changed() throws {
        let message = Array("LEASE orders 7".utf8)
        for bit in 0..<message.count * 8 {
            var (asking, answering) = try Self.pair()
            let tag = asking.seal(message)
            var forged = message
            forged[bit / 8] ^= 1 << (bit % 8)
            let isAccepted3 = answering.accepts(forged, tag: tag)
            #expect(!isAccepted3)
        }
    }

    @Test("a tag that was changed, cut or lengthened is not accepted")
    func tags() throws {
        var (asking, _) = try Self.pair()
        let tag = asking.seal([1])
        let forged = ["", "0", String(tag.dropLast(2)), tag + "00", tag.uppercased() + "0", "zz"]
        for text in forged {
            var (_, answering) = try Self.pair()
            let isAccepted4 = answering.accepts([1], tag: text)
            #expect(!isAccepted4)
        }
    }

    @Test("nothing is accepted twice, late, or thrown back")
    func replayed() throws {
        var (asking, answering) = try Self.pair()
        let first = asking.seal([1])
        let second = asking.seal([2])
        let isAccepted5 = answering.accepts([1], tag: first)
        #expect(isAccepted5)
        let isAccepted6 = answering.accepts([1], tag: first)
        #expect(!isAccepted6)
        var (_, late) = try Self.pair()
        let isAccepted7 = late.accepts([2], tag: second)
        #expect(!isAccepted7)
        var (back, _) = try Self.pair()
        let isAccepted8 = back.accepts([1], tag: first)
        #expect(!isAccepted8)
    }

    @Test("nothing of another connection or of another secret is accepted")
    func strangers() throws {
        var (asking, _) = try Self.pair()
        let tag = asking.seal([1])
        var elsewhere = try #require(
            PeerSession(
                secret: "weilin", askingNonce: Self.one, answeringNonce: Self.one,
                answerer: Self.node,
                side: .answering))
        let isAccepted9 = elsewhere.accepts([1], tag: tag)
        #expect(!isAccepted9)
        var (stranger, answering) = try Self.pair("Weilin", "weilin")
        let forged = stranger.seal([1])
        let isAccepted10 = answering.accepts([1], tag: forged)
        #expect(!isAccepted10)
    }

    @Test("a connection that was led to another node comes to nothing")
    func led() throws {
        var (asking, _) = try Self.pair()
        var elsewhere = try #require(
            PeerSession(
                secret: "weilin", askingNonce: Self.one, answeringNonce: Self.other,
                answerer: .v4(IPv4Address(10, 0, 0, 2)), side: .answering))
        #expect(asking.proof != elsewhere.proof)
        let tag = asking.seal([1])
        let isAccepted = elsewhere.accepts([1], tag: tag)
        #expect(!isAccepted)
    }

    @Test("a nonce of another length is none", arguments: [0, 15, 17])
    func nonces(count: Int) {
        let short = [UInt8](repeating: 0, count: count)
        #expect(
            PeerSession(
                secret: "s", askingNonce: short, answeringNonce: Self.one, answerer: Self.node,
                side: .asking) == nil)
        #expect(
            PeerSession(
                secret: "s", askingNonce: Self.one, answeringNonce: short, answerer: Self.node,
                side: .asking) == nil)
    }

    @Test("bytes are read back from their digits, and nothing else is")
    func digits() {
        let bytes = (0...255).map { UInt8($0) }
        #expect(Hexadecimal.bytes(Hexadecimal.text(bytes)) == bytes)
        for text in ["0", "0g", "AB", " 0", "é0"] { #expect(Hexadecimal.bytes(text) == nil) }
    }
}
