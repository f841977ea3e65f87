import Testing

@testable import BalancerCore

@Suite("Identity")
struct IdentityTests {
    private static func text(_ identity: Identity) -> [String] {
        identity.greeting.map { step in
            identity.request(step).map { String(decoding: $0, as: UTF8.self) }
                .joined(separator: " ")
        }
    }

    @Test("whoever has shown nothing needs no greeting")
    func base() {
        #expect(Self.text(Identity()).isEmpty)
    }

    @Test("a greeting says user, protocol and database")
    func greetings() {
        var identity = Identity()
        identity.database = 3
        identity.credentials = .init(user: nil, password: Array("p".utf8))
        #expect(Self.text(identity) == ["AUTH p", "SELECT 3"])
        identity.credentials = .init(user: Array("u".utf8), password: Array("p".utf8))
        #expect(Self.text(identity) == ["AUTH u p", "SELECT 3"])
        identity.version = 3
        #expect(Self.text(identity) == ["HELLO 3 AUTH u p", "SELECT 3"])
        identity.credentials?.user = nil
        #expect(Self.text(identity) == ["HELLO 3 AUTH default p", "SELECT 3"])
    }
}
