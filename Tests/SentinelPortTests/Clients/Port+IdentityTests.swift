import RESP
import Testing

@testable import SentinelPort

@Suite("Who a client is")
struct PortIdentityTests {
    @Test(
        "is refused in Redis's words",
        arguments: [
            (
                "AUTH x",
                "-ERR AUTH <password> called without any password configured for the default"
                    + " user. Are you sure your configuration is correct?"
            ),
            ("AUTH a b c", "-ERR syntax error"),
            ("AUTH nope x", "-WRONGPASS invalid username-password pair or user is disabled."),
            ("HELLO 4", "-NOPROTO unsupported protocol version"),
            ("HELLO x", "-ERR Protocol version is not an integer or out of range"),
            ("HELLO 3 AUTH default", "-ERR Syntax error in HELLO option 'AUTH'"),
            ("HELLO 3 FOO", "-ERR Syntax error in HELLO option 'FOO'"),
        ])
    func refusals(_ request: String, _ expected: String) {
        var counter = Counter()
        #expect(counter.text(request) == expected)
        #expect(counter.port.clients[0].version == .resp2)
    }

    @Test("and which protocol it speaks is agreed by HELLO, in six fields without a role")
    func hello() {
        var counter = Counter()
        let pairs = counter.ask("HELLO 3 AUTH default x SETNAME me")[0].pairs ?? []
        #expect(
            pairs.map { $0.key.string } == ["server", "version", "proto", "id", "mode", "modules"])
        #expect(pairs[1].value == .bulk("7.2.6"))
        #expect(counter.port.clients[0].version == .resp3)
        #expect(counter.text("CLIENT GETNAME") == "me")
    }

    @Test("is shown by a password of the user, and by none of one that is off")
    func passwords() {
        var counter = Counter()
        counter.ask("ACL SETUSER u >one >two")
        #expect(counter.text("AUTH u one").hasPrefix("-WRONGPASS"))
        counter.ask("ACL SETUSER u on")
        #expect(counter.text("AUTH u one") == "OK")
        #expect(counter.port.clients[0].user == "u")
    }
}
