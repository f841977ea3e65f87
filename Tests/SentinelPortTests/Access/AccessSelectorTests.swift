import Testing

@testable import SentinelPort

@Suite("What a selector allows")
struct AccessSelectorTests {
    private func denial(_ rules: [String], _ request: String) throws -> AccessSelector.Denial? {
        var user = AccessUser(name: "u")
        let applied = AccessRules(newUsersHaveAllChannels: false, hash: { $0 })
        for rule in rules { try applied.apply(rule, to: &user) }
        let request = Request(request.split(separator: " ").map { Array($0.utf8) })
        guard case .found(let position) = CommandTable.look(up: request.words) else {
            Issue.record("no such command")
            return nil
        }
        return user.denial(of: request, command: position)
    }

    @Test("is what was allowed, and what shows who one is")
    func commands() throws {
        #expect(try denial([], "ping") == .command)
        #expect(try denial([], "auth x") == nil)
        #expect(try denial(["+ping"], "ping") == nil)
        #expect(try denial(["+ping|hi"], "ping HI") == nil)
        #expect(try denial(["+ping|hi"], "ping ho") == .command)
        #expect(try denial(["+sentinel", "-sentinel|set"], "sentinel set a b c") == .command)
        #expect(try denial(["+sentinel|set"], "sentinel set a b c") == nil)
        #expect(try denial(["+@pubsub", "allchannels"], "publish a b") == nil)
    }

    @Test("covers channels by patterns, and patterns only by the same")
    func channels() throws {
        let rules = ["+@pubsub", "&ch*"]
        #expect(try denial(rules, "subscribe chan chop") == nil)
        #expect(try denial(rules, "subscribe chan foo") == .channel(2))
        #expect(try denial(rules, "psubscribe ch*") == nil)
        #expect(try denial(rules, "psubscribe cha*") == .channel(1))
        #expect(try denial(rules, "publish foo x") == .channel(1))
    }

    @Test("is enough in any of a user's selectors")
    func selectors() throws {
        #expect(try denial(["+@pubsub", "(+subscribe &a)"], "subscribe a") == nil)
        #expect(try denial(["+@pubsub", "(+subscribe &a)"], "subscribe a b") == .channel(2))
        #expect(try denial(["(+ping)"], "role") == .command)
    }
}
