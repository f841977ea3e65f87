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
    /// e: how late the kernel may still let a packet pass.
    public var lateness: Interval

    /// The default L: long enough for three renewals that are lost, short enough that nobody waits
    /// for two seconds.
    public static let defaultPromise = Interval.milliseconds(1500)
    /// nf_tables compares jiffies (at most 10 ms) at each packet; the rest is room for the moment
    /// between reading the clock and the kernel's commit, which is checked after the commit.
    public static let packetFilterLateness = Interval.milliseconds(50)
    /// `valid_lft` counts whole seconds and its work may be put off (measured: up to 0.46 s late).
    public static let addressLifetimeLateness = Interval.milliseconds(1500)
    /// The longest L: a failover that must wait for a lease to lapse waits this long.
    public static let promiseMax = Interval.seconds(10)

    /// r, in percent: chrony slews by up to 8.3 %, and the kernel's timers follow.
    public static let rateErrorPercent = 10

    /// With the longest D that these allow.
    public init(promise: Interval = defaultPromise, lateness: Interval = packetFilterLateness) {
        self.promise = promise
        self.lateness = lateness
        use = Self.useMax(promise: promise, lateness: lateness)
    }

    public init(promise: Interval, use: Interval, lateness: Interval) {
        self.promise = promise
        self.use = use
        self.lateness = lateness
    }

    /// The same with the L that the voters have agreed on.
    public func agreed(promise: Interval) -> LeaseTerms {
        guard promise != self.promise else { return self }
        return LeaseTerms(
            promise: promise, use: min(use, Self.useMax(promise: promise, lateness: lateness)),
            lateness: lateness)
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
        if use < Self.useMin {
            return "D = \(use.milliseconds) ms is too short to be renewed in time; with e = "
                + "\(lateness.milliseconds) ms, L must be at least \(promiseMin.milliseconds) ms"
        }
        return nil
    }

    /// Less than this a delayed packet or a slow wake-up would lapse.
    public static let useMin = Interval.milliseconds(400)

    private var promiseMin: Interval {
        (Self.useMin * 100 / (100 - Self.rateErrorPercent) + lateness)
            * (100 + Self.rateErrorPercent) / 100 + .milliseconds(1)
    }

    /// How often the holder asks anew: three requests in a row may be lost.
    public var renewPeriod: Interval { max(use / 4, .milliseconds(10)) }

    /// How long a voter that has started keeps its promises of a life that it may have forgotten:
    /// L(1+r), since its clock began anew and may be the fast one.
    public var restartSilence: Interval {
        promise * (100 + Self.rateErrorPercent) / 100
    }
}
