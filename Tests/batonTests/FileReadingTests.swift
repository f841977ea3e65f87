import Glibc
import Testing

@testable import baton

@Suite("Reading a file that the user named")
struct FileReadingTests {
    @Test(
        "fails with a sentence about the file",
        arguments: [
            ("/nowhere/baton.conf", "/nowhere/baton.conf does not exist"),
            ("/tmp", "/tmp is a directory; a file is needed"),
            ("/etc/passwd/x", "/etc/passwd/x does not exist: a part of the path is no directory"),
        ])
    func fails(path: String, sentence: String) {
        #expect(
            FileReading.bytes(at: path, byteCountMax: 10)
                == .failure(FileReading.Failure(sentence: sentence)))
    }

    @Test("reads no more than was asked for")
    func bounded() throws {
        let bytes = try FileReading.bytes(at: "/proc/self/maps", byteCountMax: 100).get()
        #expect(bytes.count == 100)
        #expect(try FileReading.bytes(at: "/dev/null", byteCountMax: 100).get() == [])
    }
}
