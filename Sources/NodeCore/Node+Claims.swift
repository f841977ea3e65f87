import LeaseCore
import MonotonicTime
import SentinelCore

/// Others that say that the address is theirs: anybody can send such a frame, and a host that was
/// frozen may not know yet that another holds. The voters decide: the lease is renewed at once.
extension Node {
    /// How long the voters are waited for.
    static let claimPatience = Interval.milliseconds(300)
    /// Between two answers: two holders that answered each other would never end (RFC 5227
    /// section 2.4).
    static let defencePeriod = Interval.seconds(1)

    mutating func claimed(
        _ index: Int, by hardware: String, isPeer: Bool, at now: Instant,
        _ effects: inout [NodeEffect]
    ) {
        // An answer may come while the address is being taken.
        guard addresses[index].custody.isHeld || addresses[index].custody == .taking else {
            return answered(index, by: hardware, isPeer: isPeer, at: now, &effects)
        }
        addresses[index].claimedAt = addresses[index].claimedAt ?? now
        addresses[index].holder.askAll(at: now)
        guard addresses[index].claimant != hardware else { return }
        addresses[index].claimant = hardware
        tell(
            .addressTrouble, index,
            "is claimed by \(hardware) on its network: a host that has the same address, or a "
                + "forgery. The voters are asked; it is announced again while they confirm it",
            &effects)
    }

    /// Confirmed by a majority since the claim: announced again. Not confirmed in time: given up.
    /// False when it must be given up.
    mutating func answerClaim(
        _ index: Int, at now: Instant, _ effects: inout [NodeEffect]
    ) -> Bool {
        guard let claimedAt = addresses[index].claimedAt else { return true }
        if addresses[index].holder.isConfirmed(since: claimedAt),
            addresses[index].doubtedAt == nil
        {
            guard addresses[index].defendedAt.map({ now - $0 >= Self.defencePeriod }) ?? true else {
                return true
            }
            addresses[index].claimedAt = nil
            addresses[index].defendedAt = now
            effects.append(.address(.announce(group: addresses[index].name)))
            return true
        }
        return now - claimedAt < Self.claimPatience
    }
}
