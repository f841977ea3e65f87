import Testing

@testable import BalancerDriver

@Suite("Poller")
struct PollerTests {
    @Test(
        "a token comes back from the kernel as it went",
        arguments: [
            Token.listener(0), .listener(7), .mailbox, .client(slot: 0, generation: 1),
            .client(slot: UInt32.max, generation: Token.generationMask),
            .upstream(slot: 3, generation: 5),
        ])
    func tokens(token: Token) {
        #expect(Token(bits: token.bits) == token)
    }
}
