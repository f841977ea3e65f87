import Testing

@testable import SentinelPort

@Suite("Rules of users")
struct AccessRuleTests {
    private let rules = AccessRules(
        newUsersHaveAllChannels: false, hash: { _ in String(repeating: "a", count: 64) })

    @Test(
        "leave what Redis 7.2 shows",
        arguments: [
            (
                "+@all -@dangerous +sentinel|masters -ping",
                "+@all -@dangerous +sentinel|masters -ping"
            ),
            ("+sentinel -sentinel|set +client|id", "-@all +sentinel -sentinel|set +client|id"),
            ("+@all -sentinel|set +sentinel|set", "+@all +sentinel|set"),
            ("+sentinel|set -sentinel +@connection", "-@all -sentinel +@connection"),
            ("+@all -client +client|id", "+@all -client +client|id"),
            ("+ping +@all -@all +auth", "-@all +auth"),
            ("+@all -@connection -@pubsub +@connection", "+@all -@pubsub +@connection"),
            ("+ping|x", "-@all +ping|x"), ("+PING", "-@all +ping"),
            ("+sentinel|primary", "-@all +sentinel|master"),
        ])
    func commands(_ words: String, _ expected: String) throws {
        var user = AccessUser(name: "u")
        for word in words.split(separator: " ") { try rules.apply(String(word), to: &user) }
        #expect(user.root.commandText == expected)
    }

    @Test(
        "that cannot be meant are refused in Redis's words",
        arguments: [
            ("foo", AccessRuleError.syntax), ("+get", .unknownCommandOrCategory),
            ("-ping|x", .unknownCommandOrCategory), ("+@nope", .unknownCommandOrCategory),
            ("+sentinel|nope", .unknownCommandOrCategory),
            ("+sentinel|master|x", .firstWordOfSubcommand), ("#zz", .badHash), ("!zz", .badHash),
            ("<nope", .noSuchPassword), ("%X~q", .syntax), ("~a b", .syntax), ("&a b", .syntax),
            ("(foo)", .syntax),
        ])
    func refused(_ rule: String, _ expected: AccessRuleError) {
        var user = AccessUser(name: "u")
        #expect(throws: expected) { try rules.apply(rule, to: &user) }
    }

    @Test("after everything is allowed add no pattern")
    func afterAll() throws {
        var user = AccessUser(name: "u")
        try rules.apply("allkeys", to: &user)
        #expect(throws: AccessRuleError.patternAfterAllKeys) { try rules.apply("~b", to: &user) }
        try rules.apply("allchannels", to: &user)
        #expect(throws: AccessRuleError.patternAfterAllChannels) {
            try rules.apply("&b", to: &user)
        }
    }

    @Test("make the line that a file has")
    func line() throws {
        var user = AccessUser(name: "u")
        for word in ["on", ">p", "%R~x", "%W~y", "%RW~z", "&c", "+ping", "(+info ~k)"] {
            try rules.apply(word, to: &user)
        }
        let hash = String(repeating: "a", count: 64)
        #expect(
            user.text == "on sanitize-payload #\(hash) %R~x %W~y ~z resetchannels &c -@all +ping"
                + " (~k resetchannels -@all +info)")
    }
}
