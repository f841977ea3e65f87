#if TLS
internal import Glibc
internal import NIOSSL
internal import SecurityTerms

/// Reads the files of certificates and keys, and says what is wrong with them: which file, and
/// what.
enum TLSFiles {
    /// No chain, list of authorities or key is larger; Debian's list of all is a quarter of it.
    static let byteCountMax = 1 << 20

    /// A certificate with those that signed it, and its key.
    static func load(
        _ identity: TLSTerms.Identity
    ) throws(TLSFailure) -> (chain: [NIOSSLCertificate], key: NIOSSLPrivateKey) {
        let chain = try certificates(at: identity.certificateFile)
        return (chain, try key(of: identity))
    }

    /// At least one.
    static func certificates(at path: String) throws(TLSFailure) -> [NIOSSLCertificate] {
        let bytes = try contents(of: path)
        let found: [NIOSSLCertificate]
        do {
            found = try NIOSSLCertificate.fromPEMBytes(bytes)
        } catch {
            throw .file(
                path,
                "holds no certificate in PEM form (-----BEGIN CERTIFICATE-----), or a broken "
                    + "one")
        }
        guard !found.isEmpty else {
            throw .file(path, "holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)")
        }
        return found
    }

    private static func key(of identity: TLSTerms.Identity) throws(TLSFailure)
        -> NIOSSLPrivateKey
    {
        let path = identity.keyFile
        let bytes = try contents(of: path)
        let text = String(decoding: bytes, as: UTF8.self)
        // Asked without a callback the library would ask the terminal.
        let password = Array((identity.keyPassword ?? "").utf8)
        do {
            return try NIOSSLPrivateKey(bytes: bytes, format: .pem) { (setter) in
                setter(password)
            }
        } catch {
            guard text.contains("PRIVATE KEY-----") else {
                throw .file(
                    path, "holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)")
            }
            guard text.contains("ENCRYPTED") else {
                throw .file(path, "holds a private key that cannot be read: it is damaged")
            }
            throw .file(
                path,
                identity.keyPassword == nil
                    ? "holds a key with a password, which no line gives (tls-key-file-pass)"
                    : "holds a key that the given password does not open")
        }
    }

    /// A context, with what does not fit told apart: the chain alone first.
    static func context(
        _ configuration: TLSConfiguration, _ identity: TLSTerms.Identity?
    ) throws(TLSFailure) -> NIOSSLContext {
        var keyless = configuration
        keyless.privateKey = nil
        do {
            _ = try NIOSSLContext(configuration: keyless)
        } catch {
            throw .library(
                "the library refuses these certificates: \(TLSErrorText.text(error))")
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            guard let identity else { throw .library(TLSErrorText.text(error)) }
            throw .mismatch(certificate: identity.certificateFile, key: identity.keyFile)
        }
    }

    /// The certificates of a directory, for where it stands beside a file.
    static func certificates(
        inDirectory path: String
    ) throws(TLSFailure) -> [NIOSSLAdditionalTrustRoots] {
        guard let directory = opendir(path) else { throw .file(path, reason(errno)) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if isRehashed(name) { names.append(name) }
        }
        var roots: [NIOSSLCertificate] = []
        for name in names.sorted() { roots += try certificates(at: "\(path)/\(name)") }
        return [.certificates(roots)]
    }

    /// `9d66eef0.0`: eight digits of a hash, and a number.
    private static func isRehashed(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 2 && parts[0].count == 8 && parts[0].allSatisfy(\.isHexDigit)
            && !parts[1].isEmpty && parts[1].allSatisfy(\.isNumber)
    }

    static func checkDirectory(_ path: String) throws(TLSFailure) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .file(path, reason(errno)) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .file(path, "is no directory; a single file is tls-ca-cert-file's")
        }
        guard access(path, R_OK | X_OK) == 0 else { throw .file(path, reason(errno)) }
    }

    private static func contents(of path: String) throws(TLSFailure) -> [UInt8] {
        // Not to wait for the other end of a named pipe.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .file(path, reason(errno)) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = part.withUnsafeMutableBytes {
                read(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .file(path, reason(errno)) }
            guard count > 0 else { break }
            bytes += part[..<count]
            guard bytes.count <= byteCountMax else {
                throw .file(path, "is larger than 1 MiB, which no certificate or key is")
            }
        }
        guard !bytes.isEmpty else { throw .file(path, "is empty") }
        return bytes
    }

    private static func reason(_ code: Int32) -> String {
        switch code {
        case ENOENT, ENOTDIR: "does not exist"
        case EISDIR: "is a directory; a file is needed"
        case EACCES: "can't be read by this user (permission denied)"
        default: "can't be read: \(String(cString: strerror(code)))"
        }
    }
}
#endif
