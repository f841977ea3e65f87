import Testing

@testable import SentinelPort

@Suite("CLIENT KILL")
struct PortKillTests {
    @Test(
        "refuses in Redis's words",
        arguments: [
            ("CLIENT KILL 1.2.3.4:5", "-ERR No such client"),
            ("CLIENT KILL ID 0", "-ERR client-id should be greater than 0"),
            ("CLIENT KILL ID x", "-ERR client-id should be greater than 0"),
            ("CLIENT KILL TYPE foo", "-ERR Unknown client type 'foo'"),
            ("CLIENT KILL USER nope", "-ERR No such user 'nope'"),
            ("CLIENT KILL SKIPME foo", "-ERR syntax error"),
            ("CLIENT KILL ID 1 x", "-ERR syntax error"), ("CLIENT KILL ID 99", ":0"),
        ])
    func refusals(_ request: String, _ expected: String) {
        var counter = Counter()
        #expect(counter.text(request) == expected)
        #expect(counter.closed.isEmpty)
    }

    @Test("spares the caller unless it says SKIPME no, and then answers first")
    func caller() {
        var counter = Counter()
        counter.arrive(2)
        #expect(counter.text("CLIENT KILL USER default") == ":1")
        #expect(counter.closed == [2])
        counter = Counter()
        counter.arrive(2)
        #expect(counter.text("CLIENT KILL USER default SKIPME no") == ":2")
        #expect(counter.closed == [2, 1])
        #expect(counter.effects.last == .close(1))
    }

    @Test("by address alone may end the caller")
    func address() {
        var counter = Counter()
        #expect(counter.text("CLIENT KILL 127.0.0.1:40001") == "OK")
        #expect(counter.closed == [1])
    }
}
