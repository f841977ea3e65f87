/// What a server of a group wants to hear before it answers.
public struct Credentials: Equatable, Sendable {
    /// The ACL user; `nil` is the default user, the only one before Redis 6.
    public var user: String?
    /// Sent in clear, as Redis's protocol has it.
    public var password: String

    /// A password, for the default user unless one is named.
    public init(user: String? = nil, password: String) {
        self.user = user
        self.password = password
    }
}

/// What the nodes of one cluster know and nobody else.
public enum ClusterSecret: Equatable, Sendable {
    /// Any host may speak as a peer. For a network that is closed by other means.
    case none
    /// Keys what nodes say to each other; operators' tools show it by `AUTH`.
    case shared(String)

    /// Whether `bytes` are the secret; takes the same time wherever they differ, so that the
    /// secret cannot be guessed byte by byte.
    func isMatched(by bytes: [UInt8]) -> Bool {
        guard case .shared(let secret) = self else { return false }
        let expected = Array(secret.utf8)
        var difference = UInt8(expected.count == bytes.count ? 0 : 1)
        for (index, byte) in bytes.enumerated() {
            difference |= byte ^ (expected.isEmpty ? 1 : expected[index % expected.count])
        }
        return difference == 0 && !expected.isEmpty
    }
}
