import Testing

@testable import SentinelPort

@Suite("All users")
struct UserBookTests {
    private let rules = AccessRules(newUsersHaveAllChannels: false, hash: { $0 })

    @Test("are listed by their names; the default user is always one")
    func order() throws {
        let book = try UserBook.read(
            [["zoe", "on"], ["amy", "off", "+ping"]], rules: rules)
        #expect(book.users.map(\.name) == ["amy", "default", "zoe"])
        #expect(!book.needsAuthentication)
        #expect(
            book.lines == [
                "user amy off sanitize-payload resetchannels -@all +ping",
                "user default on nopass sanitize-payload ~* &* +@all",
                "user zoe on sanitize-payload resetchannels -@all",
            ])
    }

    @Test("of lines that are wrong are not taken, and the line is named")
    func wrong() {
        #expect(throws: UserBook.LineError.self) {
            try UserBook.read([["a"], ["a"]], rules: rules)
        }
        do {
            _ = try UserBook.read([["a", "on"], ["b", "+nope"]], rules: rules)
            Issue.record("taken")
        } catch {
            #expect(error.line == 1)
            #expect(error.text.hasPrefix("Error in ACL SETUSER modifier '+nope'"))
        }
    }

    @Test("say all of the default user in its line, and then may need a password")
    func defaultUser() throws {
        let book = try UserBook.read([["default", "on", ">p", "+ping"]], rules: rules)
        #expect(book.needsAuthentication)
        #expect(book.defaultUser.root.commandText == "-@all +ping")
    }

    @Test("come back from their own lines")
    func roundTrip() throws {
        let first = try UserBook.read(
            [["a", "on", "nopass", "~x", "%R~y", "&c", "+@all", "-@admin", "(+ping", "~z)"]],
            rules: rules)
        let lines = first.lines.map { $0.split(separator: " ").dropFirst().map(String.init) }
        #expect(try UserBook.read(lines, rules: rules).users == first.users)
    }
}
