import Addressing
import MonotonicTime
import SentinelCore
import Testing

@testable import DropInCore

@Suite("A server is down")
struct DetectionTests {
    /// Nobody replaces it.
    private func stage() -> Stage {
        let stage = Stage(quorum: 4)
        stage.settle()
        return stage
    }

    private func isDown(_ stage: Stage) -> Bool {
        stage.portrait(1)?.master.flags.contains("s_down") ?? false
    }

    @Test("down-after after its connection closed, to all at the same moment")
    func closed() {
        let stage = stage()
        stage.kill(1)
        stage.run(.seconds(3))
        let moments = stage.log.filter { $0.announcement.name == .subjectivelyDown }.map(\.at)
        #expect(moments.count == 3)
        for moment in moments { #expect((2_000...2_010).contains(moment.milliseconds)) }
        stage.revive(1)
        #expect(stage.run(until: .subjectivelyUp, by: 1, atMost: .seconds(2)))
    }

    @Test("when it accepts and does not answer")
    func hung() {
        let stage = stage()
        stage.servers[0].isHung = true
        #expect(stage.run(until: .subjectivelyDown, by: 1, atMost: .milliseconds(3_200)))
        #expect(stage.time > .seconds(2))
    }

    @Test("when it answers with errors, or its PING is renamed to nothing it knows")
    func refusing() {
        let stage = stage()
        stage.servers[0].isRefusingPings = true
        #expect(stage.run(until: .subjectivelyDown, by: 1, atMost: .seconds(4)))
        stage.servers[0].isRefusingPings = false
        #expect(stage.run(until: .subjectivelyUp, by: 1, atMost: .seconds(2)))
        let renamed = MasterSettings.RenamedCommand(original: "PING", renamed: "PONG")
        _ = stage.order(.set("orders", [.renamedCommand(renamed)]), to: 1)
        #expect(stage.run(until: .subjectivelyDown, by: 1, atMost: .seconds(4)))
        let back = MasterSettings.RenamedCommand(original: "PING", renamed: "PING")
        _ = stage.order(.set("orders", [.renamedCommand(back)]), to: 1)
        #expect(stage.run(until: .subjectivelyUp, by: 1, atMost: .seconds(2)))
    }

    @Test("when it is a primary that has long called itself a replica")
    func wrongRole() {
        let stage = stage()
        stage.servers[0].following = 2
        #expect(stage.run(until: .roleMismatch, by: 1, atMost: .seconds(11)))
        #expect(stage.run(until: .subjectivelyDown, by: 1, atMost: .seconds(24)))
        stage.servers[0].following = nil
        #expect(stage.run(until: .subjectivelyUp, by: 1, atMost: .seconds(11)))
    }

    @Test("when it restarted and loads for longer than master-reboot-down-after-period")
    func reboot() {
        let stage = Stage(quorum: 4, settings: { $0.rebootDownAfter = .seconds(5) })
        stage.settle()
        stage.kill(1)
        stage.servers[0].isLoading = true
        stage.revive(1)
        #expect(stage.run(until: .reboot, by: 1, atMost: .seconds(2)))
        #expect(stage.run(until: .subjectivelyDown, by: 1, atMost: .milliseconds(5_200)))
        #expect(stage.portrait(1)?.master.flags == ["s_down", "master", "master_reboot"])
        stage.servers[0].isLoading = false
        #expect(stage.run(until: .subjectivelyUp, by: 1, atMost: .seconds(2)))
    }

    @Test("and is freed once of a script that keeps it busy")
    func busy() {
        let stage = stage()
        stage.servers[0].isBusy = true
        #expect(stage.run(until: .subjectivelyUp, by: 1, atMost: .seconds(6)))
        #expect(stage.sent.count { $0.request == .killScript && $0.node == 1 } == 1)
    }

    @Test("objectively when a quorum sees it, and no longer")
    func objectively() {
        let stage = Stage(quorum: 2, globals: { $0.retriesAtOnce = false })
        stage.settle()
        for server in 1...2 { stage.servers[server].priority = 0 }
        stage.run(.seconds(11))
        stage.kill(1)
        #expect(stage.run(until: .objectivelyDown, by: 1, atMost: .seconds(3)))
        stage.revive(1)
        #expect(stage.run(until: .objectivelyUp, by: 1, atMost: .seconds(3)))
    }

    @Test(
        "objectively by what others see of it, not by what they saw of the primary before it",
        arguments: 1...3)
    func formerOpinions(_ node: Int) {
        let stage = Stage()
        stage.settle()
        stage.kill(1)
        #expect(stage.run(atMost: .seconds(4)) { ![nil, 1].contains(stage.agreedPrimary) })
        guard let primary = stage.agreedPrimary else { return }
        let switched = stage.time
        // It alone does not reach the new one, while what the others said is fresh.
        stage.cut(node, from: [Stage.server(primary).address])
        #expect(stage.run(until: .subjectivelyDown, by: node, atMost: .seconds(4)))
        stage.run(.seconds(10))
        let moments = stage.log.filter { $0.announcement.name == .objectivelyDown }.map(\.at)
        #expect(moments.allSatisfy { $0 < switched }, "\(moments)")
        #expect(stage.agreedPrimary == primary)
    }
}
