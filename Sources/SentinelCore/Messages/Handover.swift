public import Addressing

/// What is wanted of a failover that an operator orders while the primary works.
public struct FailoverOrder: Equatable, Sendable {
    /// The server that is to become the primary; `nil`: the best replica.
    public var target: Endpoint?
    /// Pause writes until the replica has everything, so that nothing acknowledged is lost;
    /// otherwise the replica is promoted as it stands (Sentinel behaviour).
    public var isCoordinated: Bool

    public init(target: Endpoint? = nil, isCoordinated: Bool = false) {
        self.target = target
        self.isCoordinated = isCoordinated
    }
}

/// A step of a coordinated failover, between the present holder's host and the appointed server's:
///
///     holder    writes are paused; the stream ends at `offset` ──────▶ appointed
///     holder    ◀──────────────────── the server stands at `offset`    appointed
///     holder    the lease is released ──▶ lease, promotion, address    appointed
///
/// The holder says ``PeerMessage/resumed(_:)`` instead of going on when it can't: then nothing has
/// changed and writes go on with it.
public struct Handover: Equatable, Sendable {
    public var group: String
    /// The epoch of the appointment.
    public var epoch: Epoch
    /// Bytes of the replication stream behind the last write; 0 where it has no meaning.
    public var offset: UInt64

    public init(group: String, epoch: Epoch, offset: UInt64 = 0) {
        self.group = group
        self.epoch = epoch
        self.offset = offset
    }
}
