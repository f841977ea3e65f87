import RESP
import Testing

@testable import SentinelPort

@Suite("A guard before orders")
struct PortGuardTests {
    private static let refusal = "-NOPERM '"

    private static func guarded(_ isGuarded: Bool = true) -> Counter {
        var counter = Counter { $0.guardsOrders = isGuarded }
        counter.arrive(2, isLoopback: false)
        return counter
    }

    @Test(
        "keeps from strangers what changes something",
        arguments: [
            "SENTINEL SET orders quorum 1", "SENTINEL MONITOR a 127.0.0.1 1 1",
            "SENTINEL REMOVE orders", "SENTINEL RESET *", "SENTINEL FAILOVER orders",
            "SENTINEL CONFIG SET announce-port 1", "SENTINEL DEBUG ping-period 1",
            "SENTINEL SIMULATE-FAILURE crash-after-election", "SENTINEL FLUSHCONFIG", "SHUTDOWN",
            "ACL SETUSER u on", "ACL DELUSER u", "ACL LOG RESET", "CLIENT KILL ID 1",
            "CLIENT PAUSE 1",
        ])
    func orders(_ request: String) {
        var counter = Self.guarded()
        #expect(counter.text(request, 2).hasPrefix(Self.refusal))
        #expect(counter.order == nil)
    }

    @Test(
        "leaves them what only asks, and the other Sentinels their votes and hellos",
        arguments: [
            "PING", "SENTINEL MASTERS", "SENTINEL GET-MASTER-ADDR-BY-NAME orders",
            "SENTINEL CONFIG GET *", "SENTINEL DEBUG", "ACL LOG", "ACL WHOAMI", "SUBSCRIBE x",
            "PUBLISH __sentinel__:hello a", "INFO",
            "SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 1 0 *",
        ])
    func questions(_ request: String) {
        var counter = Self.guarded()
        #expect(!counter.text(request, 2).hasPrefix(Self.refusal))
    }

    @Test("is not met by this host, nor by who has shown a password")
    func trusted() {
        var counter = Self.guarded()
        counter.ask("SENTINEL REMOVE orders", 1)
        #expect(counter.order != nil)
        counter.ask("ACL SETUSER admin on >secret +@all", 1)
        #expect(counter.text("AUTH admin secret", 2) == "OK")
        counter.ask("SENTINEL REMOVE orders", 2)
        #expect(counter.order != nil)
    }

    @Test("is met by a session of before its user was given a password")
    func earlier() {
        var counter = Self.guarded()
        counter.ask("ACL SETUSER default >secret", 1)
        #expect(counter.text("PING", 2) == "PONG")
        #expect(counter.text("SENTINEL REMOVE orders", 2).hasPrefix(Self.refusal))
        #expect(counter.text("AUTH secret", 2) == "OK")
        counter.ask("SENTINEL REMOVE orders", 2)
        #expect(counter.order != nil)
    }

    @Test("does not tell strangers the password with which they would be none")
    func password() {
        var counter = Self.guarded()
        func names(_ client: Int) -> [String] {
            guard case .map(let pairs) = counter.ask("SENTINEL CONFIG GET sent*", client)[0]
            else { return [] }
            return pairs.map { Counter.text($0.key) }
        }
        #expect(names(1) == ["sentinel-user", "sentinel-pass"])
        #expect(names(2) == ["sentinel-user"])
    }

    @Test("is met by a user whose password is no password")
    func passwordless() {
        var counter = Self.guarded()
        counter.ask("ACL SETUSER anybody on nopass +@all", 1)
        #expect(counter.text("AUTH anybody x", 2) == "OK")
        #expect(counter.text("SENTINEL REMOVE orders", 2).hasPrefix(Self.refusal))
    }

    @Test("is there only when the file says so, as no Sentinel has it")
    func absent() {
        var counter = Self.guarded(false)
        counter.ask("SENTINEL REMOVE orders", 2)
        #expect(counter.order != nil)
    }

    @Test("names commands of the table alone")
    func names() {
        let names = CommandTable.entries.map(\.name)
        #expect(Port.orders.allSatisfy(names.contains))
    }
}
