internal import Addressing
internal import Crypto

/// What two nodes say to each other over one connection, authenticated with the cluster's secret.
///
/// Both draw a nonce for the connection; what follows is keyed with both, so that nothing of
/// another connection can be said again on this one. Each direction counts its messages, so that
/// none can be repeated, left out or reordered; and each direction has a key of its own, so that
/// none can be thrown back. The answering node's address is part of the keys: a connection that
/// somebody leads to another node of the cluster, or back to the one that asks, comes to nothing.
/// HMAC-SHA-256 (RFC 2104, FIPS 198-1). Nothing is kept secret: what nodes say is no secret, only
/// who says it matters.
struct PeerSession {
    /// Which end of the connection this is.
    enum Side {
        /// Opened it.
        case asking
        /// Accepted it.
        case answering
    }

    static let nonceByteCount = 16
    private static let version = "baton peer 1"

    private let answeringKey: SymmetricKey
    private let sendingKey: SymmetricKey
    private let receivingKey: SymmetricKey
    private var sentCount: UInt64 = 0
    private var receivedCount: UInt64 = 0

    /// `nil` when a nonce has not its length.
    init?(
        secret: String, askingNonce: [UInt8], answeringNonce: [UInt8], answerer: IPAddress,
        side: Side
    ) {
        guard askingNonce.count == Self.nonceByteCount,
            answeringNonce.count == Self.nonceByteCount
        else { return nil }
        let nonces = askingNonce + answeringNonce
        let asking = Self.key(secret, "asking \(answerer)", nonces)
        let answering = Self.key(secret, "answering \(answerer)", nonces)
        answeringKey = answering
        switch side {
        case .asking: (sendingKey, receivingKey) = (asking, answering)
        case .answering: (sendingKey, receivingKey) = (answering, asking)
        }
    }

    /// By what the answering side shows, with its nonce, that it knows the secret.
    var proof: String {
        Hexadecimal.text(
            Array(
                HMAC<SHA256>.authenticationCode(
                    for: Array("\(Self.version) proof".utf8), using: answeringKey)))
    }

    private static func key(
        _ secret: String, _ role: String, _ nonces: [UInt8]
    ) -> SymmetricKey {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("\(version) \(role) ".utf8) + nonces,
            using: SymmetricKey(data: Array(secret.utf8)))
        return SymmetricKey(data: code)
    }

    /// The tag of the next message that this end sends: 64 hexadecimal digits.
    mutating func seal(_ message: [UInt8]) -> String {
        sentCount += 1
        return Hexadecimal.text(Self.code(message, number: sentCount, key: sendingKey))
    }

    /// Whether the next message that came is the other end's; a session in which one was not is
    /// over.
    mutating func accepts(_ message: [UInt8], tag: String) -> Bool {
        receivedCount += 1
        guard let given = Hexadecimal.bytes(tag) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(
            given, authenticating: Self.numbered(message, receivedCount), using: receivingKey)
    }

    private static func code(
        _ message: [UInt8], number: UInt64, key: SymmetricKey
    ) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: numbered(message, number), using: key))
    }

    private static func numbered(_ message: [UInt8], _ number: UInt64) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian, Array.init) + message
    }
}

/// Bytes as lower-case hexadecimal digits, for words of RESP.
enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    static func text(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// `nil` for anything but pairs of such digits.
    static func bytes(_ text: String) -> [UInt8]? {
        let values = text.utf8.map { digits.firstIndex(of: $0) }
        guard values.count % 2 == 0, !values.contains(nil) else { return nil }
        return stride(from: 0, to: values.count, by: 2).map {
            UInt8(values[$0]! << 4 | values[$0 + 1]!)
        }
    }
}
