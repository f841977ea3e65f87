import BalancerDriver
import Configuration
import DirectiveFile
import SecurityTerms
import TransportSecurity

/// Reads the certificates and keys that this host needs by its file.
enum SecurityFiles {
    /// For a balancer, its clients and its servers. Relative paths begin where the process works.
    ///
    /// - Throws: ``Refusal`` that names the file which can't be used.
    static func forBalancer(_ configuration: Configuration) throws(Refusal) -> BalancerSecurity {
        do throws(TLSFailure) {
            return try load(configuration, configuration.security)
        } catch {
            throw Refusal("TLS can't be spoken: \(error)")
        }
    }

    /// For connections to servers; `nil` where they don't speak TLS.
    ///
    /// - Throws: ``Refusal`` that names the file which can't be used.
    static func forServers(_ configuration: Configuration) throws(Refusal) -> TLSClientContext? {
        try forBalancer(configuration).servers
    }

    private static func load(
        _ configuration: Configuration, _ terms: TLSTerms
    ) throws(TLSFailure) -> BalancerSecurity {
        var security = BalancerSecurity()
        let isServing =
            configuration.local.role == .balancer
            && configuration.groups.contains { group in
                group.readIsSecured || group.listeners.contains(where: \.isSecured)
            }
        if isServing { security.clients = try TLSServerContext(terms) }
        if terms.securesServers { security.servers = try TLSClientContext(terms) }
        return security
    }

    /// What a sound file does not show: whether those that it names can be used. Said where they
    /// are named.
    static func problems(of configuration: Configuration, in document: Document) -> [Problem] {
        do throws(TLSFailure) {
            _ = try load(configuration, configuration.relocatedSecurity)
            return []
        } catch {
            let word = document.directives.lazy
                .filter { $0.name.hasPrefix("tls-") && $0.words.count == 2 }
                .map { $0.words[1] }
                .last { configuration.relocated($0.text) == error.path }
            return [
                Problem(line: word?.line ?? 0, column: word?.column ?? 0, message: "\(error)")
            ]
        }
    }
}

extension Configuration {
    /// A path as it is found before the process works in `dir`.
    fileprivate func relocated(_ path: String) -> String {
        guard let directory, !path.hasPrefix("/") else { return path }
        return directory.hasSuffix("/") ? directory + path : directory + "/" + path
    }

    fileprivate var relocatedSecurity: TLSTerms {
        var terms = security
        for identity in [\TLSTerms.identity, \.clientIdentity] {
            guard var files = terms[keyPath: identity] else { continue }
            files.certificateFile = relocated(files.certificateFile)
            files.keyFile = relocated(files.keyFile)
            terms[keyPath: identity] = files
        }
        terms.authorityFile = terms.authorityFile.map(relocated)
        terms.authorityDirectory = terms.authorityDirectory.map(relocated)
        return terms
    }
}
