import DropInCore
import MonotonicTime
import Testing

@testable import SentinelPort

@Suite("SENTINEL SET")
struct PortSetTests {
    @Test(
        "refuses in Redis's words, and orders nothing",
        arguments: [
            ("x a b", "-ERR No such master with that name"),
            ("orders a b", "-ERR Unknown option or number of arguments for SENTINEL SET 'a'"),
            ("orders quorum x", "-ERR Invalid argument 'x' for SENTINEL SET 'quorum'"),
            ("orders QUORUM 0", "-ERR Invalid argument '0' for SENTINEL SET 'QUORUM'"),
            (
                "orders down-after-milliseconds +5",
                "-ERR Invalid argument '+5' for SENTINEL SET 'down-after-milliseconds'"
            ),
            (
                "orders parallel-syncs 0",
                "-ERR Invalid argument '0' for SENTINEL SET 'parallel-syncs'"
            ),
            (
                "orders rename-command a",
                "-ERR Unknown option or number of arguments for SENTINEL SET 'rename-command'"
            ),
            (
                "orders master-reboot-down-after-period -1",
                "-ERR Invalid argument '-1' for SENTINEL SET 'master-reboot-down-after-period'"
            ),
        ])
    func refusals(_ words: String, _ expected: String) {
        var counter = Counter()
        #expect(counter.text("SENTINEL SET " + words) == expected)
        #expect(counter.order == nil)
    }

    @Test("orders the options up to the first that is wrong, which it complains of then")
    func partly() {
        var counter = Counter()
        counter.ask("SENTINEL SET orders quorum 3 failover-timeout 9 nope x auth-user u")
        #expect(
            counter.order?.order
                == .set("orders", [.quorum(3), .failoverTimeout(.milliseconds(9))]))
        #expect(
            counter.answer(.done)
                == ["-ERR Unknown option or number of arguments for SENTINEL SET 'nope'"])
    }

    @Test("takes every option; an empty word takes a password or a script away")
    func options() {
        var counter = Counter()
        counter.sayings.said.globals.deniesScriptChanges = false
        counter.ask(
            words: [
                "SENTINEL", "SET", "orders", "auth-pass", "", "auth-user", "u",
                "notification-script", "/bin/notify", "client-reconfig-script", "",
                "rename-command", "CONFIG", "c", "primary-reboot-down-after-period", "0",
            ])
        #expect(
            counter.order?.order
                == .set(
                    "orders",
                    [
                        .authPassword(nil), .authUser("u"), .notificationScript("/bin/notify"),
                        .clientReconfigScript(nil),
                        .renamedCommand(
                            MasterSettings.RenamedCommand(original: "CONFIG", renamed: "c")),
                        .rebootDownAfter(.zero),
                    ]))
    }

    @Test("sets scripts only where the file lets it, and only such as can be run")
    func scripts() {
        var counter = Counter()
        #expect(
            counter.text("SENTINEL SET orders notification-script /bin/notify")
                .hasPrefix("-ERR Reconfiguration of scripts path is denied for security reasons."))
        counter.sayings.said.globals.deniesScriptChanges = false
        #expect(
            counter.text("SENTINEL SET orders client-reconfig-script /nope")
                == "-ERR Client reconfiguration script seems non existing or non executable")
    }

    @Test("refuses control characters, which would forge lines of the file")
    func control() {
        var counter = Counter()
        for word in ["a\nb", "a\u{7F}", "\u{0}"] {
            let reply = counter.ask(words: ["SENTINEL", "SET", "orders", "auth-pass", word])
            #expect(
                reply.map(Counter.text) == [
                    "-ERR Invalid argument at index 4 for SENTINEL SET: control characters are not"
                        + " allowed"
                ])
        }
        #expect(counter.order == nil)
    }
}
