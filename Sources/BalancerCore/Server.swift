public import Addressing
internal import MonotonicTime

/// One server of the group, as the connections to it show it; its health is in `Selection`.
struct Server {
    var endpoint: Endpoint
    /// Its share of the reads against the others', 0 for none.
    var weight = 0
    /// It has all that was acknowledged before then, as far as is known.
    var dataAsOf = Instant.anyData
    /// Whether it is in the newest list.
    var isListed = true
    /// Requests of clients that it has not answered.
    var awaitedCount = 0
    /// Requests of clients that it has answered.
    var answeredCount: UInt64 = 0
    /// Connections to it, opening ones included.
    var upstreamCount = 0
    /// Not connected to before, after a failure.
    var retryAt: Instant?
    var retryDelay: Interval
    /// Whether its commands were learnt since it was last lost.
    var isLearnt = false

    init(endpoint: Endpoint, retryDelay: Interval, isListed: Bool = true) {
        self.endpoint = endpoint
        self.isListed = isListed
        self.retryDelay = retryDelay
    }
}

/// What a server did, for who watches.
public struct ServerStatistics: Equatable, Sendable {
    public var endpoint: Endpoint
    /// Requests that it has not answered yet.
    public var awaitedCount: Int
    /// Requests that it has answered, ever.
    public var answeredCount: UInt64
    /// Its share of the reads against the others', 0 to 256.
    public var weight: Int

    public init(endpoint: Endpoint, awaitedCount: Int, answeredCount: UInt64, weight: Int) {
        self.endpoint = endpoint
        self.awaitedCount = awaitedCount
        self.answeredCount = answeredCount
        self.weight = weight
    }
}
