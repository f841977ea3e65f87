internal import SentinelCore

extension RunID {
    /// A new identity from the system's random numbers, as Sentinel draws its `myid`.
    static func drawn() -> RunID {
        // Swift's system generator is getrandom(2) on Linux.
        var system = SystemRandomNumberGenerator()
        return RunID(
            high: system.next(), middle: system.next(),
            low: UInt32(truncatingIfNeeded: system.next()))
    }
}

/// A number that is used once: sixteen bytes that nobody can foresee.
enum Nonce {
    static func drawn() -> [UInt8] {
        var system = SystemRandomNumberGenerator()
        return (0..<PeerSession.nonceByteCount).map { _ in
            UInt8(truncatingIfNeeded: system.next())
        }
    }
}
