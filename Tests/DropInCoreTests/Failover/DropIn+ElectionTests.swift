import Addressing
import MonotonicTime
import SentinelCore
import Testing

@testable import DropInCore

@Suite("An election")
struct ElectionTests {
    @Test("is won by nobody without a majority of all that were ever seen")
    func majority() {
        let stage = Stage(nodes: 5, quorum: 1)
        stage.settle()
        for node in 3...5 { stage.crash(node) }
        stage.kill(1)
        #expect(stage.run(until: .abortNotElected))
        stage.run(.seconds(60))
        #expect(!stage.log.contains { $0.announcement.name == .electedLeader })
        #expect(stage.servers[1].following == 1)
    }

    @Test("needs the quorum, even with a majority")
    func quorum() {
        let stage = Stage(nodes: 5, quorum: 4)
        stage.settle()
        for node in 4...5 { stage.crash(node) }
        stage.kill(1)
        stage.run(.seconds(40))
        #expect(!stage.log.contains { $0.announcement.name == .objectivelyDown })
        stage.restart(4)
        #expect(stage.run(until: .switchPrimary, atMost: .seconds(30)))
    }

    @Test("is held again soon when it came to nothing and a majority is there again")
    func retry() {
        let stage = Stage()
        stage.settle()
        for node in 1...2 { stage.cut(node, from: [Stage.node(3).address]) }
        stage.cut(1, from: [Stage.node(2).address])
        for group in stage.nodes.indices { stage.nodes[group].core.groups[0].settings.quorum = 1 }
        stage.kill(1)
        #expect(stage.run(until: .abortNotElected, atMost: .seconds(30)))
        stage.heal()
        // Links that are cut are replaced after fifteen seconds.
        #expect(stage.run(until: .switchPrimary, atMost: .seconds(19)))
    }

    @Test("is begun by another when the leader dies after it was elected")
    func deadLeader() {
        let stage = Stage()
        stage.settle()
        stage.kill(1)
        #expect(stage.run(until: .electedLeader))
        let leader = stage.log.last?.node ?? 1
        stage.crash(leader)
        #expect(stage.run(until: .switchPrimary, atMost: .seconds(25)))
        stage.run(.seconds(2))
        #expect(stage.agreedPrimary != 1)
    }

    @Test("waits as Sentinel does where it is told to")
    func patience() {
        let stage = Stage(globals: { $0.retriesAtOnce = false })
        stage.settle()
        stage.kill(1)
        #expect(stage.run(until: .electedLeader))
        stage.crash(stage.log.last?.node ?? 1)
        #expect(!stage.run(until: .tryFailover, atMost: .seconds(15)))
        #expect(stage.run(until: .switchPrimary, atMost: .seconds(15)))
    }
}
