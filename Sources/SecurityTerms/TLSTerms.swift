/// What the file says of TLS: whose certificate is shown, whose is trusted, and how connections are
/// encrypted. Paths, not contents: whoever uses them reads the files.
///
/// The rules are those of Redis's own directives of the same names (redis.conf 7.0, TLS/SSL).
public struct TLSTerms: Equatable, Sendable {
    /// A certificate that is shown, and the key that proves it.
    public struct Identity: Equatable, Sendable {
        /// A PEM file: the certificate, then those that signed it, if any.
        public var certificateFile: String
        /// A PEM file.
        public var keyFile: String
        /// What the key is encrypted with; `nil` for a key in clear.
        public var keyPassword: String?

        /// A key in clear unless a password is given.
        public init(certificateFile: String, keyFile: String, keyPassword: String? = nil) {
            self.certificateFile = certificateFile
            self.keyFile = keyFile
            self.keyPassword = keyPassword
        }
    }

    /// Whether clients must show a certificate: `tls-auth-clients`.
    public enum ClientCertificates: String, Equatable, Sendable, CaseIterable {
        /// Whoever has none that is trusted is refused.
        case required = "yes"
        /// None is asked for.
        case unasked = "no"
        /// One that is shown must be trusted; none need be.
        case optional
    }

    /// A version of the protocol, the older the smaller.
    public enum Version: String, Comparable, Sendable, CaseIterable {
        case one = "TLSv1"
        case oneOne = "TLSv1.1"
        case oneTwo = "TLSv1.2"
        case oneThree = "TLSv1.3"

        public static func < (left: Version, right: Version) -> Bool {
            left.rank < right.rank
        }

        /// Its place in the list, from 0.
        public var rank: Int {
            switch self {
            case .one: 0
            case .oneOne: 1
            case .oneTwo: 2
            case .oneThree: 3
            }
        }
    }

    /// `tls-cert-file` and `tls-key-file`; `nil` when nothing is served over TLS.
    public var identity: Identity?
    /// `tls-client-cert-file` and `tls-client-key-file`: shown to servers; `nil`: ``identity`` is.
    public var clientIdentity: Identity?
    /// `tls-ca-cert-file`: a PEM file with the certificates that are trusted.
    public var authorityFile: String?
    /// `tls-ca-cert-dir`: a directory of such files, with names as `openssl rehash` gives them.
    public var authorityDirectory: String?
    /// `tls-auth-clients`.
    public var clientCertificates = ClientCertificates.required
    /// `tls-protocols`: the oldest and the newest that are spoken.
    public var versions = Version.oneTwo...Version.oneThree
    /// `tls-ciphers`, for versions up to 1.2, by OpenSSL's names; empty for the library's own
    /// choice. Each is one of ``cipherNames``.
    public var ciphers: [String] = []
    /// `tls-replication`: the servers speak TLS.
    public var securesServers = false

    /// Nothing is encrypted.
    public init() {}

    /// What servers are shown; `nil`: no certificate.
    public var identityForServers: Identity? { clientIdentity ?? identity }

    /// Whether anybody is named whose word counts.
    public var hasAuthority: Bool { authorityFile != nil || authorityDirectory != nil }

    /// The ciphers of TLS 1.2 and before that may be chosen, by OpenSSL's names, strongest first.
    /// Those without forward secrecy or authentication are left out.
    public static let cipherNames = [
        "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA", "ECDHE-ECDSA-AES128-SHA",
        "ECDHE-RSA-AES128-SHA",
    ]
}
