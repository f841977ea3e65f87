internal import MonotonicTime

/// What a request on its way to a server is to the balancer.
enum Errand: UInt8, Sendable {
    /// A client's request that changes nothing: when the server dies it may be asked of another.
    case read
    /// A client's request that may have changed something.
    case other
    /// A client's `MULTI`.
    case multi
    /// A client's request inside a transaction: runs with `EXEC`, and not before.
    case queued
    /// A client's step into this pool: it is a member when the server agrees.
    case join
    /// A step of the balancer's own before a connection is used; must be agreed to.
    case greeting
    /// A step that need not be agreed to: a name, a library's version.
    case courtesy
    /// `PING`: whether the server serves at all.
    case probe
    /// `INFO`, by which whoever takes writes shows who it is.
    case identify
    /// `COMMAND`, from which the table of commands is learnt.
    case lesson
    /// Not at the server at all: the answer, that the outcome is unknown, waits for its turn.
    case unsure
    /// As ``unsure``, but it surely never ran.
    case unserved
}

/// One request of which the reply is awaited.
struct Awaited: Sendable {
    /// For whom; a life that is over when the client left, or it is the balancer's own.
    var client: ClientID
    /// Bytes of it in the outbox.
    var byteCount: UInt32
    var errand: Errand
    /// How often it was sent before.
    var attemptCount: UInt8
    /// When it was first sent.
    var since: Instant
}

/// The requests on one connection, in the order in which the server answers them.
///
/// A ring that doubles when it is full: no allocation once it has reached the depth of its load.
struct RequestRing: Sendable {
    private var storage: ContiguousArray<Awaited> = []
    private var head = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// The oldest is 0. Traps beyond the count.
    subscript(index: Int) -> Awaited {
        @inline(__always) get {
            precondition(index < count)
            return storage[(head + index) & (storage.count - 1)]
        }
        @inline(__always) set {
            precondition(index < count)
            storage[(head + index) & (storage.count - 1)] = newValue
        }
    }

    @inline(__always)
    mutating func append(_ request: Awaited) {
        if count == storage.count { grow(with: request) }
        storage[(head + count) & (storage.count - 1)] = request
        count += 1
    }

    /// Traps when there is none.
    @inline(__always)
    mutating func removeFirst() -> Awaited {
        precondition(count > 0)
        let first = storage[head]
        head = (head + 1) & (storage.count - 1)
        count -= 1
        return first
    }

    /// Those that a client asked, gone or not.
    var clientRequestCount: Int {
        var sum = 0
        for index in 0..<count where self[index].client != .nobody { sum += 1 }
        return sum
    }

    private mutating func grow(with filler: Awaited) {
        var larger = ContiguousArray(repeating: filler, count: max(64, storage.count * 2))
        for index in 0..<count { larger[index] = self[index] }
        storage = larger
        head = 0
    }
}
