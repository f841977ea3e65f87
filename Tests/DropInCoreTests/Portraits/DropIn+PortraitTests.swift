import MonotonicTime
import SentinelCore
import Testing

@testable import DropInCore

@Suite("What clients are shown")
struct PortraitTests {
    @Test("the promoted server's address from its promotion on, the old master until the end")
    func promotion() {
        let stage = Stage()
        stage.settle()
        for server in 2...3 { stage.servers[server - 1].neverSyncs = true }
        stage.kill(1)
        #expect(stage.run(until: .reconfigureReplicas))
        let leader = stage.log.last?.node ?? 1
        let portrait = stage.portrait(leader)
        #expect(portrait?.clientHost == "10.0.0.2")
        #expect(portrait?.master.host == "10.0.0.1")
        #expect(portrait?.master.failoverState == "reconf_slaves")
        #expect(
            portrait?.master.flags == [
                "s_down", "o_down", "master", "disconnected", "failover_in_progress",
            ])
        #expect(
            portrait?.replicas[0].flags.filter { $0 != "disconnected" } == ["slave", "promoted"])
        // The file has it already.
        let entry = stage.nodes[leader - 1].core.ledger.entries[0]
        #expect(entry.primary == Place(Stage.server(2)))
        #expect(entry.replicas == [Place(Stage.server(3)), Place(Stage.server(1))])
    }

    @Test("the reports as they came, the master's first")
    func reports() {
        let stage = Stage()
        #expect(stage.portrait(1)?.reports.first?.text == nil)
        stage.settle()
        let reports = stage.portrait(1)?.reports ?? []
        #expect(reports.count == 3)
        #expect(reports.allSatisfy { $0.text?.hasPrefix("# Server\r\nrun_id:") == true })
        #expect(reports.allSatisfy { $0.age <= .seconds(10) })
    }
}
