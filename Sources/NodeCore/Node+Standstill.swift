import LeaseCore
import MonotonicTime
import SentinelCore

/// A machine that stood still and may not have counted the time: a virtual machine that was stopped
/// or moved, a suspended host whose kernel's timers stood. By its own clocks its lease runs; by the
/// voters' it may be over, and another may hold the address. Only the voters know.
extension Node {
    /// They are asked at once. Until a majority has granted what was asked since, the lease serves
    /// for nothing new: nothing is taken, put off, announced or promoted.
    mutating func doubt(_ index: Int, at now: Instant) {
        addresses[index].doubtedAt = now
        addresses[index].holder.askAll(at: now)
    }

    /// The doubt ends when a majority has spoken, or where there is nothing to doubt.
    mutating func settleDoubt(_ index: Int) {
        guard let doubtedAt = addresses[index].doubtedAt else { return }
        let isOver =
            addresses[index].holder.epoch == nil && !addresses[index].custody.isHeld
            || addresses[index].holder.isConfirmed(since: doubtedAt)
        if isOver { addresses[index].doubtedAt = nil }
    }

    /// This host has the lease, beyond doubt. Inlined like ``claim(_:)``.
    @inline(__always)
    func hasLease(_ index: Int, at now: Instant) -> Bool {
        addresses[index].holder.isHeld(at: now) && addresses[index].doubtedAt == nil
    }

    /// False when what this host holds must be given up: the voters were waited for in vain.
    mutating func outlastsDoubt(
        _ index: Int, at now: Instant, _ effects: inout [NodeEffect]
    ) -> Bool {
        guard let doubtedAt = addresses[index].doubtedAt,
            now - doubtedAt >= Self.claimPatience
        else { return true }
        tell(
            .addressTrouble, index,
            "is given up: this machine stood still, and no majority of the voters has confirmed "
                + "its lease since", &effects)
        return false
    }
}
