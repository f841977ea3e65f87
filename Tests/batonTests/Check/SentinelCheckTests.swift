import Testing

@testable import baton

@Suite("A check of a Sentinel's file")
struct SentinelCheckTests {
    private static func lines(_ text: String) -> (isSound: Bool, text: String) {
        let check = SentinelCheck("/nope/sentinel.conf", Array(text.utf8))
        return (check.isSound, check.lines(widthMax: 200).map(\.text).joined(separator: "\n"))
    }

    private static let group = "sentinel monitor orders 127.0.0.1 6379 2\n"

    @Test("tells of orders without a password from anywhere, and what to do")
    func exposure() {
        let (isSound, text) = Self.lines(Self.group)
        #expect(isSound)
        #expect(text.contains("warning: whoever reaches * may give this Sentinel orders"))
        #expect(text.contains("requirepass"))
        #expect(text.contains("sound, with 2 warnings: a Sentinel on port 26379; orders"))
    }

    @Test("says less of it where strangers may only look")
    func guarded() {
        let text = Self.lines(Self.group + "baton guard-orders yes\n").text
        #expect(text.contains("whoever reaches * may look without a password"))
    }

    @Test("says nothing of it with a password, or on loopback alone")
    func closed() {
        for line in ["requirepass x\n", "bind 127.0.0.1\n"] {
            #expect(!Self.lines(Self.group + line).text.contains("whoever reaches"))
        }
    }

    @Test(
        "is of all that keeps a start from a port, and from its directory",
        arguments: [
            ("port 0\n", "neither port, tls-port nor unixsocket is set"),
            ("bind-source-addr host-a\n", "bind-source-addr host-a is no address"),
            ("dir /nope/nowhere\n", "dir /nope/nowhere cannot be entered: No such file"),
        ])
    func obstacles(line: String, words: String) {
        let bytes = Array((Self.group + line).utf8)
        let check = SentinelCheck("/nope/sentinel.conf", bytes, entersDirectory: true)
        #expect(!check.isSound)
        let text = check.lines(widthMax: 200).map(\.text).joined(separator: "\n")
        #expect(text.contains(words))
    }

    @Test("shows what is wrong in its line, and is not sound then")
    func wrong() {
        let (isSound, text) = Self.lines("sentinel quorum orders 2\nfoo 1\n")
        #expect(!isSound)
        #expect(text.contains("/nope/sentinel.conf:2:1: error: foo is no directive"))
        #expect(text.contains("/nope/sentinel.conf: 2 errors"))
    }
}
