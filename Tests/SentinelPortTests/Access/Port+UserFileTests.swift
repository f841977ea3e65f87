import RESP
import Testing

@testable import SentinelPort

@Suite("The file of users")
struct PortUserFileTests {
    private func waiting(_ counter: Counter) -> Ticket? {
        counter.effects.compactMap {
            switch $0 {
            case .saveUsers(_, let ticket), .loadUsers(let ticket): ticket
            default: nil
            }
        }.first
    }

    @Test("is needed for SAVE and LOAD")
    func missing() {
        var counter = Counter()
        for request in ["ACL SAVE", "ACL LOAD"] {
            #expect(
                counter.text(request).hasPrefix("-ERR This Redis instance is not configured to use")
            )
        }
        #expect(counter.port.userLines.count == 1)
    }

    @Test("gets all users, one a line")
    func save() throws {
        var counter = Counter { $0.usersPath = "/users" }
        counter.ask("ACL SAVE")
        guard case .saveUsers(let text, let ticket) = try #require(counter.effects.first) else {
            Issue.record("nothing is saved")
            return
        }
        #expect(text == "user default on nopass sanitize-payload ~* &* +@all\n")
        let effects = counter.port.saved(true, to: ticket)
        #expect(effects == [.send(1, .simple("OK"), .resp2)])
        #expect(counter.port.userLines.isEmpty)
    }

    @Test("that is wrong changes no user, and says where")
    func wrong() throws {
        var counter = Counter { $0.usersPath = "/users" }
        counter.ask("ACL LOAD")
        let ticket = try #require(waiting(counter))
        let text = Array("user a on\nuser b +nope\n".utf8)
        let effects = counter.port.loaded(text, to: ticket, counter.sayings)
        guard case .send(1, let value, _)? = effects.first else { return }
        #expect(value.text?.hasPrefix("ERR /users:2: Error in ACL SETUSER modifier") == true)
        #expect(counter.text("ACL USERS") == "[default]")
    }

    @Test("that is read replaces all users and closes those that changed")
    func load() throws {
        var counter = Counter { $0.usersPath = "/users" }
        counter.ask("ACL SETUSER a on nopass +@all")
        counter.arrive(2)
        counter.ask("AUTH a x", 2)
        counter.ask("ACL LOAD")
        let ticket = try #require(waiting(counter))
        let effects = counter.port.loaded(
            Array("user b on nopass\n".utf8), to: ticket, counter.sayings)
        #expect(effects.contains(.close(2)))
        #expect(counter.text("ACL USERS") == "[b default]")
    }

    @Test("is not where requirepass stands: it gives the default user a password")
    func requirepass() {
        var counter = Counter()
        #expect(counter.port.takeUsers([], password: "secret", counter.sayings) == nil)
        counter.arrive(2)
        #expect(counter.text("PING", 2) == "-NOAUTH Authentication required.")
        #expect(counter.text("AUTH secret", 2) == "OK")
    }
}
