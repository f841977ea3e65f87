import MonotonicTime
import SentinelCore
import Stage
import Testing

@Suite("Reconciliation")
struct ReconciliationTests {
    /// Server 2 is the primary, server 1 is dead.
    private func afterFailover() -> Stage {
        let stage = Stage()
        stage.settle()
        stage.kill(server: 1)
        stage.settle(.seconds(10))
        #expect(stage.hosts[1].server?.isPrimary == true)
        return stage
    }

    @Test("a returned primary is made a replica by its own host within one round trip")
    func returned() throws {
        let stage = afterFailover()
        stage.start(server: 1)
        stage.run(until: .convertToReplica)
        let spoke = try #require(
            stage.sent.last {
                $0.node == 1 && $0.target == .server(Stage.server(1), group: Stage.group)
                    && $0.3.isReport
            }?.at)
        // Its report, the question to the others, the save that the order waits for.
        #expect(stage.time - spoke <= .milliseconds(5))
        stage.run(.milliseconds(10))
        #expect(stage.hosts[0].server?.role == .replica(of: Stage.server(2)))
        #expect(stage.time < .milliseconds(250))
        stage.run(.seconds(20))
        #expect(stage.log.filter { $0.announcement.name == .convertToReplica }.map(\.node) == [1])
    }

    @Test("while no majority answers, a returned primary is left as it is")
    func noMajority() {
        let stage = afterFailover()
        stage.isolate(host: 1)
        stage.start(server: 1)
        stage.run(.seconds(30))
        #expect(stage.hosts[0].server?.isPrimary == true)
        #expect(stage.count(.convertToReplica) == 0)
        stage.heal(host: 1)
        #expect(stage.run(until: .convertToReplica, by: 1, atMost: .seconds(2)))
    }

    @Test("a replica that was just promoted is not made a replica before the news arrives")
    func justPromoted() {
        let stage = Stage()
        stage.settle()
        // Node 1 leads and promotes server 2. Host 2 hears neither of the vote nor of the outcome;
        // its link to server 2 is closed by the promotion itself and comes back meanwhile.
        stage.loses = { node, target, request in
            guard node == 1 else { return false }
            switch (target, request) {
            case (.peer(Stage.node(2)), .tell), (_, .publish): return true
            default: return false
            }
        }
        stage.losesReply = { node, reply in
            guard case .greeting(let greeting) = reply else { return false }
            return node == 1 && greeting.hello.configEpoch > 0
        }
        // Node 3 gave its vote, and hears nothing of the outcome either.
        stage.orderFailover(on: 1)
        stage.run(until: .promotedReplica, by: 1)
        stage.cut(1, 3)
        stage.run(.seconds(3))
        #expect(stage.view(2).configEpoch == 0)
        #expect(stage.view(2).servers.contains { $0.endpoint == Stage.server(2) })
        #expect(stage.count(.convertToReplica) == 0)
        #expect(stage.hosts[1].server?.isPrimary == true)
        stage.loses = nil
        stage.losesReply = nil
        stage.join(1, 3)
        stage.run(.seconds(30))
        #expect((1...3).allSatisfy { stage.view($0).primaryEndpoint == Stage.server(2) })
        #expect(stage.hosts[1].server?.isPrimary == true)
    }

    @Test("a returned primary whose host has no node is made a replica from afar after 8 s")
    func fromAfar() {
        let stage = afterFailover()
        stage.stopNode(1)
        stage.run(.seconds(10))
        stage.restartClock()
        stage.start(server: 1)
        stage.run(until: .convertToReplica)
        #expect(stage.time > .seconds(8) && stage.time < .seconds(10))
        stage.run(.seconds(1))
        #expect(stage.hosts[0].server?.role == .replica(of: Stage.server(2)))
    }

    @Test("nor from afar while another knows of a failover that may have promoted it")
    func fromAfarMeanwhile() {
        let stage = afterFailover()
        stage.stopNode(1)
        stage.run(.seconds(10))
        stage.restartClock()
        stage.start(server: 1)
        stage.run(.seconds(7))
        // Node 3 gives its vote to one that promotes server 1; node 2 does not hear of it.
        stage.ask(
            3,
            .question(
                Question(
                    kind: .vote, group: Stage.group, primary: Stage.server(2),
                    epoch: stage.sentinel(3).currentEpoch + 1, candidate: Stage.nodeID(1),
                    isForced: true)))
        stage.run(until: .convertToReplica)
        #expect(stage.time > .seconds(11))
    }

    @Test("a replica of a wrong address is put right by its own host after ten seconds")
    func wrongReplica() {
        let stage = Stage()
        stage.settle()
        stage.pointServer(3, at: Stage.server(9))
        stage.run(until: .fixReplicaConfig)
        #expect(stage.time > .seconds(10) && stage.time < .seconds(12))
        stage.run(.seconds(1))
        #expect(stage.hosts[2].server?.role == .replica(of: Stage.server(1)))
        stage.run(.seconds(20))
        #expect(stage.log.filter { $0.announcement.name == .fixReplicaConfig }.map(\.node) == [3])
    }

    @Test("where no node runs on its host, others put it right after the failover time-out")
    func wrongReplicaFromAfar() {
        let stage = Stage()
        stage.settle()
        stage.stopNode(3)
        stage.pointServer(3, at: Stage.server(9))
        stage.run(until: .fixReplicaConfig, atMost: .seconds(300))
        #expect(stage.time > .seconds(180) && stage.time < .seconds(185))
    }

    @Test("nobody is pointed at a primary that is down")
    func insane() {
        let stage = Stage(Stage.Shape(hosts: 3, quorum: 3))
        stage.hosts[1].server?.priority = 0
        stage.settle()
        stage.hosts[2].server?.priority = 0
        stage.pointServer(3, at: Stage.server(9))
        stage.hang(server: 1)
        stage.run(.seconds(60))
        #expect(stage.count(.fixReplicaConfig) == 0)
    }

    @Test("an order is not repeated within a second")
    func patience() {
        let stage = afterFailover()
        stage.hosts[0].server?.orderError = "NOPERM this user has no permissions"
        stage.start(server: 1)
        stage.run(.seconds(10))
        let orders = stage.sent.filter { $0.node == 1 && $0.3.isFollow }.map(\.at)
        #expect(orders.count >= 2)
        for (one, next) in zip(orders, orders.dropFirst()) { #expect(next - one > .seconds(1)) }
        #expect(stage.count(.alarm, by: 1) == 1)
    }
}

extension Request {
    var isReport: Bool {
        switch self {
        case .info: true
        case .ping, .publish, .promote, .follow, .pauseWrites, .resumeWrites, .limitWrites, .tell:
            false
        }
    }

    var isFollow: Bool {
        switch self {
        case .follow: true
        case .ping, .publish, .promote, .info, .pauseWrites, .resumeWrites, .limitWrites, .tell:
            false
        }
    }
}
