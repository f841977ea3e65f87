internal import MonotonicTime
internal import RESP

/// One connection to a server.
///
///     connecting ──▶ greeting ──▶ open ──▶ retiring ──its last reply──▶ closed
///          └─────────────┴─ lost ──┴──────────┴──▶ stranded ──▶ closed
struct Upstream {
    enum Phase: Equatable {
        /// Its host has not answered.
        case connecting(since: Instant)
        /// TLS is not agreed on, or its own requests are not all answered.
        case greeting(since: Instant)
        case open
        /// Takes no more requests.
        case retiring
        /// Lost; what it still owed waits for another.
        case stranded(since: Instant)
    }

    enum Ownership: Equatable {
        /// All clients of its pool.
        case pool
        /// One client.
        case client(ClientID, Passage)
    }

    /// How a client's own connection is read.
    enum Passage: Equatable {
        /// Requests and replies are counted, so that its end can be seen.
        case framed
        /// Nothing is.
        case raw
    }

    var phase: Phase
    var ownership: Ownership
    var server: Int
    /// Whose identity it has.
    var pool: Int
    var ring = RequestRing()
    var framer = ReplyFramer()
    /// Bytes of unanswered requests in the outbox.
    var keptByteCount = 0
    /// The reply to `COMMAND`, or `INFO`, as far as it came.
    var lesson: [UInt8] = []
    /// Whether it is opened without choosing its identity's database.
    var skipsDatabase = false
    /// `run_id` of the server that a connection for writes has reached; `nil` where it won't say.
    var runID: [UInt8]?
    /// Whether clients of its pool wait because it had no room.
    var isCrowded = false
    /// Whether it is not read, because a client takes no more.
    var isPaused = false

    init(phase: Phase, ownership: Ownership, server: Int, pool: Int) {
        self.phase = phase
        self.ownership = ownership
        self.server = server
        self.pool = pool
    }

    @inline(__always)
    var isShared: Bool {
        switch ownership {
        case .pool: true
        case .client: false
        }
    }

    @inline(__always)
    var isOpen: Bool {
        switch phase {
        case .open: true
        case .connecting, .greeting, .retiring, .stranded: false
        }
    }
}
