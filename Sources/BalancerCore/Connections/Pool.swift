internal import MonotonicTime

/// Connections of one identity, at most one to each server, shared by all clients of it.
struct Pool {
    var identity: Identity
    /// Clients that are of it, or wait to be.
    var memberCount = 0
    var lastUsed: Instant
    /// By the server's index: the connection that new requests go to, or -1.
    var links: ContiguousArray<Int> = []
    /// Clients to be woken when a connection opens, or has room; in the order of their coming.
    var waiters = Waiters()

    init(identity: Identity, lastUsed: Instant) {
        self.identity = identity
        self.lastUsed = lastUsed
    }

    func link(to server: Int) -> Int {
        server < links.count ? links[server] : -1
    }

    mutating func setLink(to server: Int, _ upstream: Int) {
        while links.count <= server { links.append(-1) }
        links[server] = upstream
    }
}

/// Whom a request is for.
enum Destination: Equatable, Sendable {
    /// Whoever takes writes.
    case writer
    /// The least busy of the servers that reads are shared among.
    case readers
    /// One of these, but always the same: a cursor means something to it alone.
    case cursors
}

/// Clients that wait for a connection: to whoever takes writes, or to any other server.
struct Waiters {
    private(set) var forWriter: [ClientID] = []
    private(set) var forReaders: [ClientID] = []

    var isEmpty: Bool { forWriter.isEmpty && forReaders.isEmpty }

    func isEmpty(for destination: Destination) -> Bool {
        switch destination {
        case .writer: forWriter.isEmpty
        case .readers, .cursors: forReaders.isEmpty
        }
    }

    mutating func append(_ client: ClientID, for destination: Destination) {
        switch destination {
        case .writer: forWriter.append(client)
        case .readers, .cursors: forReaders.append(client)
        }
    }

    /// All of them, which wait no more.
    mutating func take(for destination: Destination) -> [ClientID] {
        var taken: [ClientID] = []
        switch destination {
        case .writer: swap(&taken, &forWriter)
        case .readers, .cursors: swap(&taken, &forReaders)
        }
        return taken
    }
}
