public import MonotonicTime

/// How long the checkers wait, in true time, before what ought to become right counts as wrong.
///
/// All count from the last disturbance: the beginning or end of a fault, or a server's coming back.
/// Clocks may run 10 % slow, which the factors leave room for.
public struct Bounds: Equatable, Sendable {
    /// The group has a primary that runs, and its host holds the address open.
    ///
    /// Detection takes `downAfter` and a ping's period; an election, a promotion and the taking of
    /// the address take less than a second each; a link that hung retransmits after at most 5 s;
    /// the rest is room for one attempt that fails.
    public var service: Interval
    /// As much longer while a disk of the part that must serve takes up to 3 s for a write: the
    /// leader's vote and its new configuration each wait for one.
    public var slowDisk = Interval.seconds(6)
    /// A primary that came back beside one that is served has become a replica.
    public var returned: Interval
    /// All nodes know one primary and all replicas follow it: beside `service`, time for a load
    /// from disk and a full synchronisation.
    public var convergence: Interval
    /// All nodes count by the voters of a file that every host has: two settling times, since a
    /// node that was started last settles last and clocks may be slow, and some attempts.
    public var voters = Interval.seconds(30)

    /// Leases of up to 3 s are in the room above. A longer one may have to lapse twice: by the
    /// voters' promise, then by the silence of voters that were started again.
    public init(downAfter: Interval, promise: Interval = .seconds(3)) {
        let longer = max(promise - .seconds(3), .zero) * 2
        service = downAfter * 2 + .seconds(6) + longer
        returned = downAfter * 2 + .seconds(6) + longer
        convergence = downAfter * 2 + .seconds(12) + longer
    }
}
