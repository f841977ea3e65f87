import Testing

@testable import SentinelDriver

@Suite("The cluster's secret")
struct CredentialsTests {
    @Test("only the secret itself matches", arguments: ["geheim", "x"])
    func match(_ secret: String) {
        let shared = ClusterSecret.shared(secret)
        #expect(shared.isMatched(by: Array(secret.utf8)))
        #expect(!shared.isMatched(by: Array((secret + secret).utf8)))
        #expect(!shared.isMatched(by: Array(secret.dropLast().utf8)))
        #expect(!shared.isMatched(by: Array((secret.dropLast() + "?").utf8)))
        #expect(!shared.isMatched(by: []))
    }

    @Test("no secret, or an empty one, is matched by nothing")
    func noSecret() {
        #expect(!ClusterSecret.none.isMatched(by: []))
        #expect(!ClusterSecret.shared("").isMatched(by: []))
        #expect(!ClusterSecret.shared("").isMatched(by: [1]))
    }
}
