/// Why TLS cannot be spoken, or a connection of it ended.
public enum TLSFailure: Error, Equatable, Sendable {
    /// A file cannot be used: its path, and what is wrong with it.
    case file(String, String)
    /// The certificate of the first path does not belong to the key of the second.
    case mismatch(certificate: String, key: String)
    /// This Baton was built without TLS (the package trait `TLS`).
    case notBuilt
    /// Something else that the library says.
    case library(String)
}

extension TLSFailure: CustomStringConvertible {
    /// A sentence for the operator, without a full stop.
    public var description: String {
        switch self {
        case .file(let path, let reason):
            "\(path) \(reason)"
        case .mismatch(let certificate, let key):
            "the key in \(key) is not that of the certificate in \(certificate); the two must be "
                + "of one pair"
        case .notBuilt:
            "this Baton was built without TLS; build it with the package trait TLS, which is on "
                + "unless --disable-default-traits is given"
        case .library(let text):
            text
        }
    }

    /// The file that is to blame; `nil` when it is none.
    public var path: String? {
        switch self {
        case .file(let path, _): path
        case .mismatch(_, let key): key
        case .notBuilt, .library: nil
        }
    }
}
