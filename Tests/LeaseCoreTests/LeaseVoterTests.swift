import LeaseCore
import MonotonicTime
import SentinelCore
import Testing

@Suite("A voter's promises")
struct LeaseVoterTests {
    private static let start = Instant(nanoseconds: 1_000_000_000_000)
    private static let terms = LeaseTerms(promise: .seconds(1))
    private static let silence = Interval.milliseconds(1100)
    private let one = RunID(high: 1, middle: 1, low: 1)
    private let two = RunID(high: 2, middle: 2, low: 2)

    /// One that has forgotten nothing and owes nothing, at a moment behind its silence.
    private func voter(grant: LeaseGrant? = nil) -> (LeaseVoter, Instant) {
        let voter = LeaseVoter(
            grant: grant, terms: Self.terms, patience: .seconds(5), at: Self.start)
        return (voter, Self.start + Self.silence)
    }

    private func request(
        _ holder: RunID, _ epoch: Epoch = 1, number: UInt64 = 1, life: UInt64 = 1
    ) -> LeaseRequest {
        LeaseRequest(
            group: "orders", epoch: epoch, holder: holder, promise: .seconds(1),
            stamp: LeaseStamp(life: life, number: number))
    }

    private func release(
        _ holder: RunID, _ epoch: Epoch = 1, number: UInt64 = 9, life: UInt64 = 1
    ) -> LeaseRelease {
        LeaseRelease(
            group: "orders", epoch: epoch, holder: holder,
            stamp: LeaseStamp(life: life, number: number))
    }

    private func ask(
        _ voter: inout LeaseVoter, _ request: LeaseRequest, floor: Epoch = 0, maySave: Bool = true,
        at now: Instant
    ) -> LeaseVoter.Answer {
        voter.ask(request, floor: floor, maySave: maySave, at: now)
    }

    @Test("the first grant of an epoch must be saved, renewals need not")
    func grant() {
        var (voter, now) = voter()
        #expect(ask(&voter, request(one), at: now) == .granted(isNew: true))
        #expect(
            ask(&voter, request(one, number: 2), maySave: false, at: now) == .granted(isNew: false))
        #expect(
            ask(&voter, request(one, 2, number: 3), at: now) == .granted(isNew: true))
        #expect(
            voter.grant == LeaseGrant(epoch: 2, holder: one, promise: .seconds(1)))
    }

    @Test("nobody else is promised anything until L after the last grant")
    func exclusive() {
        var (voter, now) = voter()
        _ = ask(&voter, request(one), at: now)
        now = now + .milliseconds(900)
        _ = ask(&voter, request(one, number: 2), at: now)
        #expect(
            ask(&voter, request(two, 2), at: now + .milliseconds(999))
                == .refused(.promised, retryAfter: .milliseconds(1)))
        #expect(ask(&voter, request(two, 2), at: now + .seconds(1)) == .granted(isNew: true))
    }

    @Test("a release ends the promise at once")
    func released() {
        var (voter, now) = voter()
        _ = ask(&voter, request(one), at: now)
        voter.release(release(one), at: now)
        #expect(voter.standing(at: now) == .free(since: now))
        #expect(ask(&voter, request(two, 2), at: now) == .granted(isNew: true))
        #expect(voter.standing(at: now) == .promised)
    }

    @Test("a release that a newer request has overtaken ends nothing")
    func overtaken() {
        var (voter, now) = voter()
        _ = ask(&voter, request(one, number: 5), at: now)
        voter.release(release(one, number: 4), at: now)
        #expect(voter.standing(at: now) == .promised)
    }

    @Test("a release by an earlier life of the holder, or by somebody else, ends nothing")
    func strangers() {
        var (voter, now) = voter()
        _ = ask(&voter, request(one, life: 2), at: now)
        voter.release(release(one, number: 99, life: 1), at: now)
        voter.release(release(two), at: now)
        #expect(voter.standing(at: now) == .promised)
    }

    @Test("a request of an earlier life of the holder is refused, whatever its number")
    func earlierLife() {
        var (voter, now) = voter()
        _ = ask(&voter, request(one, life: 2), at: now)
        #expect(
            ask(&voter, request(one, number: 99, life: 1), at: now)
                == .refused(.outdated, retryAfter: nil))
    }

    @Test("a request that the holder's own release has overtaken is refused")
    func lateRequest() {
        var (voter, now) = voter()
        _ = ask(&voter, request(one), at: now)
        voter.release(release(one, number: 3), at: now)
        #expect(
            ask(&voter, request(one, number: 2), at: now) == .refused(.outdated, retryAfter: nil))
    }

    @Test("a longer promise that still runs is remembered in the next epoch, also on the disk")
    func longerPromise() {
        var (voter, now) = voter()
        var long = request(one)
        long.promise = .seconds(3)
        _ = ask(&voter, long, at: now)
        now = now + .milliseconds(100)
        #expect(ask(&voter, request(one, 2, number: 2), at: now) == .granted(isNew: true))
        #expect(voter.grant?.promise == .seconds(3))
        now = now + .milliseconds(2800)
        #expect(
            ask(&voter, request(two, 3), at: now)
                == .refused(.promised, retryAfter: .milliseconds(100)))
    }

    @Test("an older epoch is refused, and so is one below what was voted in")
    func epochs() {
        var (voter, now) = voter()
        _ = ask(&voter, request(one, 5), at: now)
        voter.release(release(one, 5), at: now)
        #expect(ask(&voter, request(two, 4), at: now) == .refused(.outdated, retryAfter: nil))
        #expect(
            ask(&voter, request(two, 6), floor: 7, at: now) == .refused(.outdated, retryAfter: nil))
        #expect(ask(&voter, request(two, 7), floor: 7, at: now) == .granted(isNew: true))
    }

    @Test("an epoch is granted to one holder for ever, also when that one has released it")
    func oneHolder() {
        var (voter, now) = voter()
        _ = ask(&voter, request(one), at: now)
        voter.release(release(one), at: now)
        #expect(ask(&voter, request(two), at: now) == .refused(.taken, retryAfter: nil))
    }

    @Test("a grant that could not be saved is not given, a renewal is")
    func disk() {
        var (voter, now) = voter()
        #expect(
            ask(&voter, request(one), maySave: false, at: now)
                == .refused(.notDurable, retryAfter: nil))
        #expect(voter.grant == nil)
    }

    // MARK: A start

    @Test("for L(1+r) after its start nothing is granted but renewals of what is on the disk")
    func silent() {
        let grant = LeaseGrant(epoch: 3, holder: one, promise: .seconds(1))
        var (voter, end) = voter(grant: grant)
        let now = Self.start + .milliseconds(1)
        #expect(
            ask(&voter, request(two, 4), at: now)
                == .refused(.silent, retryAfter: .milliseconds(1099)))
        #expect(
            ask(&voter, request(one, 4), at: now)
                == .refused(.silent, retryAfter: .milliseconds(1099)))
        #expect(ask(&voter, request(one, 3), at: now) == .granted(isNew: false))
        #expect(ask(&voter, request(two, 4), at: end) == .granted(isNew: true))
    }

    @Test("the silence is as long as the longest promise that the disk knows")
    func longSilence() {
        let grant = LeaseGrant(epoch: 3, holder: one, promise: .seconds(4))
        var (voter, _) = voter(grant: grant)
        let refusal = ask(&voter, request(two, 4), at: Self.start + .seconds(4))
        #expect(refusal == .refused(.silent, retryAfter: .milliseconds(400)))
    }

    @Test("after a start nobody is missed before the holder had time to be heard of")
    func patience() {
        var (voter, end) = voter()
        #expect(voter.standing(at: end + .milliseconds(4999)) == .promised)
        #expect(voter.standing(at: end + .seconds(5)) == .free(since: end + .seconds(5)))
    }

    @Test("a promise that was not renewed is free since it ended")
    func lapsed() {
        var (voter, now) = voter()
        _ = ask(&voter, request(one), at: now)
        #expect(voter.standing(at: now + .milliseconds(999)) == .promised)
        #expect(voter.standing(at: now + .seconds(3)) == .free(since: now + .seconds(1)))
    }
}
