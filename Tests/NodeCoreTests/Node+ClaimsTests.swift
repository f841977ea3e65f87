import MonotonicTime
import NodeCore
import SentinelCore
import Stage
import Testing

@Suite("Somebody else claims the address")
struct ClaimsTests {
    private static func claim(_ stage: Stage, by hardware: String = "02:00:00:00:00:66") {
        stage.give(.claimed(group: Stage.group, by: hardware, isPeer: false), to: 1)
    }

    private static func announcements(_ stage: Stage) -> Int {
        stage.addressLog.count { $0.node == 1 && $0.effect == .announce(group: Stage.group) }
    }

    @Test("while the voters confirm the holder it announces itself, at most once a second")
    func defended() {
        let stage = Stage.withAddress()
        stage.run(.seconds(10))
        let before = Self.announcements(stage)
        for _ in 0..<30 {
            Self.claim(stage)
            stage.run(.milliseconds(100))
        }
        #expect(stage.holders == [1])
        #expect((2...4).contains(Self.announcements(stage) - before))
        #expect(stage.count(.addressTrouble, by: 1) == 1)
    }

    @Test("a holder that no majority confirms gives it up before its lease ends")
    func unconfirmed() {
        let stage = Stage.withAddress()
        stage.isolate(host: 1)
        Self.claim(stage)
        stage.run(.milliseconds(450))
        #expect(stage.holders == [])
    }

    @Test("a host that does not hold does nothing")
    func bystander() {
        let stage = Stage.withAddress()
        stage.give(.claimed(group: Stage.group, by: "02:00:00:00:00:66", isPeer: false), to: 2)
        stage.run(.seconds(1))
        #expect(stage.holders == [1])
        #expect(stage.count(.addressTrouble) == 0)
    }
}
