public import MonotonicTime
public import SentinelCore

/// One voter's promises about one write address.
///
///     silent ──L(1+r) after the start──▶ free ──granted──▶ promised
///        │                                ▲                  │   ▲
///        │                                └── released, or ──┘   │
///        │                                    not renewed        │
///        └────────── renewal of the grant on its disk ───────────┘
///
/// A voter promises to one holder at a time. The first grant of an epoch is durable before it is
/// answered; renewals are not, so that a slow disk can't lapse a lease. In exchange a voter that
/// has started grants nothing for L(1+r) but renewals of the grant on its disk.
public struct LeaseVoter: Equatable, Sendable {
    /// The newest grant; must be durable before anybody hears of it.
    public private(set) var grant: LeaseGrant?
    /// When the promise ends; `nil` while none runs.
    private var promisedUntil: Instant?
    /// The newest that its holder said.
    private var heard: LeaseStamp?
    /// Promises of a former life may run until then.
    private var silentUntil: Instant
    /// Since when nobody has a promise of this voter; `nil` while somebody has, or may have.
    private var freeSince: Instant?
    /// Since when the last holder can't have answered for the address any more: its release, or the
    /// end of D. For people: nothing rests on it.
    public private(set) var unheldSince: Instant?
    /// D.
    private let use: Interval
    /// If nobody has asked by then, nobody holds the address.
    private var firstClaimUntil: Instant

    /// - Parameters:
    ///   - grant: what a former life left on the disk.
    ///   - patience: how long the holder may take, after this voter's start, to be heard of.
    public init(
        grant: LeaseGrant?, terms: LeaseTerms, patience: Interval, at now: Instant
    ) {
        self.grant = grant
        // The former life may have promised for longer than this one's configuration says.
        var longest = terms
        if let grant { longest.promise = max(longest.promise, grant.promise) }
        use = terms.use
        silentUntil = now + longest.restartSilence
        firstClaimUntil = silentUntil + patience
    }

    /// A former life may have promised for as long as anybody can have asked for.
    public mutating func distrustFormerLife(until end: Instant) {
        firstClaimUntil = max(firstClaimUntil, end + (firstClaimUntil - silentUntil))
        silentUntil = max(silentUntil, end)
    }

    /// What the voter answers to a request.
    public enum Answer: Equatable, Sendable {
        /// `isNew`: the first of its epoch, so it must be durable before it is answered.
        case granted(isNew: Bool)
        case refused(LeaseRefusal, retryAfter: Interval?)
    }

    /// Answers a request, and keeps the promise that it makes.
    ///
    /// - Parameters:
    ///   - floor: the oldest epoch that may still hold: the configuration's, or the one in which
    ///     this voter just voted.
    ///   - voters: the number of the voter set in force; who counts by an older one gets nothing.
    ///   - maySave: whether a new grant could be made durable.
    public mutating func ask(
        _ request: LeaseRequest, floor: Epoch, voters: UInt64 = 0, maySave: Bool, at now: Instant
    ) -> Answer {
        expire(at: now)
        if request.voters < voters { return .refused(.oldVoters, retryAfter: nil) }
        if grant?.holder == request.holder, let heard, request.stamp.isOlder(than: heard) {
            return .refused(.outdated, retryAfter: nil)
        }
        let isRenewal = grant?.epoch == request.epoch && grant?.holder == request.holder
        if request.epoch < max(floor, grant?.epoch ?? 0) {
            return .refused(.outdated, retryAfter: nil)
        }
        if let grant, grant.epoch == request.epoch, !isRenewal {
            return .refused(.taken, retryAfter: nil)
        }
        if !isRenewal, now < silentUntil {
            return .refused(.silent, retryAfter: silentUntil - now)
        }
        if let promisedUntil, grant?.holder != request.holder {
            return .refused(.promised, retryAfter: promisedUntil - now)
        }
        if !isRenewal, !maySave { return .refused(.notDurable, retryAfter: nil) }
        // The same holder's promise of an older epoch may run on, for longer.
        let known = isRenewal || promisedUntil != nil ? grant?.promise ?? .zero : .zero
        // A longer promise than the disk knows must be durable as well.
        let isNew = !isRenewal || request.promise > known
        if isNew, !maySave { return .refused(.notDurable, retryAfter: nil) }
        grant = LeaseGrant(
            epoch: request.epoch, holder: request.holder, promise: max(known, request.promise))
        heard = request.stamp
        promisedUntil = max(promisedUntil ?? now, now + request.promise)
        freeSince = nil
        return .granted(isNew: isNew)
    }

    /// The holder no longer answers for the address: anybody may have it.
    public mutating func release(_ release: LeaseRelease, at now: Instant) {
        expire(at: now)
        guard let grant, grant.holder == release.holder, grant.epoch <= release.epoch else {
            return
        }
        // It may hold by now, having asked since, in this life or a later one.
        if let heard, release.stamp.isOlder(than: heard) { return }
        heard = release.stamp
        if promisedUntil != nil || freeSince == nil {
            freeSince = now
            unheldSince = now
        }
        promisedUntil = nil
    }

    /// What this voter knows about the holder.
    public enum Standing: Equatable, Sendable {
        /// A holder renews, or one of a former life of this voter may.
        case promised
        /// Nobody holds the address by this voter's leave: released, or not renewed.
        case free(since: Instant)
    }

    /// What it knows now; promises that have ended by now are over.
    public mutating func standing(at now: Instant) -> Standing {
        expire(at: now)
        if let freeSince { return .free(since: freeSince) }
        if promisedUntil != nil || now < firstClaimUntil { return .promised }
        return .free(since: firstClaimUntil)
    }

    private mutating func expire(at now: Instant) {
        guard let end = promisedUntil, now >= end else { return }
        promisedUntil = nil
        freeSince = end
        unheldSince = end - (grant?.promise ?? use) + use
    }
}
