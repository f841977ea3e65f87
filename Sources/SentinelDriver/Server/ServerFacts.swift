internal import Addressing
internal import MonotonicTime
internal import SentinelCore

/// What the server says of itself and holds against its clients; nothing in it changes.
struct ServerFacts: Sendable {
    /// Baton's own version.
    var version: String
    var secret: ClusterSecret
    /// The node's own, as the others know it.
    var address: IPAddress
    var port: UInt16
    var processID: Int32
    /// Of this life of the process; not the node's identity.
    var runID: RunID
    var startedAt: Instant

    /// The Redis whose Sentinel's commands and replies these are: what `redis_version` says,
    /// since clients choose their commands by it.
    static let compatibleVersion = "7.2.6"
}
