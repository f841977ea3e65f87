import Testing

@testable import SentinelDriver

@Suite("The secret's file")
struct SecretFileTests {
    let directory = try! TemporaryDirectory()

    private func secret(_ text: String) throws(SecretFileError) -> ClusterSecret {
        directory.put(Array(text.utf8), "secret")
        return try ClusterSecret(file: directory.path + "/secret")
    }

    @Test("its first line counts, without the spaces around it")
    func firstLine() throws {
        #expect(try secret("geheim") == .shared("geheim"))
        #expect(try secret("  ge heim \r\nsecond\n") == .shared("ge heim"))
    }

    @Test("a missing, empty or endless one is refused with its name")
    func refused() {
        let missing = #expect(throws: SecretFileError.self) {
            try ClusterSecret(file: directory.path + "/none")
        }
        #expect(missing?.description.contains(directory.path + "/none") == true)
        #expect(throws: SecretFileError.self) { try secret("") }
        #expect(throws: SecretFileError.self) { try secret("\nsecond") }
        #expect(throws: SecretFileError.self) { try secret(String(repeating: "x", count: 513)) }
    }
}
