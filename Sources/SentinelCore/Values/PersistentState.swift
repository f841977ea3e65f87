public import Addressing

/// An election round, and the version of a group's configuration. It only ever grows.
public typealias Epoch = UInt64

/// What a node must not forget: everything that a promise to others rests on.
///
/// It is durable before the message that depends on it is sent (``Effect/persist(_:sequence:)``).
public struct PersistentState: Equatable, Sendable {
    /// What is remembered of one group.
    public struct Group: Equatable, Sendable {
        public var name: String
        public var primary: Endpoint
        /// The epoch in which `primary` was made primary; 0 when it is the configured one.
        public var configEpoch: Epoch
        /// The newest epoch in which this node voted for this group; 0 before the first vote.
        public var votedEpoch: Epoch
        /// Whom it voted for in that epoch.
        public var votedFor: RunID?
        /// Every server known beside the primary, sorted.
        public var replicas: [Endpoint]
        /// The newest lease of the write address that this voter granted; `nil` before the first.
        public var grant: LeaseGrant?
        /// Some host has held the write address: since then servers without the lease are fenced.
        public var hasBeenHeld: Bool
        /// The newest word on whether the group is left alone, with the whole length of a pause.
        public var pause: PauseWord?

        public init(
            name: String, primary: Endpoint, configEpoch: Epoch = 0, votedEpoch: Epoch = 0,
            votedFor: RunID? = nil, replicas: [Endpoint] = [], grant: LeaseGrant? = nil,
            hasBeenHeld: Bool = false, pause: PauseWord? = nil
        ) {
            self.name = name
            self.primary = primary
            self.configEpoch = configEpoch
            self.votedEpoch = votedEpoch
            self.votedFor = votedFor
            self.replicas = replicas
            self.grant = grant
            self.hasBeenHeld = hasBeenHeld
            self.pause = pause
        }
    }

    /// This node's own identity for ever (`myid`).
    public var id: RunID
    /// Counts the lives of this node's process, so that what two of them say has an order.
    public var life: UInt64
    /// The newest epoch that this node has seen, over all groups.
    public var currentEpoch: Epoch
    /// One entry a group, sorted by name.
    public var groups: [Group]
    /// Who has a voice.
    public var voters: VoterMemory

    public init(
        id: RunID, life: UInt64 = 0, currentEpoch: Epoch = 0, groups: [Group] = [],
        voters: VoterMemory = VoterMemory()
    ) {
        self.voters = voters
        self.id = id
        self.life = life
        self.currentEpoch = currentEpoch
        self.groups = groups
    }
}
