import MonotonicTime

/// How long a group's write address was answered by no primary, and by two.
struct ServiceLedger: Sendable {
    private var holderCount = 0
    private var since = Moment.zero
    private var wasServed = false
    private(set) var unserved = Interval.zero
    private(set) var longest = Interval.zero
    private(set) var dual = Interval.zero

    /// From now on so many hosts hold the address open with a running primary behind it. Returns
    /// whether that is another number than before.
    mutating func note(holderCount count: Int, at now: Moment) -> Bool {
        guard count != holderCount else { return false }
        close(at: now)
        holderCount = count
        return true
    }

    /// Books what has passed since the last change.
    mutating func close(at now: Moment) {
        let length = now - since
        since = now
        if holderCount > 0 {
            wasServed = true
            if holderCount > 1 { dual = dual + length }
        } else if wasServed {
            unserved = unserved + length
            longest = max(longest, length)
        }
    }
}
