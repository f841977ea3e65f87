import RESP
import Testing

@testable import SentinelPort

@Suite("Requests")
struct PortRequestsTests {
    @Test(
        "are refused in Redis's words",
        arguments: [
            ("GET x y", "-ERR unknown command 'GET', with args beginning with: 'x' 'y' "),
            ("SENTINEL nope", "-ERR unknown subcommand 'nope'. Try SENTINEL HELP."),
            ("client no-touch on", "-ERR unknown subcommand 'no-touch'. Try CLIENT HELP."),
            ("PING a b", "-ERR wrong number of arguments for 'ping' command"),
            ("SENTINEL", "-ERR wrong number of arguments for 'sentinel' command"),
            ("SENTINEL MASTER", "-ERR wrong number of arguments for 'sentinel|master' command"),
            ("SHUTDOWN foo", "-ERR syntax error"),
            ("SHUTDOWN ABORT", "-ERR No shutdown in progress."),
            (
                "PUBLISH a b",
                "-ERR Only HELLO messages are accepted by Sentinel instances."
            ),
            ("PING", "PONG"), ("ping hi", "hi"), ("QUIT", "OK"),
            ("ROLE", "[sentinel [orders]]"),
        ])
    func words(_ request: String, _ expected: String) {
        var counter = Counter()
        #expect(counter.text(request) == expected)
    }

    @Test("of unknown commands are shown in part: 128 bytes of the name, and of the arguments")
    func truncation() {
        var counter = Counter()
        let name = String(repeating: "n", count: 200)
        let argument = String(repeating: "a", count: 100)
        let shown = "'\(argument)' '\(String(repeating: "a", count: 25))' "
        #expect(
            counter.text("\(name) \(argument) \(argument) x")
                == "-ERR unknown command '\(name.prefix(128))', with args beginning with: \(shown)")
    }

    @Test(
        "of a browser close its connection without an answer", arguments: ["POST / x", "host: a"])
    func browser(_ request: String) {
        var counter = Counter()
        #expect(counter.ask(request).isEmpty)
        #expect(counter.closed == [1])
    }

    @Test("of a hello are handed on; of a shutdown end the process")
    func handedOn() {
        var counter = Counter()
        #expect(counter.text("PUBLISH __sentinel__:hello a,b") == ":1")
        #expect(counter.effects.contains(.hello("a,b")))
        counter.ask("SHUTDOWN NOSAVE NOW")
        #expect(counter.effects == [.shutDown])
    }

    @Test("under the name that rename-command gave them, and no longer under their own")
    func renamed() {
        var counter = Counter { $0.renamedCommands = [("ping", "pong"), ("role", "")] }
        #expect(counter.text("PONG") == "PONG")
        #expect(counter.text("PING").hasPrefix("-ERR unknown command 'PING'"))
        #expect(counter.text("ROLE").hasPrefix("-ERR unknown command 'ROLE'"))
    }

    @Test("without authentication are refused, but for those by which it is shown")
    func unauthenticated() {
        var counter = Counter()
        counter.ask("ACL SETUSER default >secret")
        counter.arrive(2)
        #expect(!counter.port.isAuthenticated(2))
        #expect(counter.text("PING", 2) == "-NOAUTH Authentication required.")
        #expect(counter.text("HELLO 3", 2).hasPrefix("-NOAUTH HELLO must be called"))
        #expect(counter.text("AUTH wrong", 2).hasPrefix("-WRONGPASS"))
        #expect(counter.text("AUTH secret", 2) == "OK")
        #expect(counter.text("PING", 2) == "PONG")
        #expect(counter.port.isAuthenticated(2))
    }

    @Test("that a user may not run are refused and remembered")
    func denied() {
        var counter = Counter()
        counter.ask("ACL SETUSER watch on nopass +sentinel -sentinel|set +subscribe &+sdown")
        counter.ask("AUTH watch x")
        #expect(
            counter.text("SENTINEL SET orders quorum 1")
                == "-NOPERM User watch has no permissions to run the 'sentinel|set' command")
        #expect(counter.text("SENTINEL MYID").count == 40)
        #expect(counter.text("SUBSCRIBE +odown") == "-NOPERM No permissions to access a channel")
        counter.arrive(2)
        let log = counter.ask("ACL LOG", 2)[0].elements ?? []
        #expect(log.map { $0.pairs?[1].value.string } == ["channel", "command"])
    }

    @Test("of a subscriber are few in RESP2, and any in RESP3")
    func subscribers() {
        var counter = Counter()
        counter.ask("SUBSCRIBE a")
        #expect(counter.text("ROLE").hasPrefix("-ERR Can't execute 'role': only (P|S)SUBSCRIBE"))
        #expect(counter.text("PING") == "[pong ]")
        counter.ask("UNSUBSCRIBE")
        counter.ask("HELLO 3")
        counter.ask("SUBSCRIBE a")
        #expect(counter.text("PING") == "PONG")
    }

    @Test("that are no RESP end the connection after saying why")
    func framing() {
        var counter = Counter()
        let effects = counter.port.refuse(.invalidBulkLength, from: 1)
        #expect(
            effects == [
                .send(1, .failure("ERR Protocol error: invalid bulk length"), .resp2), .close(1),
            ])
    }
}
