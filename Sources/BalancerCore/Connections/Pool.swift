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
    var waiters: [ClientID] = []

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
