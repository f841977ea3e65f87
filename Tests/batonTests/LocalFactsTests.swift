import Addressing
import Configuration
import Glibc
import Testing

@testable import baton

@Suite("Facts of this machine")
struct LocalFactsTests {
    @Test("loopback is among its interfaces, with the length of its network")
    func loopback() throws {
        let loopback = try #require(LocalFacts.interfaces().first { $0.name == "lo" })
        #expect(loopback.addresses.contains(try #require(Prefix("127.0.0.1/8"))))
    }

    @Test("a file is told by whether it is there, can be read, be executed, and holds anything")
    func files() throws {
        var template = Array("/tmp/baton-facts-XXXXXX\0".utf8CString.dropLast())
        let directory = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer { rmdir(directory) }
        let path = directory + "/secret"
        #expect(LocalFacts.file(at: path) == .missing)
        #expect(LocalFacts.file(at: directory) == .directory)

        let descriptor = open(path, O_CREAT | O_WRONLY, 0o600)
        defer { unlink(path) }
        #expect(
            LocalFacts.file(at: path)
                == .present(isExecutable: false, isOpenToAll: false, isEmpty: true))
        _ = "\n  \t".withCString { write(descriptor, $0, 4) }
        #expect(
            LocalFacts.file(at: path)
                == .present(isExecutable: false, isOpenToAll: false, isEmpty: true))
        _ = "s3cret".withCString { write(descriptor, $0, 6) }
        close(descriptor)
        #expect(
            LocalFacts.file(at: path)
                == .present(isExecutable: false, isOpenToAll: false, isEmpty: false))
        chmod(path, 0o755)
        #expect(
            LocalFacts.file(at: path)
                == .present(isExecutable: true, isOpenToAll: true, isEmpty: false))
    }
}
