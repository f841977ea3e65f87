import MonotonicTime
import SentinelCore
import Testing

@testable import DropInCore

@Suite("An order")
struct OrdersTests {
    private func outcome(_ stage: Stage, _ order: Order) -> OrderOutcome? {
        let query = stage.order(order, to: 1)
        stage.run(.milliseconds(20))
        return stage.outcomes[query]
    }

    @Test("adds and removes a group")
    func monitor() {
        let stage = Stage()
        stage.settle()
        let place = Place(Stage.server(2))
        #expect(outcome(stage, .monitor(name: "other", place, quorum: 3)) == .done)
        #expect(stage.lines(of: 1).contains("+monitor master other 10.0.0.2 6379 quorum 3"))
        #expect(
            outcome(stage, .monitor(name: "other", place, quorum: 1)) == .refused(.duplicateName))
        #expect(stage.nodes[0].durable.entries.map(\.settings.name) == ["orders", "other"])
        #expect(stage.nodes[0].core.portrait(of: "other", at: stage.now) != nil)
        #expect(outcome(stage, .remove("orders")) == .done)
        #expect(stage.lines(of: 1).contains("-monitor master orders 10.0.0.1 6379"))
        #expect(outcome(stage, .remove("orders")) == .refused(.unknownMaster))
        // What comes for a group that is gone goes nowhere, and the other lives on.
        stage.run(.seconds(5))
        let other = stage.nodes[0].core.portrait(of: "other", at: stage.now)
        #expect(other?.master.flags == ["master"])
    }

    @Test("forgets who was seen, and they are found again")
    func reset() {
        let stage = Stage()
        stage.settle()
        #expect(outcome(stage, .reset(pattern: "nothing")) == .reset(count: 0))
        let query = stage.order(.reset(pattern: "*"), to: 1)
        #expect(stage.portrait(1)?.replicas.count == 0)
        #expect(stage.portrait(1)?.sentinels.count == 0)
        stage.run(.seconds(5))
        #expect(stage.outcomes[query] == .reset(count: 1))
        #expect(stage.lines(of: 1).contains("+reset-master master orders 10.0.0.1 6379"))
        #expect(stage.portrait(1)?.replicas.count == 2)
        #expect(stage.portrait(1)?.sentinels.count == 2)
    }

    @Test("changes settings one by one, and says each but a password")
    func set() {
        let stage = Stage()
        stage.settle()
        let options: [MasterOption] = [
            .downAfter(.milliseconds(4000)), .quorum(3), .authPassword("geheim"),
        ]
        #expect(outcome(stage, .set("orders", options)) == .done)
        let lines = stage.lines(of: 1)
        let stem = "+set master orders 10.0.0.1 6379"
        #expect(lines.contains("\(stem) down-after-milliseconds 4000"))
        #expect(lines.contains("\(stem) quorum 3"))
        #expect(lines.contains("\(stem) auth-pass ******"))
        #expect(stage.nodes[0].durable.entries[0].settings.authPassword == "geheim")
        // The servers are logged in to anew.
        let logins = stage.connections.filter { $0.key.node == 1 }.compactMap {
            $0.value.target.login.password
        }
        stage.run(.seconds(1))
        let later = stage.connections.filter { $0.key.node == 1 }.compactMap {
            $0.value.target.login.password
        }
        #expect(logins.count + later.count > 0)
        #expect(later.count == 6)
    }

    @Test("of an endless time is one of a very long time")
    func endless() {
        let stage = Stage()
        stage.settle()
        let endless = Interval(nanoseconds: .max)
        for period in Period.allCases {
            _ = stage.order(.setPeriods([.init(period: period, interval: endless)]), to: 1)
        }
        let options: [MasterOption] = [.downAfter(endless), .failoverTimeout(endless)]
        #expect(outcome(stage, .set("orders", options)) == .done)
        stage.kill(1)
        stage.run(.seconds(30))
        #expect(stage.portrait(1)?.master.flags.contains("s_down") == false)
    }

    @Test("fails over at once and without an election, once at a time")
    func failover() {
        let stage = Stage()
        stage.settle()
        #expect(
            outcome(stage, .failover("nobody", isCoordinated: false)) == .refused(.unknownMaster))
        stage.servers[1].ignoresOrders = true
        #expect(outcome(stage, .failover("orders", isCoordinated: false)) == .done)
        #expect(
            outcome(stage, .failover("orders", isCoordinated: false))
                == .refused(.failoverInProgress))
        stage.servers[1].ignoresOrders = false
        stage.servers[1].following = nil
        stage.run(.seconds(3))
        #expect(stage.agreedPrimary == 2)
        #expect(stage.leaders.isEmpty)
        stage.run(.seconds(30))
        #expect(stage.servers.map(\.following) == [2, nil, 2])
    }

    @Test("to fail over in a coordinated way is an election, and the primary hands over")
    func coordinated() {
        let stage = Stage()
        stage.settle()
        #expect(outcome(stage, .failover("orders", isCoordinated: true)) == .done)
        #expect(stage.portrait(1)?.master.flags.contains("coordinated_failover") == true)
        #expect(stage.run(until: .failoverEnd, by: 1, atMost: .seconds(5)))
        stage.run(.seconds(2))
        #expect(stage.leaders[1] == [1])
        #expect(stage.servers.map(\.following) == [2, nil, 2])
        #expect(stage.agreedPrimary == 2)
        let finished = stage.sent.filter { $0.request == .finishHandover }.map(\.server)
        #expect(finished == [2, 1])
        #expect(!stage.sent.contains { $0.request == .promote })
    }

    @Test("to fail over in a coordinated way ends where it cannot be, and nothing changed")
    func uncoordinated() {
        let stage = Stage()
        stage.settle()
        stage.servers[0].ignoresOrders = true
        #expect(outcome(stage, .failover("orders", isCoordinated: true)) == .done)
        #expect(stage.run(until: .abortMasterTimeout, by: 1, atMost: .seconds(12)))
        #expect(stage.agreedPrimary == 1)
        stage.servers[0].knowsFailover = false
        stage.run(.seconds(11))
        #expect(
            outcome(stage, .failover("orders", isCoordinated: true))
                == .refused(.primaryLacksFailover))
    }

    @Test("is refused where no replica is fit")
    func noGoodReplica() {
        let stage = Stage(servers: 1)
        stage.settle()
        #expect(
            outcome(stage, .failover("orders", isCoordinated: false))
                == .refused(.noGoodReplica))
    }

    @Test(
        "makes the process end where it is told to",
        arguments: [
            FailureSimulation.crashAfterElection, .crashAfterPromotion,
        ])
    func simulation(_ simulation: FailureSimulation) {
        let stage = Stage()
        stage.settle()
        for node in 1...3 {
            _ = stage.order(.simulateFailure(simulation), to: node)
        }
        stage.kill(1)
        stage.run(.seconds(4))
        #expect(stage.nodes.count { !$0.isRunning } >= 1)
    }
}
