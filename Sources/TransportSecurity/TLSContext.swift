internal import Glibc
public import SecurityTerms

#if TLS
internal import NIOSSL
#endif

/// Certificates and rules, read and ready: what connections that we accept are encrypted with.
///
/// It is made of files once; to read them anew is to make another.
public struct TLSServerContext: Sendable {
    #if TLS
    let context: NIOSSLContext
    #endif

    /// Reads the files that `terms` name.
    ///
    /// - Throws: ``TLSFailure`` that names the file. Without an identity it cannot be called.
    public init(_ terms: TLSTerms) throws(TLSFailure) {
        #if TLS
        guard let identity = terms.identity else {
            preconditionFailure("a server without a certificate")
        }
        var configuration = TLSConfiguration.clientDefault
        let loaded = try TLSFiles.load(identity)
        configuration.certificateChain = loaded.chain.map { .certificate($0) }
        configuration.privateKey = .privateKey(loaded.key)
        switch terms.clientCertificates {
        case .required: configuration.certificateVerification = .noHostnameVerification
        case .optional: configuration.certificateVerification = .optionalVerification
        case .unasked: configuration.certificateVerification = .none
        }
        try configuration.adopt(terms)
        // So that a client with several certificates knows which to show.
        configuration.sendCANameList = terms.clientCertificates != .unasked
        context = try TLSFiles.context(configuration, identity)
        #else
        throw .notBuilt
        #endif
    }
}

/// Certificates and rules, read and ready: what connections that we make are encrypted with.
///
/// A server must show a certificate that is trusted; its name is not looked at, as Redis and
/// Sentinel don't.
public struct TLSClientContext: Sendable {
    #if TLS
    let context: NIOSSLContext
    #endif

    /// Reads the files that `terms` name.
    ///
    /// - Throws: ``TLSFailure`` that names the file.
    public init(_ terms: TLSTerms) throws(TLSFailure) {
        #if TLS
        var configuration = TLSConfiguration.clientDefault
        if let identity = terms.identityForServers {
            let loaded = try TLSFiles.load(identity)
            configuration.certificateChain = loaded.chain.map { .certificate($0) }
            configuration.privateKey = .privateKey(loaded.key)
        }
        configuration.certificateVerification = .noHostnameVerification
        try configuration.adopt(terms)
        context = try TLSFiles.context(configuration, terms.identityForServers)
        #else
        throw .notBuilt
        #endif
    }
}

#if TLS
extension TLSConfiguration {
    /// The one initialiser that leaves both roles open.
    fileprivate static var clientDefault: TLSConfiguration { makeClientConfiguration() }

    /// What is the same for both sides.
    fileprivate mutating func adopt(_ terms: TLSTerms) throws(TLSFailure) {
        minimumTLSVersion = TLSVersion(terms.versions.lowerBound)
        maximumTLSVersion = TLSVersion(terms.versions.upperBound)
        // Only names that are known come here: the library traps on a list of none.
        if !terms.ciphers.isEmpty { cipherSuites = terms.ciphers.joined(separator: ":") }
        renegotiationSupport = .none
        if let path = terms.authorityFile {
            trustRoots = .certificates(try TLSFiles.certificates(at: path))
        }
        if let path = terms.authorityDirectory {
            try TLSFiles.checkDirectory(path)
            if terms.authorityFile == nil {
                trustRoots = .file(path)
            } else {
                additionalTrustRoots = try TLSFiles.certificates(inDirectory: path)
            }
        }
    }
}

extension TLSVersion {
    fileprivate init(_ version: TLSTerms.Version) {
        self =
            switch version {
            case .one: .tlsv1
            case .oneOne: .tlsv11
            case .oneTwo: .tlsv12
            case .oneThree: .tlsv13
            }
    }
}
#endif
