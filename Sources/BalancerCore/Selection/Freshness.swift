public import MonotonicTime

/// How new the data must be that a listener's reads are served from.
///
/// A replica's data is known to be as new as the moment at which the primary, when it was asked,
/// stood no further than the replica does: whatever was acknowledged before that, it has.
public struct Freshness: Equatable, Sendable {
    /// Data may lack what was acknowledged longer ago than this at most; `nil`: whatever is fit to
    /// be read from is new enough.
    public var ageMax: Interval?
    /// A client finds what it has written itself, over the same connection. Of use with
    /// ``Service/auto`` alone: elsewhere reads and writes go the same way.
    public var showsOwnWrites: Bool

    public init(ageMax: Interval? = nil, showsOwnWrites: Bool = false) {
        self.ageMax = ageMax
        self.showsOwnWrites = showsOwnWrites
    }

    /// Whatever is fit to be read from.
    public static let any = Freshness()
}
