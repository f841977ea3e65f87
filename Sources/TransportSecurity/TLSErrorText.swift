#if TLS
internal import NIOSSL

/// The library's errors in words.
enum TLSErrorText {
    static func text(_ error: any Error) -> String {
        switch error {
        case NIOSSLError.handshakeFailed(let inner): text(inner)
        case NIOSSLError.shutdownFailed(let inner): text(inner)
        case NIOSSLError.uncleanShutdown: "the connection ended without TLS's farewell"
        case BoringSSLError.sslError(let stack): text(stack)
        case BoringSSLError.unknownError(let stack): text(stack)
        case BoringSSLError.syscallError: "the connection ended"
        default: "\(error)"
        }
    }

    /// As ``text(_:)``; `nil` where the connection just ended, which says nothing about TLS.
    static func complaint(_ error: any Error) -> String? {
        switch error {
        case NIOSSLError.handshakeFailed(let inner): complaint(inner)
        case BoringSSLError.sslError(let stack):
            stack.first == .eofDuringHandshake ? nil : text(stack)
        case BoringSSLError.unknownError(let stack): text(stack)
        default: nil
        }
    }

    /// The first of the stack is what went wrong; the rest is where.
    private static func text(_ stack: NIOBoringSSLErrorStack) -> String {
        guard let first = stack.first else { return "no reason is given" }
        return plain("\(first)")
    }

    /// From `Error: 268436644 error:10000412:SSL routines:OPENSSL_internal:SSLV3_ALERT_… at /…:1`
    /// the part that says something, with a sentence for what is met most.
    private static func plain(_ description: String) -> String {
        let line = description.split(separator: " at /").first.map(String.init) ?? description
        let name = line.split(separator: ":").last.map(String.init) ?? line
        return sentences[name] ?? name.replacing("_", with: " ").lowercased()
    }

    /// Only looked up: order never reaches an effect.
    private static let sentences = [
        "HTTP_REQUEST": "it speaks HTTP, not TLS",
        "WRONG_VERSION_NUMBER": "it does not speak TLS",
        "PEER_DID_NOT_RETURN_A_CERTIFICATE": "it shows no certificate, and one is required",
        "CERTIFICATE_VERIFY_FAILED":
            "its certificate is signed by nobody who is trusted (tls-ca-cert-file), or has "
            + "expired",
        "UNSUPPORTED_PROTOCOL": "it speaks only versions of TLS that are not spoken here",
        "NO_SHARED_CIPHER": "it knows none of the ciphers that are spoken here",
        "TLSV1_ALERT_UNKNOWN_CA": "it does not trust our certificate's signer",
        "TLSV1_ALERT_CERTIFICATE_REQUIRED": "it requires a certificate, and was shown none",
        "TLSV1_CERTIFICATE_REQUIRED": "it requires a certificate, and was shown none",
        "SSLV3_ALERT_BAD_CERTIFICATE": "it refuses our certificate",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED": "it says that our certificate has expired",
        "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "it does not accept our certificate",
        "SSLV3_ALERT_HANDSHAKE_FAILURE":
            "it refuses the handshake: no certificate that it wants, or no common version or "
            + "cipher",
        "TLSV1_ALERT_PROTOCOL_VERSION": "it speaks none of the versions of TLS offered",
        "EOF during handshake": "it closed the connection within the handshake",
    ]
}
#endif
