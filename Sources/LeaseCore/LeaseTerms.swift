public import MonotonicTime

/// The figures of a lease: how long a voter promises, how long the holder may use the promise, and
/// how late the kernel may be in enforcing it.
///
/// No clock is compared with another's, only rates matter. A voter promises for ``promise`` (L)
/// from the moment at which it grants; the holder may use the address until ``use`` (D) counted
/// from before it asked. With clock rates within ±r and enforcement late by at most ``lateness``
/// (e) the last packet leaves before the first promise ends exactly when
///
///     D ≤ (1 − r) · (L / (1 + r) − e)
public struct LeaseTerms: Equatable, Sendable {
    /// L: how long a voter promises nobody else.
    public var promise: Interval
    /// D: how long the holder may use a grant, counted from before it asked for it.
    public var use: Interval
    /// What of this host's kernel ends the lease.
    public var enforcement: LeaseEnforcement

    /// e: how late the kernel may still let a packet pass.
    public var lateness: Interval { enforcement.lateness }

    /// The default L: long enough for three renewals that are lost, short enough that nobody waits
    /// for two seconds.
    public static let defaultPromise = Interval.milliseconds(1500)
    /// The longest L: a failover that must wait for a lease to lapse waits this long.
    public static let promiseMax = Interval.seconds(10)

    /// r, in percent: chrony slews by up to 8.3 %, and the kernel's timers follow.
    public static let rateErrorPercent = 10

    /// With the longest D that these allow.
    public init(
        promise: Interval = defaultPromise, enforcement: LeaseEnforcement = .packetFilter
    ) {
        self.promise = promise
        self.enforcement = enforcement
        use = Self.useMax(promise: promise, lateness: enforcement.lateness)
    }

    public init(
        promise: Interval, use: Interval, enforcement: LeaseEnforcement = .packetFilter
    ) {
        self.promise = promise
        self.use = use
        self.enforcement = enforcement
    }

    /// The same with the L that the voters have agreed on. One that is too short for this host's
    /// kernel leaves it no time at all: it holds nothing.
    public func agreed(promise: Interval) -> LeaseTerms {
        guard promise != self.promise else { return self }
        let useMax = Self.useMax(promise: promise, lateness: lateness)
        return LeaseTerms(
            promise: promise, use: max(min(use, useMax), .zero), enforcement: enforcement)
    }

    /// The longest D that keeps two hosts apart.
    public static func useMax(promise: Interval, lateness: Interval) -> Interval {
        let shortest = promise * 100 / (100 + rateErrorPercent)
        return (shortest - lateness) * (100 - rateErrorPercent) / 100
    }

    /// What is wrong with the figures, with the figures; `nil` when nothing is.
    public var objection: String? {
        let limit = Self.useMax(promise: promise, lateness: lateness)
        if promise > Self.promiseMax {
            return "a lease of \(promise.milliseconds) ms would keep writes waiting for so long "
                + "after a holder is lost; at most \(Self.promiseMax.milliseconds) ms"
        }
        if use > limit {
            return "the holder may use a lease for at most (1 - r) * (L / (1 + r) - e) = "
                + "\(limit.milliseconds) ms of L = \(promise.milliseconds) ms, with r = "
                + "\(Self.rateErrorPercent) % and e = \(lateness.milliseconds) ms; "
                + "D = \(use.milliseconds) ms could leave the address on two hosts"
        }
        if use < enforcement.useMin {
            return shortage
        }
        return nil
    }

    private var shortage: String {
        switch enforcement {
        case .packetFilter:
            "D = \(use.milliseconds) ms is too short to be renewed in time; with e = "
                + "\(lateness.milliseconds) ms, L must be at least \(promiseMin.milliseconds) ms"
        case .addressLifetime:
            "L = \(promise.milliseconds) ms is too short where the lifetime of the address alone "
                + "ends a lease: the kernel may be e = \(lateness.milliseconds) ms late, and D "
                + "must be at least \(enforcement.useMin.milliseconds) ms, since it counts whole "
                + "seconds; so L must be at least \(promiseMin.milliseconds) ms, on every host"
        }
    }

    /// The least L that leaves time for renewals.
    public var promiseMin: Interval {
        (enforcement.useMin * 100 / (100 - Self.rateErrorPercent) + lateness)
            * (100 + Self.rateErrorPercent) / 100 + .milliseconds(1)
    }

    /// How often the holder asks anew: three requests in a row may be lost.
    public var renewPeriod: Interval { max(use / 4, .milliseconds(100)) }

    /// How long a voter that has started keeps its promises of a life that it may have forgotten:
    /// L(1+r), since its clock began anew and may be the fast one.
    public var restartSilence: Interval {
        promise * (100 + Self.rateErrorPercent) / 100
    }
}
