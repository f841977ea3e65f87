internal import NIOCore
internal import SecurityTerms
internal import SentinelFile
internal import TransportSecurity

/// What a drop-in Sentinel's port and links are encrypted with, by the `tls-…` lines of its file.
struct PortSecurity: Sendable {
    /// Of `tls-port`; `nil`: there is none.
    var clients: TLSServerContext?
    /// Of links, with `tls-replication`; `nil`: these are in clear.
    var links: TLSClientContext?

    /// Reads the certificates.
    ///
    /// - Throws: ``PortListener/Failure`` that names the file or the line that is missing.
    init(_ options: ServerOptions) throws(PortListener.Failure) {
        let terms = TLSTerms(options)
        guard options.tlsPort == 0 || terms.identity != nil else {
            throw PortListener.Failure(
                description: "tls-port is \(options.tlsPort), and there is no certificate: write"
                    + " tls-cert-file and tls-key-file")
        }
        do throws(TLSFailure) {
            if options.tlsPort != 0 { clients = try TLSServerContext(terms) }
            if options.linksUseTLS { links = try TLSClientContext(terms) }
        } catch {
            throw PortListener.Failure(description: "\(error)")
        }
    }

    /// Prepares a client's connection to `tls-port`.
    var accept: (@Sendable (any Channel) throws -> Void)? {
        guard let clients else { return nil }
        return { channel in
            let handler = try clients.handler()
            try channel.pipeline.syncOperations.addHandler(handler)
        }
    }
}

extension TLSTerms {
    /// The lines of a Sentinel's file, which are redis.conf's.
    init(_ options: ServerOptions) {
        self.init()
        identity = Self.identity(options, "tls-")
        clientIdentity = Self.identity(options, "tls-client-")
        authorityFile = options.path("tls-ca-cert-file")
        authorityDirectory = options.path("tls-ca-cert-dir")
        clientCertificates =
            options.value("tls-auth-clients").flatMap(ClientCertificates.init) ?? .required
        let wanted = (options.value("tls-protocols") ?? "").split(separator: " ").compactMap {
            word in
            Version.allCases.first { $0.rawValue.lowercased() == word.lowercased() }
        }
        if let oldest = wanted.min(), let newest = wanted.max() { versions = oldest...newest }
        // Names that OpenSSL knows and we don't, and its patterns, choose nothing here.
        ciphers = (options.value("tls-ciphers") ?? "").split(separator: ":").map(String.init)
            .filter { Self.cipherNames.contains($0) }
        securesServers = options.linksUseTLS
    }

    private static func identity(_ options: ServerOptions, _ prefix: String) -> Identity? {
        guard let certificate = options.path(prefix + "cert-file"),
            let key = options.path(prefix + "key-file")
        else { return nil }
        return Identity(
            certificateFile: certificate, keyFile: key,
            keyPassword: options.path(prefix + "key-file-pass"))
    }
}

extension ServerOptions {
    /// A directive's value; `nil` for an empty one.
    fileprivate func path(_ name: String) -> String? {
        value(name).flatMap { $0.isEmpty ? nil : $0 }
    }
}
