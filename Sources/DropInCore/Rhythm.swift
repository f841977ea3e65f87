import MonotonicTime

/// How often things are done that no ``Period`` says.
enum Rhythm {
    /// A look at everything: Sentinel's own timer is as coarse.
    static let tickIdle = Interval.milliseconds(100)
    /// A look at the groups whose primary is down or that have a failover.
    static let tickBusy = Interval.milliseconds(10)
    /// `INFO` to the promoted server until it says that it is a primary.
    static let reportPeriodPromotion = Interval.milliseconds(20)
    /// `INFO` to a replica that is being re-pointed.
    static let reportPeriodMoving = Interval.milliseconds(100)
    /// `INFO` to a replica whose primary is lost or that has lost it (Sentinel behaviour).
    static let reportPeriodAlert = Interval.seconds(1)
    /// A report that was asked for and does not come is asked for again after this.
    static let reportPatience = Interval.seconds(1)
    /// Between two questions to a peer while the primary has been down for less than `haste`.
    static let askPeriodHasty = Interval.milliseconds(50)
    static let haste = Interval.seconds(10)
    /// More groups in trouble than this are not asked about in haste: a host of a thousand
    /// primaries died, and the questions would be what everybody waits for.
    static let hastyCountMax = 32
    /// Between the starts of two candidates that see the primary down at the same moment: a vote
    /// takes a round trip and a write to disk.
    static let rankStep = Interval.milliseconds(50)
    /// More candidates than this share the last rank.
    static let rankMax = 5
    /// An election in which every vote is given and none has won ends after this.
    static let electionRound = Interval.milliseconds(200)
    /// No interval that anybody sets counts as longer (28 years), so that its multiples can be
    /// reckoned with.
    static let longest = Interval.seconds(900_000_000)
    /// Before the second try; doubled for each further one.
    static let retryPeriod = Interval.milliseconds(500)
}
