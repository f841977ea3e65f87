public import Addressing

/// Where writes go, and to whom that leads.
public struct WritePlace: Equatable, Sendable {
    /// The write address, which leads to whoever holds it; or the primary itself where there is
    /// none.
    public var endpoint: Endpoint
    /// `run_id` of the server that takes writes, by the newest word of the nodes: ASCII, as `INFO`
    /// says it. `nil` while unknown.
    public var runID: [UInt8]?
    /// Of that word. It grows with each failover.
    public var epoch: UInt64

    public init(endpoint: Endpoint, runID: [UInt8]? = nil, epoch: UInt64 = 0) {
        self.endpoint = endpoint
        self.runID = runID
        self.epoch = epoch
    }
}
