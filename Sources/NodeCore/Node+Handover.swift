import MonotonicTime

/// Giving the address to another host while all is well: clients whose writes are paused go on
/// waiting until the other host answers, and are reset then.
extension Node {
    /// The address falls silent. Nothing that waits here is answered or reset.
    mutating func hush(_ index: Int, _ effects: inout [NodeEffect]) {
        addresses[index].custody = .hushing
        addresses[index].retryAt = nil
        effects.append(.address(.hush(group: addresses[index].name, port: port(index))))
    }

    /// Silent, without the lease: it goes on when another host holds, or is undone.
    mutating func waitForNextHolder(
        _ index: Int, since: Instant, at now: Instant, _ effects: inout [NodeEffect]
    ) {
        if let until = mayTake(index, at: now) {
            take(index, until: until, &effects)
        } else if isElsewhere(index) {
            addresses[index].custody = .resetting
            effects.append(.address(.reset(group: addresses[index].name)))
        } else if now - since > Custody.hushedMax {
            bar(index, &effects)
        }
    }
}
