import Glibc
import Testing

@testable import SentinelDriver

@Suite("A file that is replaced as a whole")
struct DurableFileTests {
    @Test("holds the new bytes, with the mode that was asked for, and leaves nothing beside it")
    func replaced() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/s.conf"
        directory.put(Array("old".utf8), "s.conf")
        try DurableFile.replace(path, with: Array("new".utf8), mode: 0o640)
        #expect(directory.contents("s.conf") == "new")
        #expect(directory.names() == ["s.conf"])
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o640)
    }

    @Test("is left alone when the path is a directory, or the directory is missing")
    func impossible() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/s.conf"
        mkdir(path, 0o755)
        defer { rmdir(path) }
        #expect(throws: DurableFile.Failure(path: path, call: "open", code: EISDIR)) {
            try DurableFile.replace(path, with: [], mode: 0o644)
        }
        #expect(directory.names() == ["s.conf"])
        #expect(throws: DurableFile.Failure.self) {
            try DurableFile.replace(directory.path + "/nope/s", with: [], mode: 0o644)
        }
    }
}
