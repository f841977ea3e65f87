import Laboratory
import MonotonicTime

/// What a writer's attempts amount to: how many a second, and how long there were none.
struct WritePulse: Equatable {
    /// A time without acknowledged writes.
    struct Pause: Equatable {
        var begin: Instant
        var end: Instant

        var length: Interval { end - begin }
    }

    /// Ten times the time from one write to the next: what a busy machine's scheduler takes is no
    /// pause of the service. A failed attempt makes one of any length.
    static let pauseMin = Interval.milliseconds(50)
    private static let second = Interval.seconds(1)

    private(set) var attemptCount = 0
    private(set) var acknowledgedCount = 0
    private(set) var lastPause: Pause?
    private(set) var longestPause: Pause?
    /// When the last write was acknowledged.
    private(set) var lastAcknowledgement: Instant?
    /// Why the last attempt was not acknowledged; `nil` when it was.
    private(set) var trouble: WriteLog.Outcome?
    /// Ends of the writes acknowledged within the last second.
    private var recent: [Instant] = []

    mutating func add(_ attempts: [WriteLog.Attempt]) {
        for attempt in attempts { add(attempt) }
    }

    private mutating func add(_ attempt: WriteLog.Attempt) {
        attemptCount += 1
        guard attempt.outcome == .acknowledged else {
            trouble = attempt.outcome
            return
        }
        if let last = lastAcknowledgement,
            trouble != nil || attempt.end - last >= Self.pauseMin
        {
            let pause = Pause(begin: last, end: attempt.end)
            lastPause = pause
            if pause.length > longestPause?.length ?? .zero { longestPause = pause }
        }
        trouble = nil
        acknowledgedCount += 1
        lastAcknowledgement = attempt.end
        recent.append(attempt.end)
        if let first = recent.first, attempt.end - first > Self.second * 2 {
            recent.removeAll { attempt.end - $0 > Self.second }
        }
    }

    /// Writes acknowledged within the second before `now`.
    func rate(at now: Instant) -> Int {
        recent.count { $0 > now - Self.second }
    }

    /// How long nobody could write by now, while that is so.
    func currentPause(at now: Instant) -> Interval? {
        guard let last = lastAcknowledgement else { return nil }
        let length = now - last
        // A picture is drawn seldom enough that a write is always on its way.
        return length >= Self.pauseMin * 2 ? length : nil
    }
}
