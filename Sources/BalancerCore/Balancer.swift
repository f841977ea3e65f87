public import Addressing
internal import MonotonicTime
internal import RESP

/// The whole decision of one balancer: which bytes of which client go to which server, and which
/// replies come back to whom.
///
/// Many clients share one pipelined connection to each server, for each identity (user, database,
/// protocol version); the replies of a connection come in the order of its requests, so a ring of
/// who asked is all that matches them. A client's requests stay on one connection while any of
/// them is unanswered, which keeps their order. What cannot share a connection gets one of its own.
///
/// Invariants: a reply goes to the client whose request is the oldest of its connection, or to
/// nobody when that client has gone. A client gets one reply to each request, in their order, or is
/// closed. No request that may change anything is sent twice unless the first sending surely never
/// ran.
///
/// It does no I/O and reads no clock: bytes and `now` go in, ``Effect``s come out, to be carried
/// out before the next call.
public struct Balancer: ~Copyable {
    public let settings: BalancerSettings
    var clients = Slab<Client>()
    var upstreams = Slab<Upstream>()
    var pools = Slab<Pool>()
    /// The first is not one server but wherever writes go; the others share the reads.
    var servers: ContiguousArray<Server> = []
    var selection: Selection
    /// Where writes go; `nil` while nobody has said.
    var writePlace: WritePlace?
    /// The server that took writes before the present one.
    var formerWriter: FormerWriter?
    /// A planned move has been announced: until it is over, or this, no more writes are sent.
    var movingUntil: Instant?
    /// What clients wait for that are held.
    var held = Held()
    var table = CommandTable()
    /// Where the search for the least busy server begins, so that equals take turns.
    var rotation = 0
    /// Connections that are one client's own.
    var privateCount = 0
    /// Connections that are lost, and owe something that can still be asked elsewhere.
    var strandedCount = 0
    /// Clients that take no more just now.
    var fullCount = 0
    var isDraining = false
    var counts = Counts()
    /// Clients that asked to be told of failovers.
    var toldCount = 0
    /// Of the last notice: they are counted.
    var noticeNumber = 0
    /// The notice of the failover that is under way.
    var failoverNumber: Int?
    var departure: Departure?
    /// Clients that were told of it and are still there.
    var departingCount = 0

    /// The identity of whoever has shown nothing: always there, never evicted.
    static let basePool = 0

    /// Of `servers`: the one that writes go to, whichever that is at the time.
    static let writer = 0

    /// Who took writes, and may still be found where they went.
    struct FormerWriter {
        /// `run_id`
        var runID: [UInt8]
        /// Afterwards it is found there only if it takes them anew.
        var until: Instant
    }

    /// Clients whose next request waits for a connection.
    struct Held {
        var count = 0
        var byteCount = 0
    }

    /// What was done, ever.
    struct Counts {
        var requests: UInt64 = 0
        var clients: UInt64 = 0
        var refused: UInt64 = 0
        var repeated: UInt64 = 0
        var latency = Histogram()
    }

    public init(settings: BalancerSettings) {
        self.settings = settings
        selection = Selection(policy: settings.selection)
        _ = pools.insert(Pool(identity: Identity(), lastUsed: Instant(nanoseconds: 0)))
        let nowhere = Endpoint(address: .v4(IPv4Address(bits: 0)), port: 0)
        servers.append(
            Server(endpoint: nowhere, retryDelay: settings.writeRetryMin, isListed: false))
        selection.set(nil, at: Self.writer, now: Instant(nanoseconds: 0))
    }

    /// Where a server of an ``Effect/connect(_:server:keepsSent:)`` listens.
    public func endpoint(ofServer server: Int) -> Endpoint {
        servers[server].endpoint
    }

    @inline(__always)
    func id(ofClient client: Int) -> ClientID {
        ClientID(place: clients.place(of: client))
    }

    @inline(__always)
    func id(ofUpstream upstream: Int) -> UpstreamID {
        UpstreamID(place: upstreams.place(of: upstream))
    }

    /// The slot of a client that may still be sent to.
    @inline(__always)
    func living(_ client: ClientID) -> Int? {
        guard let slot = clients.slot(of: client.place) else { return nil }
        switch clients[slot].stage {
        case .closed:
            return nil
        case .open, .settling, .throttled, .waiting, .joining, .pinning, .pinned, .voided,
            .ending:
            return slot
        }
    }
}
