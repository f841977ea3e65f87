import CertificateFixture
import SecurityTerms
import Testing
import TransportSecurity

@Suite(
    "Certificates that are read", .enabled(if: TLSSupport.isBuilt), .timeLimit(.minutes(1)))
struct TLSContextTests {
    /// Why a server cannot be made of `terms`.
    private func failure(of terms: TLSTerms) -> TLSFailure? {
        do throws(TLSFailure) {
            _ = try TLSServerContext(terms)
            return nil
        } catch {
            return error
        }
    }

    @Test("what is in order is taken, with a password and with a directory of authorities")
    func takes() throws {
        let fixture = try CertificateFixture()
        #expect(failure(of: fixture.terms) == nil)
        var terms = fixture.terms
        terms.identity?.keyFile = fixture.lockedKey
        terms.identity?.keyPassword = fixture.password
        terms.authorityDirectory = fixture.directory
        terms.ciphers = Array(TLSTerms.cipherNames)
        #expect(failure(of: terms) == nil)
        terms.authorityFile = nil
        #expect(failure(of: terms) == nil)
        _ = try TLSClientContext(terms)
    }

    @Test("each name of a cipher is one that the library knows", arguments: TLSTerms.cipherNames)
    func cipher(_ name: String) throws {
        let fixture = try CertificateFixture()
        var terms = fixture.terms
        terms.ciphers = [name]
        #expect(failure(of: terms) == nil)
    }

    @Test("a file that is not there is named")
    func missing() throws {
        let fixture = try CertificateFixture()
        for change in [\TLSTerms.Identity.certificateFile, \.keyFile] {
            var terms = fixture.terms
            terms.identity?[keyPath: change] = "/nowhere/a.pem"
            #expect(failure(of: terms) == .file("/nowhere/a.pem", "does not exist"))
        }
        var terms = fixture.terms
        terms.authorityFile = "/nowhere/ca.crt"
        #expect(failure(of: terms) == .file("/nowhere/ca.crt", "does not exist"))
        terms = fixture.terms
        terms.authorityDirectory = "/nowhere"
        #expect(failure(of: terms) == .file("/nowhere", "does not exist"))
    }

    @Test("a file that is none, empty, or something else is named, with what is wrong")
    func confused() throws {
        let fixture = try CertificateFixture()
        let cases: [(String, String)] = [
            (fixture.directory, "is a directory; a file is needed"),
            (try fixture.write("", to: "empty.crt"), "is empty"),
            (
                try fixture.write("hello\n", to: "text.crt"),
                "holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)"
            ),
            (
                fixture.server.keyFile,
                "holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)"
            ),
        ]
        for (path, reason) in cases {
            var terms = fixture.terms
            terms.identity?.certificateFile = path
            let failure = failure(of: terms)
            #expect(failure?.path == path)
            #expect(
                failure?.description.hasPrefix("\(path) \(reason)") == true, "\(failure as Any)")
        }
        var terms = fixture.terms
        terms.identity?.keyFile = fixture.authority
        #expect(
            failure(of: terms)
                == .file(
                    fixture.authority,
                    "holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)"))
    }

    @Test("a key of another certificate is told from one that can't be read")
    func mismatch() throws {
        let fixture = try CertificateFixture()
        var terms = fixture.terms
        terms.identity?.keyFile = fixture.stranger.keyFile
        #expect(
            failure(of: terms)
                == .mismatch(
                    certificate: fixture.server.certificateFile, key: fixture.stranger.keyFile))
    }

    @Test("a key with a password says whether none was given or another is needed")
    func locked() throws {
        let fixture = try CertificateFixture()
        var terms = fixture.terms
        terms.identity?.keyFile = fixture.lockedKey
        #expect(failure(of: terms)?.description.contains("tls-key-file-pass") == true)
        terms.identity?.keyPassword = "wrong"
        #expect(
            failure(of: terms)
                == .file(fixture.lockedKey, "holds a key that the given password does not open"))
    }
}
