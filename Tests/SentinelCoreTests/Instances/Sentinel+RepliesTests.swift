import Addressing
import MonotonicTime
import SentinelCore
import Stage
import Testing

@Suite("Replies")
struct RepliesTests {
    private func settled() -> Stage {
        let stage = Stage()
        stage.settle()
        return stage
    }

    @Test("replicas are learnt from the primary's report, announced and remembered")
    func discovery() {
        let stage = Stage()
        stage.run(.seconds(3))
        #expect(stage.count(.replicaFound, by: 2) == 2)
        #expect(stage.hosts[1].state.groups[0].replicas == [Stage.server(2), Stage.server(3)])
        stage.stopNode(2)
        stage.restartClock()
        stage.startNode(2)
        stage.run(.seconds(3))
        #expect(stage.count(.replicaFound, by: 2) == 0)
    }

    @Test("what seems to connect from a write address is no replica")
    func writeAddress() {
        let stage = settled()
        stage.hosts[0].server?.attachedToo = [
            Endpoint(address: Stage.writeAddress, port: 6379)
        ]
        stage.run(.seconds(3))
        #expect(stage.view(2).servers.count == 3)
        #expect(stage.log.isEmpty)
    }

    @Test("a report that lists more replicas than any group has is cut off")
    func tooMany() {
        let stage = settled()
        stage.hosts[0].server?.attachedToo = (1...1000).map {
            Endpoint(address: .v4(IPv4Address(bits: 0x0B00_0000 + UInt32($0))), port: 6379)
        }
        stage.run(.milliseconds(1500))
        #expect(stage.view(2).servers.count == 128)
    }

    @Test("a list of replicas counts only when the primary gives it")
    func replicaOfReplica() {
        let stage = settled()
        stage.hosts[2].server?.role = .primary
        stage.hosts[2].server?.attachedToo = [Stage.server(8)]
        stage.run(.seconds(3))
        #expect(stage.view(2).servers.count == 3)
    }

    @Test("another life of a server's process is announced as +reboot")
    func reboot() {
        let stage = settled()
        stage.hosts[2].seesProcesses = false
        stage.kill(server: 3)
        stage.run(.seconds(1))
        stage.start(server: 3)
        stage.run(.seconds(2))
        for node in 1...3 { #expect(stage.count(.reboot, by: node) == 1) }
    }

    @Test("the process of a local server is watched, each life of it, also under the same id")
    func watch() {
        let stage = Stage()
        stage.run(.seconds(3))
        #expect(stage.watches.filter { $0.node == 3 }.map(\.endpoint) == [Stage.server(3)])
        stage.hosts[2].seesProcesses = false
        stage.kill(server: 3)
        stage.start(server: 3)
        stage.hosts[2].server?.processID -= 1
        stage.run(.seconds(3))
        #expect(
            stage.watches.filter { $0.node == 3 }.map(\.endpoint)
                == [Stage.server(3), Stage.server(3)])
    }

    @Test(
        "a primary that ends before it told its new history is replaced by who has that",
        arguments: [true, false])
    func historyOfFirstReplica(hadBacklog: Bool) {
        let stage = settled()
        stage.hosts[0].server?.hasBacklog = hadBacklog
        stage.run(.seconds(2))
        stage.loses = { _, target, request in
            guard case .info = request else { return false }
            return target == .server(Stage.server(1), group: Stage.group)
        }
        // As Redis 7.0 does when the first replica attaches to a primary without a backlog. With
        // one it can't be: then these are the data of another primary.
        for host in 0..<3 {
            stage.hosts[host].server?.history = RunID(high: 7, middle: 7, low: 7)
        }
        stage.run(.seconds(2))
        stage.kill(server: 1)
        #expect(stage.run(until: .promotedReplica, atMost: .seconds(5)) == !hadBacklog)
    }

    @Test("a change of role is announced, with whether it fits")
    func roles() {
        let stage = settled()
        stage.stopNode(1)
        stage.hosts[2].server?.orderError = "NOPERM"
        stage.hosts[2].server?.role = .primary
        stage.run(.seconds(2))
        #expect(
            stage.lines(by: 2).contains(
                "-role-change slave 10.0.0.3:6379 10.0.0.3 6379 @ orders 10.0.0.1 6379"
                    + " new reported role is master"))
        stage.hosts[2].server?.role = .replica(of: Stage.server(1))
        stage.run(.seconds(2))
        #expect(
            stage.lines(by: 2).contains(
                "+role-change slave 10.0.0.3:6379 10.0.0.3 6379 @ orders 10.0.0.1 6379"
                    + " new reported role is slave"))
    }

    @Test("an error is said once, and again when the server was well in between")
    func errors() {
        let stage = settled()
        stage.hosts[2].server?.pingError = "MISCONF Redis is configured to save RDB snapshots"
        stage.run(.seconds(4))
        #expect(stage.count(.alarm, by: 2) == 1)
        stage.hosts[2].server?.pingError = nil
        stage.run(.seconds(2))
        stage.hosts[2].server?.pingError = "MISCONF Redis is configured to save RDB snapshots"
        stage.run(.seconds(2))
        #expect(stage.count(.alarm, by: 2) == 2)
    }

    @Test("a node that does not watch our group is said once")
    func unknownGroup() {
        let stage = settled()
        // The first connection that a node opens is to its first peer.
        let link = LinkID(number: 1)
        for _ in 0..<3 {
            stage.give(
                .replied(link, .peer(.refused(.unknownGroup), sentAt: stage.now)), to: 2)
            stage.give(.replied(link, .peer(.refused(.stranger), sentAt: stage.now)), to: 2)
        }
        #expect(
            stage.lines(by: 2) == [
                "The node n1 does not monitor a group that this one does: "
                    + "the configuration must be the same on every host.",
                "The node n1 does not know this host: "
                    + "its configuration has no `baton host` line for 10.0.0.2:26379.",
            ])
    }
}
