import RESP
import Testing

@testable import BalancerCore

@Suite("Command table")
struct CommandTableTests {
    private static func command(
        _ name: String, _ flags: [String], subcommands: [RESPValue] = []
    ) -> RESPValue {
        .array([
            .bulk(name), .integer(2), .array(flags.map { .simple($0) }), .integer(1), .integer(1),
            .integer(1), .array([]), .array([]), .array([]), .array(subcommands),
        ])
    }

    private static let learnt = CommandTable(
        reply: .array([
            command("get", ["readonly", "fast"]), command("set", ["write", "denyoom"]),
            command("ts.range", ["readonly"]), command("blpop", ["write", "blocking"]),
            command("xread", ["readonly", "blocking", "movablekeys"]),
            command("dbsize", ["readonly"]), command("ping", ["fast"]),
            command("subscribe", ["pubsub"]), command("eval", ["noscript"]),
            command("replicaof", ["admin"]), command("acl", ["sentinel"]),
            command(
                "client", [],
                subcommands: [
                    command("client|reply", ["fast"]), command("client|tracking", []),
                ]),
            command(
                "xinfo", [],
                subcommands: [command("xinfo|stream", ["readonly"]), command("xinfo|help", [])]),
        ]))

    private static func classOf(_ table: CommandTable, _ words: String...) -> CommandClass {
        let bytes = Array(words.joined().utf8)
        let name = words[0].utf8.count
        return table.class(bytes.span.bytes, name: 0..<name, firstArgument: name..<bytes.count)
    }

    @Test(
        "tells reads, writes and what blocks by the server's flags",
        arguments: [
            (["get", "k"], CommandClass.read), (["GET", "k"], .read), (["GeT"], .read),
            (["SET", "k"], .write), (["TS.RANGE", "k"], .read), (["BLPOP", "k"], .blocking),
            (["XINFO", "STREAM"], .read), (["XINFO", "HELP"], .other), (["XINFO", "NEW"], .other),
            (["XINFO"], .other), (["nosuch"], .unknown), ([""], .unknown),
        ])
    func flags(words: [String], class: CommandClass) throws {
        let table = try #require(Self.learnt)
        let argument = words.count > 1 ? words[1] : ""
        #expect(Self.classOf(table, words[0], argument) == `class`)
        #expect(table.isLearnt)
    }

    @Test(
        "what the flags hide stands before what they say",
        arguments: [
            (["ping", ""], CommandClass.read), (["EVAL", "s"], .write),
            (["Subscribe", "c"], .exclusive),
            (["REPLICAOF", "h"], .denied), (["XREAD", "STREAMS"], .read),
            (["XREAD", "streams"], .read), (["XREAD", "COUNT"], .blocking),
            (["CLIENT", "ID"], .clientID), (["client", "Reply"], .exclusive),
            (["CLIENT", "TRACKING"], .exclusive),
            (["CLIENT", "LIST"], .blocking), (["CLIENT", ""], .exclusive),
            (["SCAN", "0"], .cursor),
            (["WAIT", "1"], .wait), (["Host:", "x"], .http),
        ])
    func overrides(words: [String], class: CommandClass) throws {
        let table = try #require(Self.learnt)
        #expect(Self.classOf(table, words[0], words[1]) == `class`)
    }

    @Test("a name is never taken for a name with its argument, nor the reverse")
    func dividers() throws {
        let table = try #require(Self.learnt)
        #expect(Self.classOf(table, "client|id") == .unknown)
        #expect(Self.classOf(table, "xinfo|stream") == .unknown)
    }

    @Test("before it has learnt, it knows only what changes a connection")
    func unlearnt() {
        let table = CommandTable()
        #expect(!table.isLearnt)
        #expect(Self.classOf(table, "get") == .unknown)
        #expect(Self.classOf(table, "auth", "x") == .auth)
    }

    @Test(
        "whatever a server says, it does not trap",
        arguments: [
            RESPValue.null, .array([]), .failure("NOAUTH Authentication required."), .integer(1),
        ])
    func nonsense(reply: RESPValue) {
        #expect(CommandTable(reply: reply) == nil)
    }

    @Test("entries that are none are passed over")
    func partlyNonsense() throws {
        let table = try #require(
            CommandTable(
                reply: .array([
                    .null, .array([]), .array([.integer(1), .null, .null]),
                    Self.command("get", ["readonly"]),
                ])))
        #expect(Self.classOf(table, "get", "k") == .read)
    }
}
