import MonotonicTime
import SentinelCore
import Stage
import Testing

@Suite("Promotion")
struct PromotionTests {
    @Test("a failover is told in the order of the note's log, but for the early +switch-master")
    func order() {
        let stage = Stage()
        stage.settle()
        stage.hang(server: 1)
        stage.run(until: .failoverEnd)
        stage.run(.milliseconds(10))
        let leader = 2
        #expect(
            stage.log.filter { $0.node == leader && $0.announcement.name.level != .verbose }
                .map { stage.readable($0.announcement.line) } == [
                    "+sdown master orders 10.0.0.1 6379",
                    "+odown master orders 10.0.0.1 6379 #quorum 2/2",
                    "+new-epoch 1",
                    "+try-failover master orders 10.0.0.1 6379",
                    "+vote-for-leader n2 1",
                    "n1 voted for n2 1",
                    "+elected-leader master orders 10.0.0.1 6379",
                    "+failover-state-select-slave master orders 10.0.0.1 6379",
                    "+selected-slave slave 10.0.0.2:6379 10.0.0.2 6379 @ orders 10.0.0.1 6379",
                    "+failover-state-send-slaveof-noone slave 10.0.0.2:6379 10.0.0.2 6379"
                        + " @ orders 10.0.0.1 6379",
                    "+failover-state-wait-promotion slave 10.0.0.2:6379 10.0.0.2 6379"
                        + " @ orders 10.0.0.1 6379",
                    "+promoted-slave slave 10.0.0.2:6379 10.0.0.2 6379 @ orders 10.0.0.1 6379",
                    "+failover-state-reconf-slaves master orders 10.0.0.2 6379",
                    "+slave-reconf-sent slave 10.0.0.3:6379 10.0.0.3 6379"
                        + " @ orders 10.0.0.2 6379",
                    "+switch-master orders 10.0.0.1 6379 10.0.0.2 6379",
                    "+slave slave 10.0.0.1:6379 10.0.0.1 6379 @ orders 10.0.0.2 6379",
                    "+slave slave 10.0.0.3:6379 10.0.0.3 6379 @ orders 10.0.0.2 6379",
                    "+slave-reconf-inprog slave 10.0.0.3:6379 10.0.0.3 6379"
                        + " @ orders 10.0.0.2 6379",
                    "+slave-reconf-done slave 10.0.0.3:6379 10.0.0.3 6379"
                        + " @ orders 10.0.0.2 6379",
                    "+failover-end master orders 10.0.0.2 6379",
                ])
    }

    @Test("every voter announces the new primary at its promotion, not when all have followed")
    func everywhere() throws {
        let stage = Stage()
        stage.syncDelay = .seconds(60)
        stage.settle()
        stage.kill(server: 1)
        stage.run(until: .promotedReplica)
        let promoted = stage.time
        stage.run(.seconds(1))
        for node in 1...3 {
            let at = try #require(stage.firstTime(.switchPrimary, by: node))
            #expect(at - promoted <= .milliseconds(5))
        }
        #expect(stage.count(.failoverEnd) == 0)
    }

    @Test("+switch-master is not said before the new configuration is durable")
    func durable() {
        let stage = Stage()
        stage.settle()
        stage.kill(server: 1)
        stage.run(until: .electedLeader)
        let leader = 2
        stage.hosts[leader - 1].disk = .fails("No space left on device")
        stage.run(.seconds(3))
        #expect(stage.count(.promotedReplica, by: leader) == 1)
        #expect(stage.count(.switchPrimary) == 0)
        stage.hosts[leader - 1].disk = .works
        stage.run(.seconds(4))
        for node in 1...3 { #expect(stage.count(.switchPrimary, by: node) == 1) }
    }

    @Test("an order to follow that was dropped with an unsaved state is given again")
    func ordersAgain() {
        let stage = Stage()
        stage.settle()
        stage.kill(server: 1)
        stage.run(until: .electedLeader)
        let leader = 2
        stage.hosts[leader - 1].disk = .fails("No space left on device")
        stage.run(.seconds(1))
        stage.hosts[leader - 1].disk = .works
        stage.run(.seconds(3))
        #expect(stage.count(.reconfigurationDone, by: leader) == 1)
        #expect(stage.hosts[2].server?.role == .replica(of: Stage.server(2)))
        #expect(stage.count(.reconfigurationTimedOut) == 0)
    }

    @Test("what a node must not forget after a failover is on its disk")
    func state() {
        let stage = Stage()
        stage.settle()
        stage.kill(server: 1)
        stage.run(.seconds(2))
        #expect(
            stage.hosts[0].state
                == PersistentState(
                    id: Stage.nodeID(1), life: 1, currentEpoch: 1,
                    groups: [
                        .init(
                            name: "orders", primary: Stage.server(2), configEpoch: 1,
                            votedEpoch: 1, votedFor: Stage.nodeID(2),
                            replicas: [Stage.server(1), Stage.server(3)])
                    ]))
    }

    @Test("a replica that does not become a primary in 2.5 s is given up, and why is said once")
    func refuses() {
        let stage = Stage()
        stage.settle()
        stage.hosts[1].server?.orderError = "NOPERM this user has no permissions"
        stage.kill(server: 1)
        stage.run(until: .abortReplicaTimeout)
        #expect(stage.time > .milliseconds(2500) && stage.time < .milliseconds(2700))
        #expect(
            stage.lines(by: 2).contains(
                "slave 10.0.0.2:6379 10.0.0.2 6379 @ orders 10.0.0.1 6379 refuses to change its "
                    + "role: NOPERM this user has no permissions. "
                    + "Its user needs +multi +exec +slaveof +replicaof +config|rewrite"
                    + " +client|kill."))
        stage.hosts[1].server?.orderError = nil
        #expect(stage.run(until: .promotedReplica, atMost: .seconds(10)))
    }

    @Test("no more replicas than parallel-syncs follow at a time", arguments: 1...4)
    func parallelSyncs(limit: Int) {
        var shape = Stage.Shape(hosts: 6, quorum: 3)
        shape.settings.parallelSyncs = limit
        let stage = Stage(shape)
        stage.syncDelay = .milliseconds(500)
        stage.settle()
        stage.kill(server: 1)
        stage.run(until: .failoverEnd)
        var underWay = 0
        var most = 0
        for line in stage.log {
            switch line.announcement.name {
            case .reconfigurationSent: underWay += 1
            case .reconfigurationDone: underWay -= 1
            default: break
            }
            most = max(most, underWay)
        }
        #expect(most == limit)
        #expect(underWay == 0)
        #expect(stage.count(.reconfigurationDone) == 4)
    }

    @Test("a replica that was told and does not follow is waited for ten seconds")
    func follows() {
        let stage = Stage()
        stage.settle()
        stage.hosts[2].server?.orderError = "NOPERM this user has no permissions"
        stage.kill(server: 1)
        stage.run(until: .promotedReplica)
        stage.restartClock()
        stage.run(until: .failoverEnd)
        #expect(stage.time > .seconds(10) && stage.time < .milliseconds(10_200))
        #expect(stage.count(.reconfigurationTimedOut) == 1)
    }

    @Test("a failover ends at its time-out; only those not told yet are told then")
    func timeOut() {
        var shape = Stage.Shape(hosts: 5, quorum: 3)
        shape.settings.failoverTimeout = .seconds(20)
        let stage = Stage(shape)
        stage.syncDelay = .seconds(1000)
        stage.settle()
        stage.kill(server: 1)
        stage.run(until: .promotedReplica)
        let leader = 2
        stage.restartClock()
        stage.run(until: .failoverEndForTimeout)
        #expect(stage.time >= .seconds(20) && stage.time < .milliseconds(20_200))
        stage.run(.milliseconds(5))
        let told = stage.sent.filter { $0.node == leader && $0.3.isFollow }.map(\.target)
        #expect(
            told == [3, 4, 5].map { .server(Stage.server($0), group: Stage.group) })
    }

    @Test("a new primary that dies while others are pointed at it is replaced as well")
    func diesAgain() {
        let stage = Stage()
        stage.settle()
        stage.syncDelay = .seconds(3)
        stage.kill(server: 1)
        stage.run(until: .promotedReplica)
        // Server 3 has followed server 2 before that one dies.
        stage.run(until: .reconfigurationDone, atMost: .seconds(5))
        stage.kill(server: 2)
        #expect(stage.run(until: .promotedReplica, atMost: .seconds(10)))
        #expect(stage.hosts[2].server?.isPrimary == true)
    }

    @Test("the primary is asked for its role every 20 ms while it is promoted")
    func fastReports() {
        let stage = Stage()
        stage.settle()
        stage.hosts[1].server?.orderError = "LOADING not now"
        stage.kill(server: 1)
        stage.run(until: .waitPromotion)
        stage.restartClock()
        stage.run(.seconds(1))
        let count = stage.sent.count {
            $0.node == 2 && $0.3.isReport
                && $0.target == .server(Stage.server(2), group: Stage.group)
        }
        #expect((45...51).contains(count))
    }
}
