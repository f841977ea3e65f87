import MonotonicTime
import SentinelCore
import Testing

@testable import DropInCore

@Suite("The leader of a failover")
struct PromotionTests {
    /// The events of Sentinel's log, without links and saves.
    private func events(_ stage: Stage, of node: Int) -> [String] {
        stage.log.filter { line in
            line.node == node && line.announcement.name.level != .debug
                && line.announcement.name.isPublished
        }.map(\.text)
    }

    @Test("says what it does in Sentinel's words and order")
    func words() {
        let stage = Stage(globals: { $0.announcesSwitchEarly = false })
        stage.settle()
        stage.kill(1)
        stage.run(until: .switchPrimary, by: 1)
        let master = "master orders 10.0.0.1 6379"
        let two = "slave 10.0.0.2:6379 10.0.0.2 6379 @ orders 10.0.0.1 6379"
        let three = "slave 10.0.0.3:6379 10.0.0.3 6379 @ orders 10.0.0.1 6379"
        let expected = [
            "+sdown \(master)",
            "+odown \(master) #quorum 2/2",
            "+new-epoch 1",
            "+try-failover \(master)",
            "+vote-for-leader \(Stage.nodeID(1)) 1",
            "+elected-leader \(master)",
            "+failover-state-select-slave \(master)",
            "+selected-slave \(two)",
            "+failover-state-send-slaveof-noone \(two)",
            "+failover-state-wait-promotion \(two)",
            "-role-change \(two) new reported role is master",
            "+promoted-slave \(two)",
            "+failover-state-reconf-slaves \(master)",
            "+slave-reconf-sent \(three)",
            "+slave-reconf-inprog \(three)",
            "+slave-reconf-done \(three)",
            "+failover-end \(master)",
        ]
        let said = events(stage, of: 1).filter { !$0.hasPrefix("-odown") }
        #expect(Array(said.prefix(expected.count)) == expected)
        #expect(said.contains("+switch-master orders 10.0.0.1 6379 10.0.0.2 6379"))
        #expect(said.contains("+slave slave 10.0.0.3:6379 10.0.0.3 6379 @ orders 10.0.0.2 6379"))
        #expect(said.contains("+slave slave 10.0.0.1:6379 10.0.0.1 6379 @ orders 10.0.0.2 6379"))
    }

    @Test("has clients on the new primary within 300 ms of +sdown, and the old one back as replica")
    func speed() {
        let stage = Stage()
        stage.settle()
        stage.kill(1)
        #expect(stage.run(until: .switchPrimary))
        let down = stage.log.first { $0.announcement.name == .subjectivelyDown }?.at ?? .zero
        #expect(stage.time - down < .milliseconds(300))
        let observer = stage.log.last?.node == 3 ? 2 : 3
        #expect(stage.run(until: .configUpdate, by: observer, atMost: .milliseconds(100)))
        stage.run(.seconds(2))
        #expect(stage.agreedPrimary == 2)
        #expect(stage.servers.map(\.following) == [nil, nil, 2])
        stage.revive(1)
        stage.run(.seconds(25))
        #expect(stage.servers[0].following == 2)
    }

    @Test("lets no more replicas synchronise at a time than parallel-syncs says")
    func parallelSyncs() {
        let stage = Stage(servers: 5)
        stage.settle()
        for server in 2...5 { stage.servers[server - 1].neverSyncs = true }
        stage.kill(1)
        #expect(stage.run(until: .reconfigurationSent))
        stage.run(.seconds(5))
        let sent = stage.log.count { $0.announcement.name == .reconfigurationSent }
        #expect(sent == 1)
    }

    @Test("ends for time when a replica never follows, and points the rest at the new primary")
    func timeout() {
        let stage = Stage(servers: 4)
        stage.settle()
        for server in 2...4 { stage.servers[server - 1].neverSyncs = true }
        stage.kill(1)
        #expect(stage.run(until: .failoverEndForTimeout, atMost: .seconds(30)))
        #expect(stage.log.contains { $0.announcement.name == .reconfigurationForced })
        stage.run(.seconds(3))
        #expect(stage.servers.map(\.following) == [nil, nil, 2, 2])
    }

    @Test("gives up where no replica is fit, and tries again with another epoch")
    func noGoodReplica() {
        let stage = Stage()
        stage.settle()
        stage.servers[1].priority = 0
        stage.servers[2].priority = 0
        stage.run(.seconds(11))
        stage.kill(1)
        #expect(stage.run(until: .abortNoGoodReplica))
        stage.servers[2].priority = 10
        #expect(stage.run(until: .switchPrimary, atMost: .seconds(10)))
        stage.run(.seconds(2))
        #expect(stage.agreedPrimary == 3)
    }

    @Test("waits for a promotion no longer than the failover-timeout")
    func stubborn() {
        let stage = Stage(globals: { $0.retriesAtOnce = false })
        stage.settle()
        stage.servers[1].ignoresOrders = true
        stage.kill(1)
        #expect(stage.run(until: .waitPromotion))
        let sent = stage.time
        #expect(stage.run(until: .abortReplicaTimeout, atMost: .seconds(11)))
        #expect(stage.time - sent > .seconds(10))
        #expect(stage.portrait(1)?.master.failoverState == nil)
    }

    @Test("calls the scripts with Sentinel's arguments")
    func scripts() {
        let stage = Stage(settings: {
            $0.notificationScript = "/notify"
            $0.clientReconfigScript = "/reconfigure"
        })
        stage.settle()
        stage.kill(1)
        stage.run(until: .failoverEnd)
        stage.run(.seconds(3))
        let move = ["start", "10.0.0.1", "6379", "10.0.0.2", "6379"]
        let roles = stage.scripts.filter { $0.words[0] == "/reconfigure" }
        #expect(roles.contains { $0.words == ["/reconfigure", "orders", "leader"] + move })
        #expect(roles.count { $0.words == ["/reconfigure", "orders", "observer"] + move } == 2)
        #expect(
            stage.scripts.contains {
                $0.words == ["/notify", "+sdown", "master orders 10.0.0.1 6379"]
            })
        #expect(!stage.scripts.contains { $0.words[0] == "/notify" && $0.words[1] == "+slave" })
    }
}
