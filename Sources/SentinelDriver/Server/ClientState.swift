internal import RESP

/// What the server knows of one client.
struct ClientState {
    let id: Int
    /// The client's socket is on this host.
    let isLoopback: Bool
    var version = RESPVersion.resp2
    /// It has shown the secret by `AUTH`, as an operator's tool does.
    var isAuthenticated = false
    /// The request at hand came under the seal of a node of the cluster.
    var isPeer = false
    var name: [UInt8] = []
    /// In the order in which they were subscribed to.
    var channels: [[UInt8]] = []
    var patterns: [[UInt8]] = []

    init(id: Int, isLoopback: Bool) {
        self.id = id
        self.isLoopback = isLoopback
    }

    var isSubscribed: Bool { !channels.isEmpty || !patterns.isEmpty }

    /// Channels and patterns that one client may have: there are about 40 events.
    static let subscriptionsMax = 256

    /// What the client is sent when `message` is published on `channel`, in Redis's order: the
    /// channel's first, then each pattern's.
    func messages(channel: [UInt8], _ message: [UInt8]) -> [RESPValue] {
        var values: [RESPValue] = []
        if channels.contains(channel) {
            values.append(
                .push([.bulk("message"), .bulkString(channel), .bulkString(message)]))
        }
        for pattern in patterns where GlobPattern(pattern).matches(channel) {
            values.append(
                .push([
                    .bulk("pmessage"), .bulkString(pattern), .bulkString(channel),
                    .bulkString(message),
                ]))
        }
        return values
    }
}
