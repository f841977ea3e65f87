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
