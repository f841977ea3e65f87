import Testing

@testable import Laboratory

@Suite("Replies of a server")
struct RedisReplyTests {
    private let wire =
        "+OK\r\n-ERR no\r\n:-7\r\n$5\r\na\r\nbc\r\n$-1\r\n*2\r\n$0\r\n\r\n*1\r\n:1\r\n*-1\r\n"
    private let replies: [RedisReply] = [
        .status("OK"), .error("ERR no"), .integer(-7), .text("a\r\nbc"), .null,
        .array([.text(""), .array([.integer(1)])]), .null,
    ]

    @Test("a reply is read alike wherever the network cuts it")
    func everySplit() throws {
        let bytes = Array(wire.utf8)
        for cut in 0...bytes.count {
            var reader = ReplyReader()
            var read: [RedisReply] = []
            for part in [bytes[..<cut], bytes[cut...]] {
                reader.bytes += part
                while let reply = try reader.next() { read.append(reply) }
            }
            #expect(read == replies)
            #expect(reader.bytes.isEmpty)
        }
    }

    @Test(
        "what is no reply is refused",
        arguments: ["HTTP/1.1 400\r\n", "\r\n", ":x\r\n", "$-2\r\n", "$9999999999\r\n", "*1x\r\n"])
    func garbage(text: String) {
        var reader = ReplyReader(bytes: Array(text.utf8))
        #expect(throws: ConnectionFailure.protocolViolation) { try reader.next() }
    }

    @Test("endless nesting is refused")
    func nesting() {
        let text = String(repeating: "*1\r\n", count: 1_000)
        var reader = ReplyReader(bytes: Array(text.utf8))
        #expect(throws: ConnectionFailure.protocolViolation) { try reader.next() }
    }
}
