import MonotonicTime

/// How often things are done and how long they are waited for. Settings that operators turn are
/// in ``Settings``; these follow from them or are fixed, each with its reason.
enum Rhythm {
    /// A tick while nothing happens: detection is at most this much later than its limit.
    static let tickIdle = Interval.milliseconds(100)
    /// A tick while a primary is down or a failover runs: the steps of a failover are not
    /// stretched by waiting for the next look.
    static let tickBusy = Interval.milliseconds(10)

    /// Sentinel pings each second. A fifth of `down-after` finds a hung server with a fifth of
    /// delay at most, and forgives four lost pings in a row.
    static func pingPeriod(downAfter: Interval) -> Interval {
        max(min(.seconds(1), downAfter / 5), .milliseconds(50))
    }

    /// How long an answer of a peer counts as being in contact: less than `down-after`, so that a
    /// host that is cut off gives its address up before the others start to replace it.
    static func contactWindow(downAfter: Interval) -> Interval {
        downAfter * 3 / 4
    }

    /// `INFO` while all is well. Sentinel asks a primary every 10 s; offsets of that age are
    /// useless to an operator and to the choice of a replica.
    static let infoPeriod = Interval.seconds(1)
    /// `INFO` while a promotion or a re-pointing is waited for.
    static let infoPeriodFast = Interval.milliseconds(20)
    /// How long an order to pause or resume waits for a majority to have stored it.
    static let pauseRound = Interval.milliseconds(1500)
    /// Between two settings of a server's `min-replicas-…`, should somebody have changed their
    /// figures: that they are on or off is seen in each report.
    static let limitPeriod = Interval.seconds(10)
    /// How long a replica of a primary that refuses writes may follow a wrong address: longer than
    /// a leader takes to re-point one, and everybody waits.
    static let awaitedFixPatience = Interval.seconds(1)
    /// `INFO` to a replica that has not followed the present primary yet, for however long it
    /// synchronises.
    static let infoPeriodCatchingUp = Interval.milliseconds(50)
    /// A report older than this says nothing about a server (Sentinel behaviour: 5 s).
    static let reportLifetime = Interval.seconds(5)

    /// A report older than this does not tell where a replica stands now.
    static let presentReport = Interval.milliseconds(500)

    /// Whoever hears a primary as often as ``infoPeriod`` says is never taken for blind.
    static let hearingMin = Interval.milliseconds(1500)

    /// Hellos through the servers and greetings to the peers (Sentinel behaviour: 2 s).
    static let helloPeriod = Interval.seconds(2)
    /// Between two questions to the same peer while a primary is down.
    static let askPeriod = Interval.milliseconds(100)
    /// The same after ten seconds without a failover: nothing is gained by haste any more.
    static let askPeriodPatient = Interval.seconds(1)
    static let haste = Interval.seconds(10)
    /// How long a peer's opinion that the primary is down counts (Sentinel behaviour: 5 s).
    static let opinionLifetime = Interval.seconds(5)

    /// Between two attempts to connect: a returned server or peer is found within this.
    static let reconnectPeriod = Interval.milliseconds(200)
    /// A peer's link on which nothing came back for so long is replaced: after a partition heals,
    /// TCP would wait for its doubled retransmission timer, a new connection does not.
    static let peerLinkStuck = Interval.seconds(1)

    /// How long an end of process waits for a connection that still seems to stand: the reset may
    /// be lost, the evidence is not.
    static let evidenceConfirmation = Interval.milliseconds(50)

    /// Between the starts of the first and the second candidate: several round trips and a slow
    /// fsync, so that the first has usually won before the second begins.
    static let rankStep = Interval.milliseconds(50)
    /// How long one round of pre-votes or votes may take.
    static let electionRound = Interval.milliseconds(500)
    /// How long fresh reports of the replicas are waited for at the choice.
    static let selectionRound = Interval.milliseconds(300)
    /// How long a promotion may take before another replica is tried.
    static let promotionRound = Interval.milliseconds(2500)
    /// Between the word that a coordinated failover begins and the pause of writes. A balancer
    /// needs a millisecond to hear it, and the writes that it had sent a round trip and their turn
    /// in the server to be answered; the rest is for a busy thread and a slow command. It costs
    /// other clients nothing, since the primary still serves.
    static let switchoverNotice = Interval.milliseconds(25)
    /// How long writes may stand still, in a coordinated failover, before the holder lets them go
    /// on: a replica that is attached catches up within milliseconds.
    static let handoverRound = Interval.milliseconds(400)
    /// How much longer than D a pause of writes lasts, so that a paused write can't run before its
    /// connection has been reset.
    static let pauseMargin = Interval.seconds(1)
    /// How long a primary that came back without its data is kept from serving for a replica that
    /// has them: several attempts at a failover.
    static let rebirthPatience = Interval.seconds(3)
    /// Between two orders of a host to its own server to be a primary.
    static let promotionRetry = Interval.milliseconds(200)
    /// How long a voter leaves the candidate that it voted for alone, before it helps another:
    /// longer than all rounds of a leader together, so that two leaders never promote at once.
    static let leaderPatience = Interval.seconds(4)

    /// The pause after the n-th failed attempt, n from 1: doubled each time, bounded.
    static func backOff(attempt: Int) -> Interval {
        min(.milliseconds(100) * (1 << min(attempt, 6)), .seconds(5))
    }

    /// The distance between candidates grows with so many attempts, to half a second a rank.
    static let spreadMax = 10

    /// A replica that was told to follow and does not report so (Sentinel behaviour: 10 s).
    static let reconfigurationRound = Interval.seconds(10)
    /// Between two orders to the same server to follow.
    static let followRetry = Interval.seconds(1)
    /// How long a remote server must report the wrong role before it is corrected from afar
    /// (Sentinel behaviour: four hellos). A server's own host does it at once.
    static let convertPatience = Interval.seconds(8)
    /// How long a replica may follow a wrong address before its own host corrects it: the leader
    /// re-points replicas one after another and must not be overtaken.
    static let localFixPatience = Interval.seconds(10)
    /// How long a node knows a voter set before it has a say in the next one: longer than the
    /// longest lease, by the slowest clock, so that nobody holds by the set before.
    static let voterSettling = Interval.seconds(11)
    /// How long nodes may take to hear one another for the first time before people are told.
    static let voterPatience = Interval.seconds(5)
    /// Between two attempts to make the state durable after one failed.
    static let persistRetry = Interval.seconds(1)
}
