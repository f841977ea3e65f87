internal import MonotonicTime

// Reads whose data must be new: see `Freshness`.
extension Balancer {
    /// Whoever has all that was acknowledged before then may serve the client's next read.
    func dataNeeded(by client: Int, at now: Instant) -> Instant {
        let freshness = clients[client].freshness
        var needed = Instant.anyData
        if let ageMax = freshness.ageMax { needed = now - ageMax }
        if let wroteAt = clients[client].wroteAt { needed = max(needed, wroteAt) }
        return needed
    }

    /// Where a read goes: with `auto`, whoever takes writes has the newest data, and serves what no
    /// other can.
    @inline(__always)
    func destination(ofRead client: Int, _ now: Instant) -> Destination {
        guard clients[client].isDemanding, clients[client].service == .auto else {
            return .readers
        }
        let needed = dataNeeded(by: client, at: now)
        let isServed = servers.contains { $0.weight > 0 && $0.dataAsOf >= needed }
        return isServed ? .readers : .writer
    }

    /// A read of the client's was lost with its connection: the one that it is sent to now, if any
    /// may serve it.
    mutating func chooseAnew(
        for client: Int, _ pool: Int, _ former: Destination, _ now: Instant,
        _ effects: inout EffectBuffer
    ) -> Choice {
        guard former == .readers, clients[client].isDemanding else {
            return choose(pool, former, now, &effects)
        }
        let destination = destination(ofRead: client, now)
        return choose(
            pool, destination, having: dataNeeded(by: client, at: now), now, &effects)
    }
}

extension Instant {
    /// No data is older.
    static let anyData = Instant(nanoseconds: .min)
}
