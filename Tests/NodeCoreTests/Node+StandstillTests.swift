import MonotonicTime
import NodeCore
import SentinelCore
import Stage
import Testing

@Suite("A machine that stood still")
struct StandstillTests {
    private static func isTouch(_ step: Stage.AddressStep) -> Bool {
        switch step.effect {
        case .take, .renew, .announce: step.node == 1
        case .inspect, .clear, .probe, .hush, .bar, .reset, .remove, .verify, .watch, .fence,
            .unfence:
            false
        }
    }

    /// Answers of the voters to host 1 get lost while this is true.
    private final class Silence {
        var isOn = false
    }

    private static func muting(_ stage: Stage) -> Silence {
        let silence = Silence()
        stage.losesReply = { _, reply in
            if case .lease = reply { silence.isOn } else { false }
        }
        return silence
    }

    @Test("asks the voters at once, and what they confirm is held on without a break")
    func confirmed() {
        let stage = Stage.withAddress()
        stage.run(.milliseconds(50))
        stage.restartClock()
        stage.tellStoodStill(to: 1)
        let asked = stage.sent.count { $0.node == 1 && $0.at == .zero && isLease($0.3) }
        #expect(asked == 2)
        stage.run(.seconds(3))
        #expect(stage.holders == [1])
        #expect(!stage.addressLog.contains { $0.effect.isEnd })
        #expect(stage.count(.addressTrouble) == 0)
    }

    @Test("nothing of the address is put off or announced until a majority has spoken")
    func untouched() {
        let stage = Stage.withAddress()
        let silence = Self.muting(stage)
        // The voters are asked for a claim's sake, and their answers are on the way.
        stage.give(.claimed(group: Stage.group, by: "02:00:00:00:00:66", isPeer: false), to: 1)
        stage.run(.microseconds(1500))
        silence.isOn = true
        stage.restartClock()
        stage.tellStoodStill(to: 1)
        stage.run(.milliseconds(250))
        #expect(!stage.addressLog.contains(where: Self.isTouch))
        silence.isOn = false
        stage.run(.milliseconds(2000))
        #expect(stage.addressLog.contains(where: Self.isTouch))
    }

    @Test("what no majority confirms is given up long before the lease ends, and said once")
    func unconfirmed() {
        let stage = Stage.withAddress()
        stage.isolate(host: 1)
        stage.tellStoodStill(to: 1)
        stage.run(.milliseconds(290))
        #expect(stage.holders == [1])
        stage.run(.milliseconds(160))
        #expect(stage.holders == [])
        stage.run(.milliseconds(300))
        #expect(stage.count(.addressTrouble, by: 1) == 1)
    }

    @Test("what no majority confirms is given up to the moment, not at the next tick after it")
    func punctual() throws {
        let stage = Stage.withAddress()
        // Between two ticks.
        stage.run(.milliseconds(137))
        Self.muting(stage).isOn = true
        stage.restartClock()
        stage.tellStoodStill(to: 1)
        stage.run(.milliseconds(400))
        let end = try #require(stage.addressLog.first { $0.effect.isEnd })
        #expect(end.at <= .milliseconds(302))
    }

    @Test("a machine that is confirmed later takes the address again")
    func confirmedLate() {
        let stage = Stage.withAddress()
        let silence = Self.muting(stage)
        silence.isOn = true
        stage.tellStoodStill(to: 1)
        stage.run(.milliseconds(450))
        #expect(stage.holders == [])
        silence.isOn = false
        stage.run(.seconds(5))
        #expect(stage.holders == [1])
    }

    @Test("an address that somebody removed in that moment is not put back unconfirmed")
    func vanished() {
        let stage = Stage.withAddress()
        stage.isolate(host: 1)
        stage.restartClock()
        stage.tellStoodStill(to: 1)
        stage.give(.vanished(group: Stage.group), to: 1)
        stage.run(.milliseconds(200))
        #expect(!stage.addressLog.contains(where: Self.isTouch))
    }

    @Test("a host that holds nothing does nothing")
    func bystander() {
        let stage = Stage.withAddress()
        stage.restartClock()
        stage.tellStoodStill(to: 2)
        #expect(!stage.sent.contains { $0.node == 2 && isLease($0.3) })
        stage.run(.seconds(1))
        #expect(stage.holders == [1])
        #expect(stage.count(.addressTrouble) == 0)
    }

    @Test("clocks that are set again and again drop no lease")
    func steps() {
        let stage = Stage.withAddress()
        for _ in 0..<100 {
            stage.tellStoodStill(to: 1)
            stage.run(.milliseconds(70))
            #expect(stage.holders == [1])
        }
        #expect(!stage.addressLog.contains { $0.effect.isEnd })
    }

    /// Host 1 was stopped until another held the address, and goes on, hearing nobody. Returns for
    /// how long both answer.
    private static func overlap(noticed: Interval?) -> Interval {
        let stage = Stage.withAddress()
        // Else it would hear of the other at once.
        stage.isolate(host: 1)
        stage.stop(machine: 1)
        #expect(stage.run(atMost: .seconds(20)) { !stage.holders.isEmpty })
        stage.goOn(machine: 1)
        #expect(stage.holders.count == 2)
        let begin = stage.now
        if let noticed {
            stage.run(noticed)
            stage.tellStoodStill(to: 1)
        }
        #expect(stage.run(atMost: .seconds(5)) { !stage.holders.contains(1) })
        return stage.now - begin
    }

    @Test(
        "a stopped machine that goes on answers beside another for no longer than it takes to see")
    func bounded() {
        #expect(Self.overlap(noticed: nil) > .milliseconds(600))
        #expect(Self.overlap(noticed: .zero) < .milliseconds(410))
        #expect(Self.overlap(noticed: .milliseconds(100)) < .milliseconds(510))
    }

    private func isLease(_ request: Request) -> Bool {
        if case .tell(.lease, _) = request { true } else { false }
    }
}

extension AddressEffect {
    fileprivate var isEnd: Bool {
        switch self {
        case .hush, .bar, .reset, .remove, .clear: true
        case .inspect, .take, .renew, .announce, .probe, .verify, .watch, .fence, .unfence: false
        }
    }
}
