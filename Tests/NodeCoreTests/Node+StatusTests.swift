import MonotonicTime
import NodeCore
import SentinelCore
import Stage
import Testing

@Suite("Status")
struct StatusTests {
    private func settled() -> Stage {
        var shape = Stage.Shape()
        shape.hasWriteAddress = true
        let stage = Stage(shape)
        stage.settle()
        return stage
    }

    private func status(_ stage: Stage, _ number: Int) throws -> NodeStatus {
        try #require(stage.node(number)).status(at: stage.now)
    }

    @Test("shows who this is, who the primary is, who holds the address")
    func healthy() throws {
        let stage = settled()
        stage.write(to: 1, bytes: 50)
        stage.hosts[2].server?.offset -= 20
        stage.run(.seconds(2))
        let status = try status(stage, 2)
        #expect(status.name == "n2" && status.id == Stage.nodeID(2))
        #expect(status.endpoint == Stage.node(2) && status.currentEpoch == 0 && status.mayVote)
        let group = try #require(status.groups.first)
        #expect(group.primary == Stage.server(1) && group.configEpoch == 0)
        #expect(!group.isObjectivelyDown && group.failoverState == "none" && group.isConfirmed)
        #expect(group.address == .released)
        #expect(group.servers.map(\.endpoint) == [1, 2, 3].map(Stage.server))
        #expect(group.servers.map(\.isPrimary) == [true, false, false])
        #expect(group.servers.map(\.isLocal) == [false, true, false])
        #expect(group.servers.map(\.lagBytes) == [nil, 0, 20])
        #expect(group.servers.allSatisfy { $0.isConnected && !$0.isSubjectivelyDown })
        for server in group.servers {
            #expect(try #require(server.silence) <= .milliseconds(1100))
            #expect(try #require(server.reportAge) <= .milliseconds(1100))
        }
        #expect(group.peers.map(\.name) == ["n1", "n3"])
        #expect(group.peers.map(\.holdsAddress) == [true, false])
        #expect(group.peers.map(\.primary) == [Stage.server(1), Stage.server(1)])
        #expect(try self.status(stage, 1).groups[0].address == .held)
    }

    @Test("puts the new primary first, and shows the dead one as down")
    func afterFailover() throws {
        let stage = settled()
        stage.kill(server: 1)
        stage.run(.seconds(10))
        let group = try status(stage, 3).groups[0]
        #expect(group.servers.map(\.endpoint) == [2, 1, 3].map(Stage.server))
        #expect(group.servers.map(\.isSubjectivelyDown) == [false, true, false])
        #expect(group.servers[1].isConnected == false)
        #expect(try #require(group.servers[1].silence) >= .seconds(9))
        #expect(group.configEpoch == 1)
        #expect(group.peers.map(\.holdsAddress) == [false, true])
    }

    @Test("before the first contact knows nothing and says so")
    func unknown() throws {
        let stage = Stage()
        let status = try status(stage, 1)
        #expect(status.groups[0].servers.allSatisfy { $0.silence == nil && $0.report == nil })
        #expect(status.groups[0].peers.allSatisfy { $0.silence == nil && $0.primary == nil })
        #expect(!status.groups[0].isConfirmed)
        #expect(status.groups[0].address == nil)
    }

    @Test("of a node that can't save says that it does not vote")
    func unsaved() throws {
        let stage = settled()
        stage.stopNode(1)
        stage.startNode(1, mayVote: false)
        #expect(try !status(stage, 1).mayVote)
    }

    @Test("names the failover's state as Sentinel does")
    func failoverState() throws {
        let stage = settled()
        stage.hosts[1].server?.orderError = "NOPERM"
        stage.kill(server: 1)
        stage.run(until: .waitPromotion)
        #expect(try status(stage, 2).groups[0].failoverState == "wait_promotion")
        #expect(try status(stage, 2).groups[0].isObjectivelyDown)
    }
}
