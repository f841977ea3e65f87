import Addressing
import MonotonicTime
import Testing
import VRRPCore

@Suite("One host's part in a virtual router")
struct VirtualRouterTests {
    @Test("begins as a backup and takes over when nobody is heard (RFC 9568 6.4.1, 6.4.2)")
    func takesOver() {
        var host = Member(Samples.three)
        #expect(host.tell(.startup(source: Samples.near)) == [.change(.initialise, .backup)])
        #expect(host.router.nextDeadline == host.now + Interval(nanoseconds: 3_609_375_000))
        #expect(host.pass(Interval(nanoseconds: 3_609_374_999)).isEmpty)
        #expect(
            host.pass(Interval(nanoseconds: 1)) == [
                .send(priority: 100), .take, .announce, .change(.backup, .active),
            ])
        #expect(host.lastReason == .nobodyHeard)
    }

    @Test("owns the addresses with priority 255: active at once (RFC 9568 6.4.1)")
    func owner() {
        var host = Member(Samples.three.with { $0.priority = 255 })
        #expect(
            host.tell(.startup(source: Samples.near)) == [
                .send(priority: 255), .take, .announce, .change(.initialise, .active),
            ])
    }

    @Test("advertises every interval, and announces once more after 5 s, as keepalived does")
    func advertises() {
        var host = Member.active(Samples.three)
        var sent: [Interval] = []
        var announced: [Interval] = []
        let start = host.now
        while host.now - start < .seconds(20) {
            host.now = host.router.nextDeadline ?? host.now
            for word in host.tell(.tick) {
                if word == .send(priority: 100) { sent.append(host.now - start) }
                if word == .announce { announced.append(host.now - start) }
            }
        }
        #expect(sent == (1...20).map { .seconds($0) })
        #expect(announced == [.seconds(5)])
    }

    @Test("a late tick moves no later advertisement, and makes up for none")
    func late() {
        var host = Member.active(Samples.three)
        let start = host.now
        #expect(host.pass(.milliseconds(1300)) == [.send(priority: 100)])
        #expect(host.router.nextDeadline == start + .seconds(2))
        #expect(host.pass(.milliseconds(3300)) == [.send(priority: 100)])
        #expect(host.router.nextDeadline == start + .milliseconds(5000))
    }

    @Test("resigns with priority 0 at shutdown, and keeps the addresses until somebody has them")
    func shutdown() {
        var host = Member.active(Samples.three)
        #expect(host.tell(.shutdown) == [.send(priority: 0), .change(.active, .leaving)])
        #expect(host.hear(50, from: Samples.far).isEmpty)
        #expect(host.router.nextDeadline == host.now + VirtualRouter.takingTime)
        #expect(host.pass(VirtualRouter.takingTime) == [.giveUp, .change(.leaving, .initialise)])
        #expect(host.router.nextDeadline == nil)
    }

    @Test("leaves after a moment, also when nobody comes")
    func shutdownAlone() {
        var host = Member.active(Samples.three)
        _ = host.tell(.shutdown)
        #expect(host.pass(.milliseconds(999)).isEmpty)
        #expect(host.pass(.milliseconds(1)) == [.giveUp, .change(.leaving, .initialise)])
        #expect(host.tell(.tick).isEmpty)
        #expect(host.hear(0, from: Samples.far).isEmpty)
    }

    @Test("a backup goes in silence (RFC 9568 6.4.2)")
    func backupShutdown() {
        var host = Member.backup(Samples.three)
        #expect(host.tell(.shutdown) == [.change(.backup, .initialise)])
        #expect(host.tell(.shutdown).isEmpty)
    }

    @Test("hands over and does not preempt its successor until its priority is set anew")
    func handOver() {
        var host = Member.active(Samples.three)
        #expect(host.tell(.handOver) == [.send(priority: 0), .change(.active, .leaving)])
        _ = host.hear(50, from: Samples.far)
        #expect(host.pass(VirtualRouter.takingTime) == [.giveUp, .change(.leaving, .backup)])
        for _ in 0..<10 {
            #expect(host.pass(.seconds(1)).isEmpty)
            _ = host.hear(50, from: Samples.far)
        }
        #expect(host.tell(.prioritySet(100)).isEmpty)
        var words: [Member.Word] = []
        for _ in 0..<5 where words.isEmpty {
            words = host.pass(.seconds(1))
            _ = host.hear(50, from: Samples.far)
        }
        #expect(words.contains(.take))
        #expect(host.lastReason == .preempted(Samples.far, priority: 50))
    }

    @Test("takes the addresses again after a hand-over to nobody, later than anybody would")
    func handOverAlone() {
        var host = Member.active(Samples.three)
        var other = Member.backup(Samples.three.with { $0.priority = 1 }, source: Samples.far)
        host.now = other.now
        _ = other.hear(100, from: Samples.near)
        _ = host.tell(.handOver)
        #expect(host.pass(.seconds(1)) == [.giveUp, .change(.leaving, .backup)])
        let due = host.router.nextDeadline ?? host.now
        #expect(other.router.nextDeadline.map { $0 < due } == true)
        #expect(host.pass(due - host.now).contains(.take))
    }

    @Test("a hand-over that becomes a shutdown ends as one")
    func handOverThenShutdown() {
        var host = Member.active(Samples.three)
        _ = host.tell(.handOver)
        #expect(host.tell(.shutdown).isEmpty)
        #expect(host.pass(.seconds(1)) == [.giveUp, .change(.leaving, .initialise)])
    }

    @Test("gives the addresses up without the interface, and begins anew with it")
    func interface() {
        var host = Member.active(Samples.three)
        #expect(host.tell(.interfaceLost) == [.giveUp, .change(.active, .initialise)])
        #expect(host.tell(.interfaceLost).isEmpty)
        #expect(host.pass(.seconds(60)).isEmpty)
        #expect(host.tell(.startup(source: Samples.near)) == [.change(.initialise, .backup)])
        #expect(host.tell(.interfaceLost) == [.change(.backup, .initialise)])
    }

    @Test("advertises another priority from the next time on; 0 is not one")
    func priority() {
        var host = Member.active(Samples.three)
        #expect(host.tell(.prioritySet(40)).isEmpty)
        #expect(host.pass(.seconds(1)) == [.send(priority: 40)])
        #expect(host.tell(.prioritySet(0)).isEmpty)
        #expect(host.pass(.seconds(1)) == [.send(priority: 1)])
    }

    @Test("a lowered priority lets a better host preempt within its down interval")
    func tracking() {
        var near = Member.active(Samples.three)
        var far = Member.backup(Samples.three.with { $0.priority = 90 }, source: Samples.far)
        far.now = near.now
        _ = far.hear(100, from: Samples.near)
        _ = near.tell(.prioritySet(50))
        var taken: Interval?
        let start = near.now
        while taken == nil, near.now - start < .seconds(10) {
            for word in near.pass(.milliseconds(1)) {
                guard case .send(let priority) = word else { continue }
                _ = far.hear(priority, from: Samples.near)
            }
            if far.pass(.milliseconds(1)).contains(.take) { taken = far.now - start }
        }
        #expect(taken.map { $0 > .seconds(3) && $0 < .milliseconds(3700) } == true)
    }
}
