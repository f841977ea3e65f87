internal import Glibc
public import SecurityTerms

/// Certificates and keys for one test, made by openssl in a directory that goes with it.
public final class CertificateFixture: Sendable {
    /// What could not be made.
    public struct Failure: Error {
        public var description: String
    }

    /// Where everything lies.
    public let directory: String

    /// Who signed `server` and `client`.
    public var authority: String { path("ca.crt") }
    /// Signed by `authority`.
    public var server: TLSTerms.Identity { identity("server") }
    /// Signed by `authority`.
    public var client: TLSTerms.Identity { identity("client") }
    /// Signed by itself.
    public var stranger: TLSTerms.Identity { identity("stranger") }
    /// The key of `server`, encrypted with `password`.
    public var lockedKey: String { path("locked.key") }
    public let password = "correct horse"

    /// Elliptic keys, since those of RSA take a second to make.
    public init() throws {
        var template = Array("/tmp/baton-certificates-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(description: "mkdtemp \(errno)") }
        directory = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try selfSigned("ca")
        try selfSigned("stranger")
        try issue("server")
        try issue("client")
        try openssl([
            "ec", "-in", path("server.key"), "-aes256", "-passout", "pass:\(password)", "-out",
            lockedKey,
        ])
    }

    deinit {
        guard let listing = opendir(directory) else { return }
        while let entry = readdir(listing) {
            withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { name in
                    _ = unlink("\(directory)/\(String(cString: name))")
                }
            }
        }
        closedir(listing)
        rmdir(directory)
    }

    /// The terms of a balancer whose servers and clients know `authority`.
    public var terms: TLSTerms {
        var terms = TLSTerms()
        terms.identity = server
        terms.clientIdentity = client
        terms.authorityFile = authority
        return terms
    }

    public func path(_ name: String) -> String { "\(directory)/\(name)" }

    public func identity(_ name: String) -> TLSTerms.Identity {
        TLSTerms.Identity(certificateFile: path("\(name).crt"), keyFile: path("\(name).key"))
    }

    /// Puts a file into the directory; its path.
    public func write(_ text: String, to name: String) throws -> String {
        guard let file = fopen(path(name), "w") else { throw Failure(description: name) }
        fputs(text, file)
        fclose(file)
        return path(name)
    }

    private static let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]

    private func selfSigned(_ name: String) throws {
        try openssl(
            ["req", "-x509"] + Self.curve + [
                "-keyout", path("\(name).key"), "-out", path("\(name).crt"), "-days", "2",
                "-subj", "/CN=\(name)",
            ])
    }

    /// A certificate of that name, signed by `authority`; of an old one the place is taken.
    public func issue(_ name: String) throws {
        try openssl(
            ["req"] + Self.curve + [
                "-keyout", path("\(name).key"), "-out", path("\(name).csr"), "-subj", "/CN=\(name)",
            ])
        try openssl([
            "x509", "-req", "-in", path("\(name).csr"), "-CA", authority, "-CAkey", path("ca.key"),
            "-CAcreateserial", "-out", path("\(name).crt"), "-days", "2",
        ])
    }

    private func openssl(_ arguments: [String]) throws {
        var words: [UnsafeMutablePointer<CChar>?] = (["openssl"] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var pid = pid_t()
        guard posix_spawnp(&pid, "openssl", &actions, nil, words, environ) == 0 else {
            throw Failure(description: "openssl can't be started; apt-get install openssl")
        }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else {
            throw Failure(description: "openssl \(arguments.joined(separator: " ")): \(status)")
        }
    }
}
