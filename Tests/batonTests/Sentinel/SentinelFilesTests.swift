import Glibc
import Testing

@testable import baton

@Suite("A Sentinel's configuration file on this host")
struct SentinelFilesTests {
    @Test("is refused when it is missing or wrong, by the place")
    func refused() throws {
        #expect(throws: Refusal.self) {
            try SentinelFiles.read("/nope/s.conf", directives: [])
        }
        var template = Array("/tmp/baton-test-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        try #require(descriptor >= 0)
        let path = String(
            decoding: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer { unlink(path) }
        #expect(write(descriptor, "foo 1\n", 6) == 6)
        close(descriptor)
        do throws(Refusal) {
            _ = try SentinelFiles.read(path, directives: [])
            Issue.record("taken")
        } catch {
            #expect(error.sentence.contains("\(path):1:1: foo is no directive"))
            #expect(error.status == 1)
        }
    }
}
