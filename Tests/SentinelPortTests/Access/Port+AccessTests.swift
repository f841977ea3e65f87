import RESP
import Testing

@testable import SentinelPort

@Suite("ACL")
struct PortAccessTests {
    @Test(
        "answers as Redis's does",
        arguments: [
            ("ACL WHOAMI", "default"), ("ACL USERS", "[default]"), ("ACL GETUSER nope", "null"),
            ("ACL SETUSER", "-ERR wrong number of arguments for 'acl|setuser' command"),
            ("ACL SETUSER u foo", "-ERR Error in ACL SETUSER modifier 'foo': Syntax error"),
            (
                "ACL SETUSER u (+ping",
                "-ERR Unmatched parenthesis in acl selector starting at '(+ping'."
            ),
            ("ACL SETUSER u (+ping ~x)", "OK"),
            ("ACL DELUSER default", "-ERR The 'default' user cannot be removed"),
            ("ACL DELUSER nope", ":0"), ("ACL CAT nope", "-ERR Unknown category 'nope'"),
            ("ACL GENPASS 5", "ab"),
            ("ACL GENPASS x", "-ERR value is not an integer or out of range"),
            ("ACL DRYRUN nope ping", "-ERR User 'nope' not found"),
            ("ACL DRYRUN default get", "-ERR Command 'get' not found"),
            ("ACL DRYRUN default ping", "OK"), ("ACL LOG", "[]"), ("ACL LOG RESET", "OK"),
            (
                "ACL LOG 1 2",
                "-ERR unknown subcommand or wrong number of arguments for 'LOG'. Try ACL HELP."
            ),
        ])
    func answers(_ request: String, _ expected: String) {
        var counter = Counter()
        #expect(counter.text(request) == expected)
    }

    @Test("SETUSER changes nothing when a rule is wrong")
    func allOrNothing() {
        var counter = Counter()
        counter.ask("ACL SETUSER u on nope")
        #expect(counter.text("ACL USERS") == "[default]")
    }

    @Test("DELUSER closes the user's connections, its own after the answer")
    func deletion() {
        var counter = Counter()
        counter.ask("ACL SETUSER u on nopass +@all")
        counter.arrive(2)
        counter.ask("AUTH u x", 2)
        counter.ask("AUTH u x", 1)
        #expect(counter.text("ACL DELUSER u", 2) == ":1")
        #expect(counter.closed == [1, 2])
    }

    @Test("SETUSER closes subscribers that may no longer hear")
    func revocation() {
        var counter = Counter()
        counter.ask("ACL SETUSER u on nopass +@all allchannels")
        counter.arrive(2)
        counter.ask("AUTH u x", 2)
        counter.ask("SUBSCRIBE +sdown", 2)
        counter.ask("ACL SETUSER u resetchannels &-*")
        #expect(counter.closed == [2])
    }

    @Test("DRYRUN says what is missing")
    func dryRun() {
        var counter = Counter()
        counter.ask("ACL SETUSER u +subscribe &a")
        #expect(
            counter.text("ACL DRYRUN u ping")
                == "User u has no permissions to run the 'ping' command")
        #expect(
            counter.text("ACL DRYRUN u subscribe b")
                == "User u has no permissions to access the 'b' channel")
    }
}
