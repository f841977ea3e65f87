import RESP
import Testing

@testable import SentinelPort

@Suite("COMMAND")
struct PortCommandTests {
    @Test(
        "answers as Redis's does",
        arguments: [
            ("COMMAND COUNT", ":15"), ("COMMAND INFO nope", "[null]"),
            ("COMMAND LIST FILTERBY PATTERN P*", "[ping psubscribe publish punsubscribe]"),
            ("COMMAND LIST FILTERBY MODULE x", "[]"),
            ("COMMAND LIST FILTERBY ACLCAT write", "[]"),
            ("COMMAND LIST FILTERBY nope x", "-ERR syntax error"),
            ("COMMAND LIST nope", "-ERR syntax error"),
            ("COMMAND GETKEYS ping", "-ERR The command has no key arguments"),
            ("COMMAND GETKEYS get x", "-ERR Invalid command specified"),
            ("COMMAND GETKEYS", "-ERR wrong number of arguments for 'command|getkeys' command"),
        ])
    func answers(_ request: String, _ expected: String) {
        var counter = Counter()
        #expect(counter.text(request) == expected)
    }

    @Test("lists and documents what a Sentinel has, and nothing of a server of data")
    func sets() {
        var counter = Counter()
        let names = (counter.ask("COMMAND LIST")[0].elements ?? []).compactMap(\.string)
        #expect(names.count == 73)
        for name in ["ping", "info", "subscribe", "client|setinfo"] {
            #expect(names.contains(name))
            #expect(counter.ask("COMMAND DOCS \(name)")[0].pairs?.count == 1)
        }
        for name in ["save", "bgrewriteaof", "blpop", "replicaof"] {
            #expect(!names.contains(name))
            #expect(counter.ask("COMMAND DOCS \(name)")[0].pairs?.isEmpty == true)
        }
    }

    @Test("describes a command in ten fields")
    func info() {
        var counter = Counter()
        let fields = counter.ask("COMMAND INFO ping")[0].elements?.first?.elements ?? []
        #expect(fields.count == 10)
        #expect(fields[1] == .integer(-1))
        #expect(fields[6] == .set([.simple("@fast"), .simple("@connection")]))
    }

    @Test("helps with Redis's first and last lines")
    func help() {
        var counter = Counter()
        for name in ["COMMAND", "SENTINEL", "ACL", "CLIENT"] {
            let lines = (counter.ask("\(name) HELP")[0].elements ?? []).map { $0.string ?? "" }
            #expect(
                lines.first
                    == "\(name) <subcommand> [<arg> [value] [opt] ...]. Subcommands are:")
            #expect(lines.suffix(2) == ["HELP", "    Print this help."])
        }
    }
}
