import LeaseCore
import MonotonicTime
import SentinelCore
import Testing

@Suite("A holder's lease")
struct LeaseHolderTests {
    private static let start = Instant(nanoseconds: 1_000_000_000_000)
    private static let terms = LeaseTerms(
        promise: .milliseconds(2200), use: .milliseconds(1710))

    /// This node `own` and peers `0`, `1`…, of whom all vote.
    private static func electorate(_ peers: Int) -> Electorate {
        let names = (0..<peers).map(String.init)
        return Electorate(names + ["own"], own: "own", peers: names)
    }

    private func holder(peers: Int = 2, epoch: Epoch? = 1) -> LeaseHolder {
        var holder = LeaseHolder(
            terms: Self.terms, peerCount: peers, electorate: Self.electorate(peers),
            at: Self.start)
        if let epoch { holder.claim(epoch, at: Self.start) }
        return holder
    }

    @Test("is held by a majority's grants, until D after the request of its last voice")
    func majority() {
        var holder = holder()
        holder.granted(0, epoch: 1, sentAt: Self.start)
        #expect(holder.deadline == nil)
        holder.granted(holder.own, epoch: 1, sentAt: Self.start + .milliseconds(50))
        #expect(holder.deadline == Self.start + Self.terms.use)
        holder.granted(1, epoch: 1, sentAt: Self.start + .milliseconds(20))
        #expect(holder.deadline == Self.start + .milliseconds(20) + Self.terms.use)
        #expect(holder.isHeld(at: Self.start + .milliseconds(19) + Self.terms.use))
        #expect(!holder.isHeld(at: Self.start + .milliseconds(20) + Self.terms.use))
    }

    @Test("an answer that comes late counts from its request all the same")
    func lateAnswer() {
        var holder = holder()
        holder.granted(holder.own, epoch: 1, sentAt: Self.start)
        holder.granted(0, epoch: 1, sentAt: Self.start + .milliseconds(300))
        holder.granted(0, epoch: 1, sentAt: Self.start)
        holder.granted(1, epoch: 1, sentAt: Self.start + .milliseconds(300))
        #expect(holder.deadline == Self.start + .milliseconds(300) + Self.terms.use)
    }

    @Test("what was granted for another epoch is worth nothing")
    func epochs() {
        var holder = holder()
        for voice in 0...2 { holder.granted(voice, epoch: 1, sentAt: Self.start) }
        holder.claim(2, at: Self.start)
        #expect(holder.deadline == nil)
        for voice in 0...2 { holder.granted(voice, epoch: 1, sentAt: Self.start) }
        #expect(holder.deadline == nil)
        holder.claim(2, at: Self.start)
        for voice in 0...2 { holder.granted(voice, epoch: 2, sentAt: Self.start) }
        #expect(holder.isHeld(at: Self.start))
        holder.drop(at: Self.start)
        #expect(holder.deadline == nil && holder.nextAsk == nil)
    }

    @Test("a grant that answers a request of before a release is worth nothing")
    func overtakenGrant() {
        var holder = holder()
        for voice in 0...2 { holder.granted(voice, epoch: 1, sentAt: Self.start) }
        let later = Self.start + .milliseconds(100)
        holder.drop(at: later)
        holder.claim(1, at: later)
        for voice in 0...2 { holder.granted(voice, epoch: 1, sentAt: Self.start) }
        #expect(!holder.isHeld(at: later))
        for voice in 0...2 { holder.granted(voice, epoch: 1, sentAt: later) }
        #expect(holder.isHeld(at: later))
    }

    @Test("each voice is asked four times in D")
    func rhythm() {
        var holder = holder()
        #expect(holder.isDue(0, at: Self.start))
        holder.asked(0, at: Self.start)
        #expect(!holder.isDue(0, at: Self.start + Self.terms.renewPeriod - .milliseconds(1)))
        #expect(holder.isDue(0, at: Self.start + Self.terms.renewPeriod))
        #expect(Self.terms.renewPeriod * 4 <= Self.terms.use)
    }

    @Test("a voice that refused is asked when the other's promise ends, or soon")
    func refusals() {
        var holder = holder()
        holder.asked(0, at: Self.start)
        holder.refused(0, epoch: 1, .promised, retryAfter: .milliseconds(30), at: Self.start)
        #expect(!holder.isDue(0, at: Self.start + .milliseconds(29)))
        #expect(holder.isDue(0, at: Self.start + .milliseconds(30)))
        holder.refused(0, epoch: 1, .promised, retryAfter: .seconds(2), at: Self.start)
        #expect(holder.isDue(0, at: Self.start + .milliseconds(100)))
        holder.refused(0, epoch: 1, .promised, retryAfter: .seconds(2), at: Self.start)
        holder.hurry(at: Self.start)
        #expect(holder.isDue(0, at: Self.start))
    }

    @Test("is outdated when a voter has gone on and the others make no majority")
    func outdated() {
        var holder = holder()
        holder.refused(0, epoch: 1, .outdated, retryAfter: nil, at: Self.start)
        #expect(!holder.isOutdated(at: Self.start + .milliseconds(299)))
        #expect(holder.isOutdated(at: Self.start + .milliseconds(300)))
        holder.granted(1, epoch: 1, sentAt: Self.start)
        holder.granted(2, epoch: 1, sentAt: Self.start)
        #expect(!holder.isOutdated(at: Self.start + .milliseconds(300)))
    }

    @Test("is confirmed since a moment by the requests that a majority granted, not by the rest")
    func confirmed() {
        var holder = holder()
        #expect(!holder.isConfirmed(since: Self.start))
        holder.granted(0, epoch: 1, sentAt: Self.start + .milliseconds(300))
        #expect(!holder.isConfirmed(since: Self.start))
        holder.granted(1, epoch: 1, sentAt: Self.start + .milliseconds(100))
        #expect(holder.isConfirmed(since: Self.start + .milliseconds(100)))
        #expect(!holder.isConfirmed(since: Self.start + .milliseconds(101)))
        holder.granted(holder.own, epoch: 1, sentAt: Self.start + .milliseconds(200))
        #expect(holder.isConfirmed(since: Self.start + .milliseconds(200)))
        holder.drop(at: Self.start + .milliseconds(400))
        #expect(!holder.isConfirmed(since: Self.start))
    }

    @Test(
        "another L in between makes it confirmed neither sooner nor later", arguments: [1500, 5000])
    func confirmedUnderOtherTerms(promise: Int) {
        var holder = holder()
        for voice in 0...2 { holder.granted(voice, epoch: 1, sentAt: Self.start) }
        let changed = Self.start + .milliseconds(100)
        holder.count(
            by: Self.electorate(2),
            terms: LeaseTerms(promise: .milliseconds(promise)),
            at: changed)
        let claimed = changed + .milliseconds(10)
        #expect(!holder.isConfirmed(since: claimed))
        // Of a request that was sent before the change, and so is used for as long as then.
        holder.granted(0, epoch: 1, sentAt: changed)
        holder.granted(1, epoch: 1, sentAt: changed)
        #expect(!holder.isConfirmed(since: claimed))
        #expect(holder.isConfirmed(since: changed))
        holder.granted(0, epoch: 1, sentAt: claimed)
        holder.granted(1, epoch: 1, sentAt: claimed)
        #expect(holder.isConfirmed(since: claimed))
    }
}
