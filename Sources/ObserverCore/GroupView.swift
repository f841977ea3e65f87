public import Addressing
public import MonotonicTime
public import SentinelCore

/// What an observer knows of a group.
public struct GroupView: Equatable, Sendable {
    /// Who takes writes, by the newest word of the nodes.
    public var primary: Endpoint
    /// Of that word; 0 while no node has spoken.
    public var epoch: Epoch
    /// Whether a node has ever said so. Before, the primary is a guess: good enough to read by.
    public var isNamed: Bool
    /// In the order in which they were found; the configured primary first.
    public var servers: [ServerView]

    public init(
        primary: Endpoint, epoch: Epoch, isNamed: Bool = true, servers: [ServerView]
    ) {
        self.primary = primary
        self.epoch = epoch
        self.isNamed = isNamed
        self.servers = servers
    }
}

/// What an observer knows of one server.
public struct ServerView: Equatable, Sendable {
    /// Whether it can serve reads, and if not why.
    public enum State: String, Equatable, Sendable, CaseIterable {
        /// It does not answer.
        case down
        /// It reads its data from disk.
        case loading
        /// Its data set is being replaced.
        case syncing
        /// It has lost its primary, and says how long ago by its lag.
        case detached
        /// It follows, or is, another primary than the group's: its data is another's, or old.
        case stray
        /// It is in order.
        case serving
    }

    public var endpoint: Endpoint
    public var state: State
    public var isPrimary: Bool
    /// Bytes of the replication stream that it lacks, as last seen; `nil` where that is unknown.
    public var lagBytes: UInt64?
    /// How old its data is: since the primary stood where it stands now. `nil` where unknown.
    public var lag: Interval?
    /// It has all that the primary had acknowledged before then, on the observer's clock; `nil`
    /// where that is unknown, or nobody wants to know it.
    public var dataAsOf: Instant?
    /// Which of its lives was heard last; `nil` before it was heard. A server that died keeps it
    /// until its next life answers.
    public var runID: RunID?

    public init(
        endpoint: Endpoint, state: State, isPrimary: Bool, lagBytes: UInt64?, lag: Interval?,
        dataAsOf: Instant? = nil, runID: RunID? = nil
    ) {
        self.endpoint = endpoint
        self.state = state
        self.isPrimary = isPrimary
        self.lagBytes = lagBytes
        self.lag = lag
        self.dataAsOf = dataAsOf
        self.runID = runID
    }
}
