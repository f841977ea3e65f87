import DirectiveFile
import SecurityTerms

/// The lines about TLS, which are Redis's own: `tls-cert-file` and the like.
extension ConfigurationReader {
    /// Those that name a file or a directory.
    static let securityPaths = [
        "tls-cert-file", "tls-key-file", "tls-client-cert-file", "tls-client-key-file",
        "tls-ca-cert-file", "tls-ca-cert-dir",
    ]

    private static let securityPasswords = ["tls-key-file-pass", "tls-client-key-file-pass"]

    static let securityRules = [
        "tls-replication", "tls-auth-clients", "tls-protocols", "tls-ciphers",
    ]

    /// Legal in Redis, and without effect here, with the reason; only looked up.
    private static let securityIdle = [
        "tls-port": ": `baton listen … tls` says where clients are served over TLS",
        "tls-cluster": "",
        "tls-ciphersuites": ": of TLS 1.3 the library takes each of its three, the fastest first",
        "tls-prefer-server-ciphers": ": the library has an order of its own",
        "tls-dh-params-file": ": only elliptic curves are used",
        "tls-session-caching": ": sessions are resumed by tickets",
        "tls-session-cache-size": ": sessions are resumed by tickets",
        "tls-session-cache-timeout": ": sessions are resumed by tickets",
    ]

    static var securityDirectives: [String] {
        securityPaths + securityPasswords + securityRules + securityIdle.keys.sorted()
    }

    mutating func readSecurity(_ directive: Directive) {
        let words = directive.words
        let name = directive.name
        if let reason = Self.securityIdle[name] {
            return warn(words[0], "'\(words[0].text)' has no effect under `baton run`\(reason)")
        }
        guard facts?.hasTLS != false else {
            return refuse(
                words[0],
                "this Baton was built without TLS, so that '\(words[0].text)' can't be followed; "
                    + "build it with the package trait TLS, which is on unless "
                    + "--disable-default-traits is given")
        }
        guard hasArity(directive, 2...2, "\(name) VALUE") else { return }
        let value = words[1]
        if (Self.securityPaths + Self.securityPasswords).contains(name) {
            // Of a directive given twice the last one counts; Redis switches one off by "".
            draft.security.paths[name] = value.text.isEmpty ? nil : value
            return
        }
        switch name {
        case "tls-replication":
            guard let flag = yesOrNo(value) else { return }
            draft.security.terms.securesServers = flag
            draft.security.serversWord = words[0]
        case "tls-auth-clients":
            guard let rule = TLSTerms.ClientCertificates(rawValue: value.text.lowercased()) else {
                return refuse(value, "'\(value.text)' must be 'yes', 'no' or 'optional'")
            }
            draft.security.terms.clientCertificates = rule
        case "tls-protocols":
            readVersions(value)
        default:
            readCiphers(value)
        }
    }

    private mutating func readVersions(_ word: Directive.Word) {
        var versions: [TLSTerms.Version] = []
        let names = TLSTerms.Version.allCases.map(\.rawValue)
        for name in word.text.split(separator: " ") {
            let version = TLSTerms.Version.allCases.first {
                $0.rawValue.lowercased() == name.lowercased()
            }
            guard let version else {
                return refuse(
                    word,
                    "'\(name)' is no version of TLS: they are \(names.joined(separator: ", "))")
            }
            versions.append(version)
        }
        guard let oldest = versions.min(), let newest = versions.max() else {
            draft.security.terms.versions = TLSTerms().versions
            return
        }
        guard newest.rank - oldest.rank < Set(versions).count else {
            return refuse(
                word,
                "a version between \(oldest.rawValue) and \(newest.rawValue) can't be left out")
        }
        draft.security.terms.versions = oldest...newest
        if newest < .oneTwo {
            warn(word, "\(newest.rawValue) is broken, and most clients refuse it")
        }
    }

    /// OpenSSL's language for them (`HIGH:!aNULL`) is another library's.
    private mutating func readCiphers(_ word: Directive.Word) {
        var ciphers: [String] = []
        guard word.text.uppercased() != "DEFAULT" else {
            draft.security.terms.ciphers = []
            return
        }
        for name in word.text.split(whereSeparator: { ":, ".contains($0) }).map(String.init) {
            guard TLSTerms.cipherNames.contains(name) else {
                return refuseUnknownCipher(word, name)
            }
            ciphers.append(name)
        }
        draft.security.terms.ciphers = ciphers
    }

    private mutating func refuseUnknownCipher(_ word: Directive.Word, _ name: String) {
        let known = TLSTerms.cipherNames
        let near = nearestSpelling(of: name, among: known).map { "; did you mean '\($0)'?" }
        refuse(
            word,
            "'\(name)' is no cipher that can be chosen"
                + (near ?? ": DEFAULT, or names from \(known.joined(separator: ":"))"))
    }

    // MARK: What only the whole file shows

    /// The terms, as far as they fit together.
    mutating func security(_ local: Configuration.Host?) -> TLSTerms {
        var terms = draft.security.terms
        terms.identity = identity("tls-cert-file", "tls-key-file")
        terms.clientIdentity = identity("tls-client-cert-file", "tls-client-key-file")
        terms.authorityFile = draft.security.paths["tls-ca-cert-file"]?.text
        terms.authorityDirectory = draft.security.paths["tls-ca-cert-dir"]?.text
        let listens =
            draft.groups.filter(\.group.readIsSecured).compactMap(\.readWord)
            + draft.groups.flatMap(\.listenWords).filter(\.place.isSecured).map(\.word)
        for word in listens { checkSecured(word, terms) }
        if terms.securesServers, let word = draft.security.serversWord {
            checkServers(word, terms)
        }
        let isServing = local?.role == .balancer && !listens.isEmpty
        if isServing || terms.securesServers {
            checkFiles(terms, isServing: isServing)
        } else if local?.role == .balancer || listens.isEmpty,
            let name = Self.securityPaths.first(where: { draft.security.paths[$0] != nil }),
            let word = draft.security.paths[name]
        {
            warn(
                word,
                "nothing is encrypted with it: write `tls-replication yes` if the servers speak "
                    + "TLS, or `baton listen … tls` for clients that do")
        }
        return terms
    }

    /// A certificate and its key come together.
    private mutating func identity(
        _ certificate: String, _ key: String
    ) -> TLSTerms.Identity? {
        let password = draft.security.paths[key + "-pass"]
        switch (draft.security.paths[certificate], draft.security.paths[key]) {
        case (let certificate?, let key?):
            return TLSTerms.Identity(
                certificateFile: certificate.text, keyFile: key.text, keyPassword: password?.text)
        case (let word?, nil):
            refuse(word, "a certificate needs its key: write `\(key) PATH`")
        case (nil, let word?):
            refuse(word, "a key needs its certificate: write `\(certificate) PATH`")
        case (nil, nil):
            if let password { warn(password, "'\(key)-pass' has no effect without `\(key)`") }
        }
        return nil
    }

    private mutating func checkSecured(_ word: Directive.Word, _ terms: TLSTerms) {
        if terms.identity == nil, draft.security.paths["tls-cert-file"] == nil,
            draft.security.paths["tls-key-file"] == nil
        {
            refuse(
                word,
                "a listener with TLS needs a certificate to show: write `tls-cert-file PATH` and "
                    + "`tls-key-file PATH`")
        } else if !terms.hasAuthority, terms.clientCertificates != .unasked {
            refuse(
                word,
                "clients must show a certificate here, and nobody is named whose signature counts: "
                    + "write `tls-ca-cert-file PATH`, or `tls-auth-clients no` to ask for none")
        }
    }

    private mutating func checkServers(_ word: Directive.Word, _ terms: TLSTerms) {
        if !terms.hasAuthority {
            refuse(
                word,
                "the servers must show a certificate, and nobody is named whose signature counts: "
                    + "write `tls-ca-cert-file PATH`")
        }
        if terms.identityForServers == nil {
            warn(
                word,
                "the servers are shown no certificate, which Redis refuses unless its own "
                    + "`tls-auth-clients` is no; write `tls-cert-file` and `tls-key-file`")
        }
    }

    /// Of the files that this host needs: the file is the same on every host, and not each has all.
    private mutating func checkFiles(_ terms: TLSTerms, isServing: Bool) {
        guard let facts else { return }
        var needed = ["tls-ca-cert-file", "tls-ca-cert-dir"]
        if isServing || terms.clientIdentity == nil { needed += ["tls-cert-file", "tls-key-file"] }
        if terms.securesServers { needed += ["tls-client-cert-file", "tls-client-key-file"] }
        for name in needed {
            guard let word = draft.security.paths[name] else { continue }
            let path = resolved(word.text)
            switch (facts.files[path] ?? .missing, name.hasSuffix("dir")) {
            case (.missing, _):
                refuse(word, "\(path) does not exist on this host")
            case (.unreadable, _):
                refuse(word, "\(path) can't be read by this user")
            case (.directory, false):
                refuse(word, "\(path) is a directory; a PEM file is needed")
            case (.present, true):
                refuse(word, "\(path) is no directory; a single file is `tls-ca-cert-file`'s")
            case (.present(_, let isOpenToAll, let isEmpty), false):
                if isEmpty { refuse(word, "\(path) is empty; a PEM file is needed") }
                if isOpenToAll, name.hasSuffix("key-file") {
                    warn(word, "any user can read \(path); try: chmod 600 \(path)")
                }
            case (.directory, true):
                break
            }
        }
    }
}
