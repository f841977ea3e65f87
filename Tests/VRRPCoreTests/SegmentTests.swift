import Addressing
import MonotonicTime
import Testing
import VRRPCore

@Suite("Several hosts on one segment")
struct SegmentTests {
    /// Two or three hosts; what differs comes from the seed.
    private func settings(seed: UInt64, preempts: Bool) -> [VirtualRouterSettings] {
        var noise = Noise(seed: seed ^ 0xABCD)
        let count = 2 + noise.below(2)
        let version: VRRPVersion = noise.happens(percent: 30) ? .two : .three
        let delay = noise.happens(percent: 30) ? Interval.seconds(noise.below(5)) : .zero
        let interval = version.intervalUnit * (version == .two ? 1 : 5 + noise.below(100))
        return (0..<count).map { _ in
            Samples.three.with {
                $0.version = version
                // Of version 3 each host may have its own.
                $0.interval =
                    version == .three && noise.happens(percent: 30)
                    ? version.intervalUnit * (5 + noise.below(100)) : interval
                // Equal ones as well: the address decides.
                $0.priority = UInt8(100 + 50 * noise.below(3))
                $0.preempts = preempts
                $0.preemptDelay = delay
            }
        }
    }

    /// A life with faults and calm times in turn.
    private func live(
        seed: UInt64, preempts: Bool, flaw: Segment.Flaw = .none, rounds: Int = 12
    ) -> Segment {
        var segment = Segment(
            settings(seed: seed, preempts: preempts), seed: seed, flaw: flaw)
        for host in segment.hosts.indices { segment.start(host) }
        segment.run(.seconds(30))
        for _ in 0..<rounds {
            for _ in 0..<(1 + segment.noise.below(4)) {
                disturb(&segment)
                segment.run(.milliseconds(segment.noise.below(5000)))
            }
            segment.heal()
            for host in segment.hosts.indices where segment.noise.happens(percent: 70) {
                segment.start(host)
            }
            segment.run(.seconds(40))
        }
        return segment
    }

    private func disturb(_ segment: inout Segment) {
        let host = segment.noise.below(segment.hosts.count)
        let other = segment.noise.below(segment.hosts.count)
        switch segment.noise.below(9) {
        case 0: segment.crash(host)
        case 1: segment.start(host)
        case 2: segment.tellFrom(outside: .shutdown, host)
        case 3: segment.tellFrom(outside: .handOver, host)
        case 4: segment.lossPercent = 10 + segment.noise.below(90)
        case 5: segment.cutOff(host, other)
        case 6:
            segment.cutOff(host, other)
            segment.cutOff(other, host)
        case 7: segment.stall(host)
        default:
            let priority = UInt8(1 + segment.noise.below(254))
            segment.tellFrom(outside: .prioritySet(priority), host)
        }
    }

    @Test("that hear each other have one active, and it stays", arguments: [true, false])
    func seeds(preempts: Bool) {
        var longestVacancy = 0
        for seed in UInt64(1)...150 {
            let checkers = live(seed: seed, preempts: preempts).checkers
            #expect(
                checkers.violations.isEmpty,
                "seed \(seed): \(checkers.violations.map(\.description))")
            let share = checkers.longestVacancy.nanoseconds * 100 / checkers.vacancyMax.nanoseconds
            longestVacancy = max(longestVacancy, Int(share))
        }
        // The bound is not idle.
        #expect(longestVacancy > 75, "\(longestVacancy) %")
    }

    @Test(
        "each rule is seen broken when the hosts have a flaw",
        arguments: [
            (Segment.Flaw.deaf, SegmentCheckers.Rule.oneAtMost), (.numb, .oneAtLeast),
            (.fickle, .noFlapping),
        ])
    func flaws(flaw: Segment.Flaw, rule: SegmentCheckers.Rule) {
        let violations = (UInt64(1)...10).flatMap {
            live(seed: $0, preempts: true, flaw: flaw, rounds: 2).checkers.violations
        }
        #expect(violations.contains { $0.rule == rule })
    }

    @Test("a seed is a run: twice the same")
    func repeats() {
        for seed in UInt64(1)...5 {
            let one = live(seed: seed, preempts: true)
            let two = live(seed: seed, preempts: true)
            #expect(one.hosts.map(\.router.state) == two.hosts.map(\.router.state))
            #expect(one.noise.state == two.noise.state)
        }
    }

    @Test("without preemption a better host that comes back again and again takes nothing")
    func noPreempt() {
        let best = Samples.three.with {
            $0.preempts = false
            $0.priority = 200
        }
        var segment = Segment([best, best.with { $0.priority = 100 }], seed: 7)
        segment.start(0)
        segment.run(.seconds(10))
        segment.start(1)
        segment.run(.seconds(10))
        segment.crash(0)
        segment.run(.seconds(10))
        for _ in 0..<50 {
            segment.start(0)
            segment.run(.milliseconds(500 + segment.noise.below(9500)))
            #expect(segment.hosts[1].router.role == .active)
            #expect(segment.hosts[0].router.role == .backup)
            segment.crash(0)
        }
    }

    @Test("a hand-over leaves nobody without the addresses")
    func seamless() {
        let best = Samples.three.with { $0.priority = 200 }
        var segment = Segment([best, best.with { $0.priority = 100 }], seed: 7)
        for host in 0...1 { segment.start(host) }
        segment.run(.seconds(10))
        segment.tellFrom(outside: .shutdown, 0)
        for _ in 0..<2000 {
            segment.run(.milliseconds(1))
            #expect(segment.hosts.contains { [.active, .leaving].contains($0.router.role) })
        }
        #expect(segment.hosts.map(\.router.role) == [.initialise, .active])
    }
}
