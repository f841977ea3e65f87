public import SentinelCore

/// All that a Sentinel keeps in its file beside ``GlobalSettings``: what is monitored, who is
/// known, and the state that votes rest on.
public struct Ledger: Equatable, Sendable {
    /// One group.
    public struct Entry: Equatable, Sendable {
        public var settings: MasterSettings
        /// The primary; the promoted server once a failover has come so far.
        public var primary: Place
        public var configEpoch: Epoch = 0
        public var leaderEpoch: Epoch = 0
        /// In the order in which they became known.
        public var replicas: [Place] = []
        public var sentinels: [KnownSentinel] = []

        public init(settings: MasterSettings, primary: Place) {
            self.settings = settings
            self.primary = primary
        }
    }

    /// Another Sentinel of a group.
    public struct KnownSentinel: Equatable, Sendable {
        public var place: Place
        /// `nil` in a line of old that has none.
        public var id: RunID?

        public init(place: Place, id: RunID?) {
            self.place = place
            self.id = id
        }
    }

    /// `nil` until it is drawn at the first start.
    public var id: RunID?
    public var currentEpoch: Epoch = 0
    /// In the order of the file, then of `SENTINEL MONITOR`.
    public var entries: [Entry] = []

    public init() {}
}
