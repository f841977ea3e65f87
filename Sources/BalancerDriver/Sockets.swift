internal import BalancerCore
internal import TransportSecurity

/// A socket that clients connect to, and what they get there.
struct ListeningSocket {
    /// -1: it is listened on no more.
    var descriptor: Int32
    var listener: BalancerListener
}

/// The socket of a client, and the bytes that wait on either side of it.
struct ClientSocket {
    enum State: Equatable {
        /// Nobody's.
        case free
        case open
        /// It is closed when all is sent, or at that moment at the latest.
        case closing(deadline: Int64)
    }

    var state = State.free
    var generation: UInt32 = 0
    var descriptor: Int32 = -1
    /// What the kernel was told.
    var interest: Interest = []
    /// Whether the core wants to hear of it.
    var isRead = true
    /// Whether the core wants to hear at once that it has hung up.
    var isHeld = false
    /// Whether the core was told that too much waits.
    var isFull = false
    /// What the core was shown and did not consume.
    var unread = ByteQueue()
    /// What the client's kernel did not take yet.
    var unsent = ByteQueue()
    /// Of one that came to a secured place. Whether it did is asked for each request, where to look
    /// at the reference would be to count it.
    var stream: TLSStream? { didSet { isSecured = stream != nil } }
    private(set) var isSecured = false
}

/// The socket of a connection to a server, and the bytes that wait on either side of it.
struct UpstreamSocket {
    enum State: Equatable {
        /// Nobody's.
        case free
        case connecting
        /// The handshake of TLS is under way.
        case securing
        case open
        /// The connection has ended; the core may still need the outbox.
        case lost
    }

    var state = State.free
    var generation: UInt32 = 0
    var descriptor: Int32 = -1
    var interest: Interest = []
    var isRead = true
    var isFull = false
    /// Whether bytes that were sent stay in the outbox until they are released.
    var keepsSent = false
    /// Whether it stands on the list of those to be flushed once enough is gathered.
    var isDirty = false
    var outbox = ByteQueue()
    /// Bytes at the front of the outbox that the kernel has taken, or TLS for it.
    var sentByteCount = 0
    /// What the core was shown and did not consume.
    var unread = ByteQueue()
    /// Of one whose server speaks TLS; as a client's.
    var stream: TLSStream? { didSet { isSecured = stream != nil } }
    private(set) var isSecured = false

    var unsentByteCount: Int { outbox.count - sentByteCount }
}
