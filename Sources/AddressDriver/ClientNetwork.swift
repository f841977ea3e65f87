public import Addressing
public import MonotonicTime

/// What this host can tell of the network that a write address lies in: whether the wire is there,
/// and whether any of the other hosts is heard on it. Pure.
public struct ClientNetwork: Equatable, Sendable {
    /// A neighbour that says nothing to several questions is not there.
    public static let patience = Interval.milliseconds(700)
    /// Between two questions to the neighbours.
    public static let questionPeriod = Interval.milliseconds(200)

    /// The other hosts' addresses on it, as far as they are known.
    public private(set) var neighbours: [IPAddress] = []
    private var heardAt: Instant?
    private var hasCarrier = true
    /// Since when there are neighbours to be heard.
    private var askedSince: Instant?

    public init() {}

    /// Others are to be asked from now on.
    public mutating func watch(_ neighbours: [IPAddress], at now: Instant) {
        guard neighbours != self.neighbours else { return }
        self.neighbours = neighbours
        askedSince = now
        heardAt = nil
    }

    /// The wire is there, or is not.
    public mutating func carrierChanged(_ hasCarrier: Bool) {
        self.hasCarrier = hasCarrier
    }

    /// Whoever says anything as a neighbour is heard.
    public mutating func heard(_ address: IPAddress, at now: Instant) {
        if neighbours.contains(address) { heardAt = now }
    }

    /// Without neighbours to ask, the wire alone says it.
    public func isReached(at now: Instant) -> Bool {
        guard hasCarrier else { return false }
        guard !neighbours.isEmpty, let since = heardAt ?? askedSince else { return true }
        return now - since <= Self.patience
    }
}
