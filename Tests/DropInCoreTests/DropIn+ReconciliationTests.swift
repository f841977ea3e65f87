import MonotonicTime
import SentinelCore
import Testing

@testable import DropInCore

@Suite("A server that is not what the configuration says")
struct ReconciliationTests {
    @Test("becomes a replica again eight seconds after it called itself a primary")
    func convert() {
        let stage = Stage()
        stage.settle()
        stage.servers[2].following = nil
        #expect(stage.run(until: .roleMismatch, by: 1, atMost: .seconds(11)))
        let seen = stage.time
        #expect(stage.run(until: .convertToReplica, atMost: .seconds(21)))
        #expect(stage.time - seen > .seconds(8))
        stage.run(.milliseconds(10))
        #expect(stage.servers[2].following == 1)
    }

    @Test("is given the time anew once its connections were closed, as a promotion closes them")
    func promotedMeanwhile() {
        let stage = Stage()
        stage.settle()
        stage.servers[2].following = nil
        #expect(stage.run(until: .roleMismatch, by: 1, atMost: .seconds(11)))
        // Before the next report, which would end its patience.
        stage.run(.seconds(9))
        #expect(stage.servers[2].following == nil)
        stage.closeConnections(to: Stage.server(3), sparing: nil)
        stage.run(.seconds(7))
        #expect(stage.servers[2].following == nil)
        stage.run(.seconds(14))
        #expect(stage.servers[2].following == 1)
    }

    @Test("is left alone while its primary is not well")
    func insane() {
        let stage = Stage(quorum: 4)
        stage.settle()
        stage.kill(1)
        stage.servers[2].following = nil
        stage.run(.seconds(40))
        #expect(stage.servers[2].following == nil)
    }

    @Test("follows the primary again after the failover-timeout where it follows another")
    func fix() {
        let stage = Stage()
        stage.settle()
        stage.servers[2].following = 2
        #expect(stage.run(until: .fixReplicaConfig, atMost: .seconds(33)))
        #expect(stage.time > .seconds(10))
        stage.run(.milliseconds(10))
        #expect(stage.servers[2].following == 1)
    }
}
