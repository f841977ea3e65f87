import Testing

@testable import Netlink

@Suite("The kernel's verdicts")
struct AcknowledgementTests {
    @Test("a refusal carries its number and the kernel's words")
    func refusal() throws {
        let message = try #require(Message.scan(Samples.refusal)?.first)
        let verdict = try #require(Acknowledgement(message))
        #expect(verdict.errno == 22)
        #expect(verdict.explanation == "why?")
    }

    @Test("words behind a repeated request are found as well")
    func uncapped() throws {
        // The flags say "not capped": the request's eight octets of body stand before the words.
        var bytes = Samples.refusal
        bytes[7] = 0x02
        bytes[0] += 8
        bytes[20] = 24
        bytes.insert(contentsOf: Array(repeating: 0, count: 8), at: 36)
        let message = try #require(Message.scan(bytes)?.first)
        #expect(Acknowledgement(message)?.explanation == "why?")
    }

    @Test("success is number 0 and no words")
    func success() throws {
        let bytes: [UInt8] =
            [20, 0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0]
            + [0, 0, 0, 0]
        let message = try #require(Message.scan(bytes)?.first)
        let verdict = try #require(Acknowledgement(message))
        #expect(verdict.errno == 0)
        #expect(verdict.explanation.isEmpty)
    }

    @Test("a number that cannot be negated is no crash")
    func extreme() throws {
        let bytes: [UInt8] =
            [20, 0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0]
            + [0, 0, 0, 0x80]
        let message = try #require(Message.scan(bytes)?.first)
        #expect(Acknowledgement(message)?.errno == .max)
    }
}
