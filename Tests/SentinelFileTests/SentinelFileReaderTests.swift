import Addressing
import DropInCore
import MonotonicTime
import SentinelCore
import Testing

@testable import SentinelFile

@Suite("A redis-sentinel's file")
struct SentinelFileReaderTests {
    private func read(
        _ text: String, commandLine: [[String]] = [], files: [String: String] = [:]
    ) -> (configuration: SentinelConfiguration, problems: [String]) {
        let surroundings = SentinelFileReader.Surroundings(
            include: { path in
                files[path].map { .success([(path, Array($0.utf8))]) }
                    ?? .failure(SentinelFileReader.Unreadable("does not exist"))
            }, isExecutable: { $0 == "/bin/notify" })
        let (configuration, problems) = SentinelFileReader.read(
            Array(text.utf8), path: "s.conf", commandLine: commandLine, surroundings)
        return (
            configuration,
            problems.map { "\($0.path):\($0.line):\($0.column): \($0.message)" }
        )
    }

    @Test("may have a group's options before the group, as Redis's own suite does")
    func anyOrder() throws {
        let (configuration, problems) = read(
            """
            sentinel down-after-milliseconds m 20000
            sentinel parallel-syncs m 2
            sentinel failover-timeout m 240000
            sentinel monitor m 10.0.0.1 30000 2
            """)
        #expect(problems.isEmpty)
        let entry = try #require(configuration.ledger.entries.first)
        #expect(entry.settings.downAfter == .seconds(20))
        #expect(entry.settings.parallelSyncs == 2)
        #expect(entry.settings.failoverTimeout == .seconds(240))
        #expect(entry.primary.endpoint?.description == "10.0.0.1:30000")
    }

    @Test("holds what the Sentinel remembers, by the names of old too")
    func state() throws {
        let id = String(repeating: "b", count: 40)
        let (configuration, problems) = read(
            """
            sentinel myid \(id)
            sentinel monitor m 127.0.0.1 6400 2
            sentinel config-epoch m 7
            sentinel leader-epoch m 4
            sentinel known-slave m 127.0.0.1 6401
            sentinel known-replica m 127.0.0.1 6402
            sentinel known-sentinel m 127.0.0.1 5000
            sentinel known-sentinel m 127.0.0.1 5001 \(id)
            sentinel current-epoch 5
            """)
        #expect(problems.isEmpty)
        #expect(configuration.ledger.id == RunID(id))
        // An epoch of a group is never ahead of the Sentinel's own.
        #expect(configuration.ledger.currentEpoch == 7)
        let entry = try #require(configuration.ledger.entries.first)
        #expect(entry.leaderEpoch == 4)
        #expect(entry.replicas.map(\.port) == [6401, 6402])
        #expect(entry.sentinels.map(\.place.port) == [5001])
    }

    @Test("takes every directive that Redis's suite writes, and keeps it")
    func suite() {
        let (configuration, problems) = read(
            """
            port 20000
            repl-diskless-sync-delay 0
            dir ./sentinel_0
            logfile log.txt
            sentinel deny-scripts-reconfig no
            enable-protected-configs yes
            enable-debug-command yes
            port 20001
            tls-port 0
            tls-replication no
            tls-cluster no
            tls-cert-file ""
            enable-debug-assert yes
            """)
        #expect(problems.isEmpty)
        #expect(configuration.server.port == 20001)
        #expect(configuration.globals.port == 20001)
        #expect(configuration.server.directory == "./sentinel_0")
        #expect(configuration.server.logFile == "log.txt")
        #expect(!configuration.globals.deniesScriptChanges)
    }

    @Test(
        "that is wrong is refused with the place, and what to do",
        arguments: [
            ("foo bar", "s.conf:1:1: foo is no directive"),
            ("loglvel notice", "s.conf:1:1: loglvel is no directive; was loglevel meant?"),
            ("port x", "s.conf:1:6: port must be a whole number from 0 to 65535"),
            ("port", "s.conf:1:1: port needs a value"),
            ("daemonize maybe", "s.conf:1:11: daemonize must be yes or no"),
            ("sentinel monitor m 1.2.3.4 1 0", "s.conf:1:30: a quorum is a whole number from 1 on"),
            ("sentinel monitor m 1.2.3.4 0 1", "s.conf:1:28: a port is a number from 1 to 65535"),
            (
                "sentinel monitor m db 1 1",
                "s.conf:1:20: db is no IP address; names need sentinel resolve-hostnames yes"
            ),
            ("sentinel auth-pass q x", "s.conf:1:20: no master q is monitored"),
            (
                "sentinel monitr m 1.2.3.4 1 1",
                "s.conf:1:10: sentinel monitr is no directive; was monitor meant?"
            ),
            ("sentinel myid abc", "s.conf:1:15: an identity has 40 hexadecimal digits"),
            ("include /nope", "s.conf:1:9: /nope does not exist"),
            ("rename-command a", "s.conf:1:1: wrong number of values for rename-command"),
        ])
    func wrong(_ line: String, _ expected: String) {
        #expect(read(line).problems == [expected])
    }

    @Test("names scripts that can be run")
    func scripts() {
        let monitor = "sentinel monitor m 127.0.0.1 1 1\n"
        #expect(read(monitor + "sentinel notification-script m /bin/notify").problems.isEmpty)
        // A script's path is meant from the directory in which the Sentinel works.
        let relative = "sentinel notification-script m ../notify\n" + monitor + "dir /bin/x\n"
        #expect(read(relative).problems.count == 1)
        #expect(
            read("sentinel notification-script m notify\n" + monitor + "dir /bin").problems
                .isEmpty)
        #expect(
            read(monitor + "sentinel client-reconfig-script m /nope").problems == [
                "s.conf:2:35: /nope does not exist or cannot be run; give its path, and chmod +x it"
            ])
    }

    @Test("includes others, and is overruled by the command line")
    func others() {
        let (configuration, problems) = read(
            "include /a\nport 5\n", commandLine: [["port", "7"], ["loglevel", "debug"]],
            files: ["/a": "port 4\nmaxclients 12\nsentinel monitor m 127.0.0.1 1 1\n"])
        #expect(problems.isEmpty)
        #expect(configuration.server.port == 7)
        #expect(configuration.server.clientCountMax == 12)
        #expect(configuration.server.logLevel == "debug")
        #expect(configuration.ledger.entries.count == 1)
        #expect(read("include /a", files: ["/a": "include /a"]).problems.count == 1)
    }

    @Test("has the users and the names of commands for the port")
    func users() {
        let (configuration, problems) = read("user bob on >x +ping\nrename-command ping p\n")
        #expect(problems.isEmpty)
        #expect(configuration.users.map(\.words) == [["bob", "on", ">x", "+ping"]])
        #expect(configuration.renamedCommands.map(\.renamed) == ["p"])
    }

    @Test("may tell Baton to be no better than Sentinel")
    func own() {
        let (configuration, problems) = read(
            "baton announce-switch-early no\nbaton retry-at-once NO\nbaton guard-orders yes\n")
        #expect(problems.isEmpty)
        #expect(!configuration.globals.announcesSwitchEarly)
        #expect(!configuration.globals.retriesAtOnce)
        #expect(configuration.guardsOrders)
        #expect(read("baton evidence no").problems.isEmpty)
        #expect(read("baton evidence yes").problems.first?.contains("`baton run` alone") == true)
        #expect(
            read("baton host redis01").problems == [
                "s.conf:1:7: a Sentinel has baton announce-switch-early, baton retry-at-once,"
                    + " baton guard-orders and baton evidence, and not baton host"
            ])
    }
}
