public import MonotonicTime
public import SentinelCore

/// The right of one host to hold one write address, as the host itself counts it.
///
///     none ──claim──▶ asking ──a majority granted──▶ held ──not renewed in time──▶ asking
///       ▲                └──────────────── drop ───────┴──────────▶ none
///
/// Each grant counts from the moment **before** its request was sent; the lease runs for D from the
/// request that the last voter of a majority granted.
public struct LeaseHolder: Equatable, Sendable {
    /// One voter's part.
    private struct Voice: Equatable, Sendable {
        /// When the newest request that it granted was sent.
        var grantedAt: Instant?
        /// Until when that may be used.
        var usableUntil: Instant?
        /// When it is to be asked next.
        var askAt: Instant
        var refusal: LeaseRefusal?
    }

    /// D for what was asked for before the terms changed.
    private struct FormerUse: Equatable, Sendable {
        var until: Instant
        var use: Interval
    }

    public private(set) var terms: LeaseTerms
    /// The epoch that is claimed; `nil` when nothing is.
    public private(set) var epoch: Epoch?
    /// Until when the address may be used; `nil` without a majority.
    public private(set) var deadline: Instant?
    /// A majority has granted requests that were sent then or later; `nil` without one. Kept apart
    /// from ``deadline``, since D changes with the terms.
    private var confirmedAt: Instant?
    /// The soonest moment at which somebody is to be asked.
    public private(set) var nextAsk: Instant?
    /// Since when that epoch is claimed.
    private var claimedSince: Instant?
    /// One a peer, in the order of the configuration; this host's own voice last.
    private var voices: [Voice]
    private var electorate: Electorate
    /// When the terms last changed, and D before that.
    private var formerUse: FormerUse?

    package init(terms: LeaseTerms, peerCount: Int, electorate: Electorate, at now: Instant) {
        self.terms = terms
        self.electorate = electorate
        voices = Array(repeating: Voice(askAt: now), count: peerCount + 1)
    }

    /// Another voter set is in force, and perhaps another L with it. What was granted for the
    /// former L was asked for with it, so it is used no longer than that allowed.
    package mutating func count(by electorate: Electorate, terms: LeaseTerms, at now: Instant) {
        if terms.use != self.terms.use {
            let shortest = min(formerUse?.use ?? terms.use, self.terms.use, terms.use)
            formerUse = FormerUse(until: now, use: shortest)
        }
        self.electorate = electorate
        self.terms = terms
        count()
    }

    /// Begins to ask for the lease of an epoch; what was granted for another is worth nothing.
    public mutating func claim(_ epoch: Epoch, at now: Instant) {
        guard self.epoch != epoch else { return }
        self.epoch = epoch
        claimedSince = now
        forget(at: now)
    }

    /// Holds nothing and asks for nothing any more.
    public mutating func drop(at now: Instant) {
        epoch = nil
        claimedSince = nil
        forget(at: now)
    }

    private mutating func forget(at now: Instant) {
        for index in voices.indices { voices[index] = Voice(askAt: now) }
        deadline = nil
        confirmedAt = nil
        plan()
    }

    /// Counted anew whenever a voice has spoken, because it is asked after every event.
    private mutating func count() {
        deadline = ofMajority(\.usableUntil)
        confirmedAt = ofMajority(\.grantedAt)
    }

    /// The latest moment that a majority's voices reach.
    private func ofMajority(_ moment: (Voice) -> Instant?) -> Instant? {
        var latest: Instant?
        for index in voices.indices where counts(index) {
            guard let reach = moment(voices[index]), latest.map({ reach > $0 }) ?? true else {
                continue
            }
            // Whoever reaches further reaches this as well.
            let count = voices.indices.count { other in
                counts(other) && moment(voices[other]).map { $0 >= reach } ?? false
            }
            if count >= electorate.majority { latest = reach }
        }
        return latest
    }

    private func counts(_ voice: Int) -> Bool {
        voice == own ? electorate.countsSelf : electorate.peers.contains(voice)
    }

    /// A majority's grants still count.
    public func isHeld(at now: Instant) -> Bool {
        deadline.map { now < $0 } ?? false
    }

    /// A majority has granted what was asked at that moment or later.
    public func isConfirmed(since moment: Instant) -> Bool {
        confirmedAt.map { $0 >= moment } ?? false
    }

    /// Whose turn it is to be asked; the index behind the last peer is this host itself.
    public func isDue(_ voice: Int, at now: Instant) -> Bool {
        epoch != nil && now >= voices[voice].askAt
    }

    private mutating func plan() {
        nextAsk = epoch == nil ? nil : voices.lazy.map { $0.askAt }.min()
    }

    /// This host's own voice.
    public var own: Int { voices.count - 1 }

    /// A request is on its way to a voice.
    public mutating func asked(_ voice: Int, at now: Instant) {
        voices[voice].askAt = now + terms.renewPeriod
        plan()
    }

    /// It could not be asked; it is asked again soon.
    public mutating func notAsked(_ voice: Int, at now: Instant) {
        voices[voice].askAt = now + Self.retry
        plan()
    }

    /// Everybody is asked at once: whether it is still held must be known now.
    public mutating func askAll(at now: Instant) {
        guard epoch != nil else { return }
        for index in voices.indices { voices[index].askAt = now }
        plan()
    }

    /// Somebody released it: those who refused may grant now.
    public mutating func hurry(at now: Instant) {
        guard epoch != nil else { return }
        for index in voices.indices where voices[index].refusal != nil {
            voices[index].askAt = now
        }
        plan()
    }

    /// A voice granted the request of `epoch` that was sent at `sentAt`.
    ///
    /// What answers a request of before this claim counts for nothing: it was released since, and
    /// the voter may have promised to another.
    public mutating func granted(_ voice: Int, epoch: Epoch, sentAt: Instant) {
        guard epoch == self.epoch, let claimedSince, sentAt >= claimedSince else { return }
        voices[voice].refusal = nil
        if let known = voices[voice].grantedAt, known >= sentAt { return }
        voices[voice].grantedAt = sentAt
        var use = terms.use
        if let former = formerUse, sentAt <= former.until { use = former.use }
        voices[voice].usableUntil = sentAt + use
        count()
    }

    /// A voice refused; a promise to another ends in `retryAfter`, as that voter counts.
    public mutating func refused(
        _ voice: Int, epoch: Epoch, _ refusal: LeaseRefusal, retryAfter: Interval?, at now: Instant
    ) {
        guard epoch == self.epoch else { return }
        voices[voice].refusal = refusal
        let pause = max(min(retryAfter ?? Self.retryMax, Self.retryMax), Self.retry)
        voices[voice].askAt = now + pause
        plan()
    }

    /// A voter says that this epoch's time is over, or has given it to another, and the others
    /// have not made a majority for long.
    public func isOutdated(at now: Instant) -> Bool {
        guard let since = claimedSince, now - since >= Self.patience, !isHeld(at: now) else {
            return false
        }
        return voices.contains { $0.refusal == .outdated || $0.refusal == .taken }
    }

    /// Longer than a round of requests with a slow disk behind it.
    static let patience = Interval.milliseconds(300)

    /// How many voices would be renewed now.
    public func grantedCount(at now: Instant) -> Int {
        voices.indices.count { index in
            counts(index) && voices[index].usableUntil.map { now < $0 } ?? false
        }
    }

    static let retry = Interval.milliseconds(10)
    static let retryMax = Interval.milliseconds(100)
}
