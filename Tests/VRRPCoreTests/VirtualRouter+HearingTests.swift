import Addressing
import MonotonicTime
import Testing
import VRRPCore

@Suite("What an advertisement means")
struct VirtualRouterHearingTests {
    private static let down = Interval(nanoseconds: 3_609_375_000)
    private static let skew = Interval(nanoseconds: 609_375_000)

    @Test("a backup waits anew after one that ranks as high or higher", arguments: [100, 101, 255])
    func follows(priority: UInt8) {
        var host = Member.backup(Samples.three)
        _ = host.pass(.seconds(3))
        #expect(host.hear(priority, from: Samples.far).isEmpty)
        #expect(host.router.nextDeadline == host.now + Self.down)
    }

    @Test("a backup lets its timer run while one of lower priority advertises")
    func preempts() {
        var host = Member.backup(Samples.three)
        let due = host.router.nextDeadline
        _ = host.pass(.seconds(3))
        _ = host.hear(99, from: Samples.far)
        #expect(host.router.nextDeadline == due)
        #expect(host.pass(.seconds(1)).contains(.take))
        #expect(host.lastReason == .preempted(Samples.far, priority: 99))
    }

    @Test("a backup that may not preempt follows whoever is active")
    func noPreempt() {
        var host = Member.backup(Samples.three.with { $0.preempts = false })
        for _ in 0..<100 {
            #expect(host.pass(.seconds(1)).isEmpty)
            _ = host.hear(1, from: Samples.far)
        }
        #expect(host.router.nextDeadline == host.now + Self.down)
        #expect(host.pass(Self.down).contains(.take))
        #expect(host.lastReason == .nobodyHeard)
    }

    @Test("a preempt delay counts from the first advertisement of lower priority")
    func preemptDelay() {
        var host = Member.backup(Samples.three.with { $0.preemptDelay = .seconds(10) })
        let start = host.now
        var taken: Interval?
        for _ in 0..<30 where taken == nil {
            if host.pass(.seconds(1)).contains(.take) { taken = host.now - start }
            _ = host.hear(50, from: Samples.far)
        }
        // From 1 s on, for 10 s, then the down interval from the last that it followed.
        #expect(taken == .seconds(14))
    }

    @Test("whoever owns the addresses preempts, whatever is set (RFC 9568 6.1)")
    func ownerPreempts() {
        var host = Member.backup(Samples.three.with { $0.preempts = false })
        _ = host.tell(.prioritySet(255))
        for _ in 0..<3 {
            _ = host.pass(.seconds(1))
            _ = host.hear(254, from: Samples.far)
        }
        #expect(host.pass(.seconds(1)).contains(.take))
    }

    @Test("priority 0 leaves a backup the skew time alone (RFC 9568 6.4.2)")
    func resignation() {
        var host = Member.backup(Samples.three)
        _ = host.hear(200, from: Samples.far)
        _ = host.hear(0, from: Samples.far)
        #expect(host.router.nextDeadline == host.now + Self.skew)
        #expect(host.pass(Self.skew).contains(.take))
        #expect(host.lastReason == .resigned(Samples.far))
    }

    @Test("version 3 takes over the active host's interval, for the skew too (RFC 9568 6.4.2)")
    func adoption() {
        var host = Member.backup(Samples.three)
        _ = host.hear(200, from: Samples.far, interval: .milliseconds(100))
        #expect(host.router.nextDeadline == host.now + Self.down / 10)
        _ = host.hear(0, from: Samples.far, interval: .milliseconds(100))
        #expect(host.router.nextDeadline == host.now + Interval(nanoseconds: 60_937_500))
        // Its own advertisements keep its own interval.
        _ = host.pass(.milliseconds(61))
        #expect(host.router.role == .active)
        #expect(host.router.nextDeadline == host.now + .seconds(1))
    }

    @Test("an active host gives way to a higher priority, with a last word")
    func outranked() {
        var host = Member.active(Samples.three)
        #expect(
            host.hear(101, from: Samples.far) == [
                .send(priority: 100), .change(.active, .leaving),
            ])
        #expect(host.lastReason == .outranked(by: Samples.far, priority: 101))
        let heardAt = host.now
        #expect(host.pass(VirtualRouter.takingTime) == [.giveUp, .change(.leaving, .backup)])
        #expect(host.router.nextDeadline == heardAt + Self.down)
    }

    @Test("of equal priorities the larger source address wins (RFC 9568 6.4.3)")
    func equal() {
        var near = Member.active(Samples.three, source: Samples.near)
        #expect(near.hear(100, from: Samples.far).contains(.change(.active, .leaving)))
        var far = Member.active(Samples.three, source: Samples.far)
        #expect(far.hear(100, from: Samples.near).contains(.send(priority: 100)))
        #expect(far.router.role == .active)
    }

    @Test("two owners settle it by their addresses as well")
    func owners() {
        let owner = Samples.three.with { $0.priority = 255 }
        var near = Member.active(owner, source: Samples.near)
        _ = near.hear(255, from: Samples.far)
        #expect(near.router.role == .leaving)
    }

    @Test("a lower priority is answered at once, and the addresses announced anew (RFC 9568 6.4.3)")
    func lower() {
        var host = Member.active(Samples.three)
        _ = host.pass(.milliseconds(1500))
        #expect(host.hear(99, from: Samples.far) == [.send(priority: 100), .announce])
        #expect(host.router.nextDeadline == host.now + .seconds(1))
        // Not for each of a stream of them.
        #expect(host.hear(99, from: Samples.far) == [.send(priority: 100)])
        _ = host.pass(.seconds(1))
        #expect(host.hear(99, from: Samples.far) == [.send(priority: 100), .announce])
    }

    @Test("an active host answers priority 0 with an advertisement (RFC 9568 6.4.3)")
    func zeroWhileActive() {
        var host = Member.active(Samples.three)
        _ = host.pass(.milliseconds(300))
        #expect(host.hear(0, from: Samples.far) == [.send(priority: 100)])
        #expect(host.router.nextDeadline == host.now + .seconds(1))
    }

    @Test("another one that resigns is no successor")
    func leavingHearsZero() {
        var host = Member.active(Samples.three)
        _ = host.tell(.handOver)
        let due = host.router.nextDeadline
        _ = host.hear(0, from: Samples.far)
        #expect(host.router.nextDeadline == due)
    }

    @Test("a winner that resigns at once leaves the loser the skew time alone")
    func winnerResigns() {
        var host = Member.active(Samples.three)
        _ = host.hear(200, from: Samples.far)
        _ = host.hear(0, from: Samples.far)
        let resignedAt = host.now
        #expect(host.pass(VirtualRouter.takingTime).contains(.giveUp))
        #expect(host.router.nextDeadline == resignedAt + Self.skew)
    }

    @Test("who takes no part heeds nothing")
    func initialise() {
        var host = Member(Samples.three)
        #expect(host.hear(0, from: Samples.far).isEmpty)
        #expect(host.hear(1, from: Samples.far).isEmpty)
        #expect(host.router.state == .initialise)
    }
}
