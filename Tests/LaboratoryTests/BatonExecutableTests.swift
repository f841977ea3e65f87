import Testing

@testable import Laboratory

@Suite("Finding the programs of the repository")
struct BatonExecutableTests {
    @Test("a file is found in the nearest directory above that has it")
    func above() {
        #expect(
            BatonExecutable.firstAbove("/usr/share/nowhere", holding: "bin/sh") == "/usr/bin/sh")
        #expect(BatonExecutable.firstAbove("/usr/share", holding: "no/such/file") == nil)
    }
}
