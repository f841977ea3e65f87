import Addressing
import MonotonicTime
import SentinelCore

/// What one instance is reached by, and what was heard of it there: a command link and, of
/// servers, a subscription. Another Sentinel's is shared by all groups that know it.
struct Connection: Sendable {
    /// Whose it is.
    enum Owner: Equatable, Sendable {
        /// A server, by its place in the group's list.
        case server(GroupKey, Int)
        case sentinel(RunID)
    }

    var owner: Owner
    /// How many groups use it.
    var referenceCount = 1
    /// Links that the driver was told to open, whether they stand already or not: requests may be
    /// given at once.
    var commands: LinkID?
    var subscription: LinkID?
    var commandsSince: Instant
    var subscriptionSince: Instant
    /// When something came on the subscription, or when it was opened.
    var subscriptionActivity: Instant
    /// True until every link that it needs is open or being opened (Sentinel's `disconnected`).
    var isDisconnected = true
    /// When links were last opened; `nil`: open them at the next look.
    var lastReconnection: Instant?
    /// This host's end of the command link, once it stands.
    var localAddress: IPAddress?
    /// Requests without an answer.
    var pendingCount = 0

    /// When the oldest `PING` left that has no valid answer; at first, when the instance became
    /// known: what never answers goes down.
    var unansweredSince: Instant?
    var lastPing: Instant?
    /// When any answer to a `PING` came.
    var lastPong: Instant
    /// When the last valid answer to a `PING` came.
    var lastAvailable: Instant

    /// Requests that may be unanswered, for each group that uses the connection: beyond it
    /// periodic ones are withheld (Sentinel's figure).
    static let pendingCountMax = 100

    init(_ owner: Owner, at now: Instant) {
        self.owner = owner
        commandsSince = now
        subscriptionSince = now
        subscriptionActivity = now
        unansweredSince = now
        lastPong = now
        lastAvailable = now
    }

    var isCongested: Bool { pendingCount >= Self.pendingCountMax * referenceCount }

    /// How long it owes an answer.
    func silence(at now: Instant) -> Interval {
        if let unansweredSince { return now - unansweredSince }
        return isDisconnected ? now - lastAvailable : .zero
    }
}

/// All connections, at places that stay the same for as long as a connection is used.
struct ConnectionTable: Sendable {
    private var slots: [Connection] = []
    private var free: [Int] = []
    /// Whose link it is. Only looked up: order never reaches an effect.
    private var owners: [LinkID: Int] = [:]
    /// The connections to other Sentinels. Only looked up: order never reaches an effect.
    private var sentinels: [RunID: Int] = [:]
    private var nextLink: UInt32 = 1

    subscript(place: Int) -> Connection {
        _read { yield slots[place] }
        _modify { yield &slots[place] }
    }

    mutating func add(_ owner: Connection.Owner, at now: Instant) -> Int {
        let connection = Connection(owner, at: now)
        let place: Int
        if let last = free.popLast() {
            place = last
            slots[place] = connection
        } else {
            place = slots.count
            slots.append(connection)
        }
        if case .sentinel(let id) = owner { sentinels[id] = place }
        return place
    }

    /// The connection to a Sentinel that some group knows already.
    func place(of id: RunID) -> Int? { sentinels[id] }

    /// Its links must be closed before.
    mutating func remove(_ place: Int) {
        if case .sentinel(let id) = slots[place].owner { sentinels[id] = nil }
        slots[place].referenceCount = 0
        free.append(place)
    }

    func place(of link: LinkID) -> Int? { owners[link] }

    mutating func newLink(of place: Int) -> LinkID {
        let link = LinkID(number: nextLink)
        nextLink &+= 1
        owners[link] = place
        return link
    }

    mutating func forget(_ link: LinkID) {
        owners[link] = nil
    }
}
