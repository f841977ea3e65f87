import MonotonicTime
import SentinelFile
import SentinelPort
import Testing

@testable import SentinelDriver

@Suite("A Sentinel's port before it is opened")
struct PortExaminationTests {
    private static func examine(_ text: String) throws -> PortExamination {
        let (configuration, problems) = SentinelFileReader.read(
            Array(text.utf8), path: "s.conf",
            SentinelFileReader.Surroundings(
                include: { _ in .success([]) }, isExecutable: { _ in true }))
        try #require(problems.isEmpty)
        return try PortExamination.whole(
            configuration,
            PortSettings(
                configuration, path: "s.conf", executable: "", supervision: "no",
                startedAt: Instant(nanoseconds: 0)))
    }

    @Test(
        "is open to strangers where it is bound beyond this host and wants no password",
        arguments: [
            ("", ["*"]), ("bind 10.0.0.1 127.0.0.1", ["10.0.0.1"]), ("bind * -::*", ["*"]),
            ("bind 127.0.0.1 -::1", []), ("bind 127.9.9.9", []), ("requirepass x", []),
            ("user default on nopass ~* &* +@all", ["*"]), ("user default off", []),
            ("user default on >x ~* &* +@all", []), ("protected-mode yes", []),
            ("port 0\nunixsocket /nope/s", []),
        ])
    func openAddresses(_ text: String, _ expected: [String]) throws {
        #expect(try Self.examine(text).openAddresses == expected)
    }

    @Test(
        "says what is wrong with users and certificates as a start would",
        arguments: [
            ("aclfile /nope/users", "/nope/users"), ("user bob frob", "s.conf:1: "),
            ("tls-port 26380", "tls-cert-file"),
        ])
    func failures(_ text: String, _ part: String) throws {
        #expect {
            try Self.examine(text)
        } throws: { error in
            (error as? PortExamination.Failure)?.description.contains(part) == true
        }
    }
}
