internal import RESP

/// One thing that the driver must do; they are done in order, before the bytes that the core was
/// shown are overwritten.
///
/// Trivial, so that a buffer of them costs no reference counting. Ranges count from the first byte
/// of the span that the core was shown, or of ``EffectBuffer/composed``.
public enum Effect: Equatable, Sendable {
    /// Open a connection to a server of the list; report how it went. With `keepsSent`, bytes stay
    /// in the outbox after they were sent, until ``release(_:byteCount:)``.
    case connect(UpstreamID, server: Int, keepsSent: Bool)
    /// Append received bytes to the outbox, which is sent once a turn.
    case forward(UpstreamID, lower: Int, upper: Int)
    /// Append composed bytes to the outbox.
    case compose(UpstreamID, lower: Int, upper: Int)
    /// Append to the second's outbox bytes that the first's keeps: `offset` counts from the oldest
    /// byte that is kept.
    case carry(UpstreamID, offset: Int, byteCount: Int, to: UpstreamID)
    /// The oldest bytes that the outbox keeps are not needed any more.
    case release(UpstreamID, byteCount: Int)
    /// Close the connection to the server, if there still is one, and drop its outbox.
    case closeUpstream(UpstreamID)
    /// Send received bytes to the client.
    case deliver(ClientID, lower: Int, upper: Int)
    /// Send composed bytes to the client.
    case answer(ClientID, lower: Int, upper: Int)
    /// Close the client's connection once all that was sent to it is out.
    case closeClient(ClientID)
    /// Read from the client again, and show what it sent before and was not consumed.
    case wake(ClientID)
    /// Read no more from the client, until it is woken.
    case pauseClient(ClientID)
    /// Read no more from the server, until ``resumeUpstream(_:)``.
    case pauseUpstream(UpstreamID)
    case resumeUpstream(UpstreamID)
}

/// What the core wants done, in memory that the driver owns and uses again and again.
public struct EffectBuffer: Sendable {
    /// In the order in which they must be done.
    public internal(set) var effects: ContiguousArray<Effect> = []
    /// Bytes of the core's own: error replies, requests of a greeting.
    public internal(set) var composed: ContiguousArray<UInt8> = []

    public init() {
        effects.reserveCapacity(256)
        composed.reserveCapacity(1024)
    }

    /// All are done.
    @inline(__always)
    public mutating func clear() {
        effects.removeAll(keepingCapacity: true)
        composed.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    mutating func append(_ effect: Effect) {
        effects.append(effect)
    }

    /// Received bytes for a client: joined to the bytes before them when these went to it too.
    @inline(__always)
    mutating func deliver(_ client: ClientID, lower: Int, upper: Int) {
        if let last = effects.indices.last,
            case .deliver(client, let first, lower) = effects[last]
        {
            effects[last] = .deliver(client, lower: first, upper: upper)
        } else {
            effects.append(.deliver(client, lower: lower, upper: upper))
        }
    }

    /// Text for a client, with what frames it.
    mutating func answer(_ client: ClientID, _ bytes: some Collection<UInt8>) {
        let lower = composed.count
        composed.append(contentsOf: bytes)
        if let last = effects.indices.last,
            case .answer(client, let first, lower) = effects[last]
        {
            effects[last] = .answer(client, lower: first, upper: composed.count)
        } else {
            effects.append(.answer(client, lower: lower, upper: composed.count))
        }
    }

    /// A request of the balancer's own; returns its length.
    mutating func compose(_ upstream: UpstreamID, _ request: [[UInt8]]) -> Int {
        var bytes: [UInt8] = []
        RESPEncoder.appendRequest(request, to: &bytes)
        let lower = composed.count
        composed.append(contentsOf: bytes)
        effects.append(.compose(upstream, lower: lower, upper: composed.count))
        return bytes.count
    }
}
