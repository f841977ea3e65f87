import MonotonicTime
import RESP
import Testing

@testable import SentinelPort

@Suite("CLIENT")
struct PortClientTests {
    @Test(
        "answers as Redis's does",
        arguments: [
            ("CLIENT ID", ":1"), ("CLIENT GETNAME", "null"), ("CLIENT SETNAME me", "OK"),
            (
                "CLIENT SETINFO foo x", "-ERR Unrecognized option 'foo'"
            ), ("CLIENT SETINFO lib-name x", "OK"), ("CLIENT GETREDIR", ":-1"),
            ("CLIENT LIST TYPE foo", "-ERR Unknown client type 'foo'"),
            ("CLIENT LIST TYPE pubsub", ""), ("CLIENT LIST ID 99", ""),
            ("CLIENT LIST ID x", "-ERR Invalid client ID"),
            ("CLIENT LIST FOO", "-ERR syntax error"),
            ("CLIENT REPLY foo", "-ERR syntax error"), ("CLIENT REPLY ON", "OK"),
            ("CLIENT NO-EVICT foo", "-ERR syntax error"),
            ("CLIENT PAUSE x", "-ERR timeout is not an integer or out of range"),
            ("CLIENT PAUSE -1", "-ERR timeout is negative"),
            ("CLIENT PAUSE 0 FOO", "-ERR CLIENT PAUSE mode must be WRITE or ALL"),
            (
                "CLIENT PAUSE 0 WRITE x",
                "-ERR unknown subcommand or wrong number of arguments for 'PAUSE'. Try CLIENT HELP."
            ),
            ("CLIENT UNPAUSE", "OK"), ("CLIENT UNBLOCK 9", ":0"),
            (
                "CLIENT UNBLOCK 1 FOO", "-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR"
            ),
        ])
    func answers(_ request: String, _ expected: String) {
        var counter = Counter()
        #expect(counter.text(request) == expected)
    }

    @Test("SETNAME takes no name that would break a list")
    func names() {
        var counter = Counter()
        #expect(
            Counter.text(counter.ask(words: ["CLIENT", "SETNAME", "a b"])[0])
                == "-ERR Client names cannot contain spaces, newlines or special characters.")
        counter.ask("CLIENT SETNAME me")
        #expect(counter.text("CLIENT GETNAME") == "me")
    }

    @Test("REPLY OFF is silence until ON, and SKIP silence for one command")
    func replies() {
        var counter = Counter()
        #expect(counter.ask("CLIENT REPLY SKIP").isEmpty)
        #expect(counter.ask("PING").isEmpty)
        #expect(counter.text("PING") == "PONG")
        #expect(counter.ask("CLIENT REPLY OFF").isEmpty)
        #expect(counter.ask("PING").isEmpty)
        #expect(counter.text("CLIENT REPLY ON") == "OK")
    }

    @Test("PAUSE holds everybody's requests until it ends; a shorter one does not shorten it")
    func pause() {
        var counter = Counter()
        counter.ask("CLIENT PAUSE 1000")
        #expect(!counter.port.mayRead(1, at: counter.now))
        counter.now.monotonic = counter.now.monotonic + .milliseconds(999)
        #expect(!counter.port.mayRead(1, at: counter.now))
        counter.now.monotonic = counter.now.monotonic + .milliseconds(1)
        #expect(counter.port.mayRead(1, at: counter.now))
        counter.ask("CLIENT PAUSE 1000")
        counter.ask("CLIENT PAUSE 1")
        #expect(counter.port.pausedUntil(counter.now) == counter.now.monotonic + .seconds(1))
        counter.ask("CLIENT PAUSE 1000 WRITE")
        counter.ask("CLIENT UNPAUSE")
        #expect(counter.port.pausedUntil(counter.now) == nil)
    }
}
