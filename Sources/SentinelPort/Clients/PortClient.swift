internal import MonotonicTime
public import RESP

/// What the port knows of one connection.
public struct PortClient: Sendable {
    /// Counted up from 1, never used again in one life of the process.
    public typealias ID = Int

    /// Whether commands are answered (`CLIENT REPLY`).
    enum Answering: Equatable {
        case always
        case never
        /// Not the next one.
        case notTheNext
        /// Not the one at hand.
        case notThis
    }

    /// `CLIENT TRACKING ON`. A Sentinel has no keys, so nothing is ever invalidated.
    struct Tracking: Equatable {
        var redirection: ID?
        var isBroadcast = false
        var isOptIn = false
        var isOptOut = false
        var isNoLoop = false
        var prefixes: [[UInt8]] = []
        /// `CLIENT CACHING` was said for the next command.
        var isCaching = false
    }

    public let id: ID
    /// `ip:port` of the other end.
    public let remote: String
    /// `ip:port` of this end.
    public let local: String
    /// The number of the socket, for `CLIENT LIST` alone.
    public let descriptor: Int32
    /// The other end is on this host.
    let isLoopback: Bool
    let connectedAt: Instant
    var lastRequestAt: Instant

    /// The protocol that it has asked for.
    public internal(set) var version: RESPVersion
    /// Whose rules hold; the default user's until it authenticates.
    public internal(set) var user = UserBook.defaultName
    /// Whether it has shown a password, or needs none.
    public internal(set) var isAuthenticated = false
    /// Whether its user needed a password when the client showed one. A session that began without
    /// any stays, as in Redis, when its user is given a password; `baton guard-orders` does not
    /// take that for one that was shown.
    var hasShownPassword = false
    var name: [UInt8] = []
    var libraryName: [UInt8] = []
    var libraryVersion: [UInt8] = []
    /// In the order in which they were subscribed to.
    var channels: [[UInt8]] = []
    var patterns: [[UInt8]] = []
    var tracking: Tracking?
    var answering = Answering.always
    var isExemptFromEviction = false
    /// The full name of its last command.
    var lastCommand: String?
    /// Its request waits for an answer from behind the port; the next may not be read yet.
    public internal(set) var isWaiting = false
    /// It is closed once it has its answer.
    public internal(set) var isClosing = false

    init(_ arrival: Arrival, now: Instant, version: RESPVersion) {
        id = arrival.id
        remote = arrival.remote
        local = arrival.local
        descriptor = arrival.descriptor
        isLoopback = arrival.isLoopback
        connectedAt = now
        lastRequestAt = now
        self.version = version
    }

    /// A connection that has come.
    public struct Arrival: Sendable {
        public var id: ID
        /// `ip:port`, an IPv6 address in brackets.
        public var remote: String
        public var local: String
        public var descriptor: Int32
        /// The other end is on this host.
        public var isLoopback: Bool

        public init(
            id: ID, remote: String, local: String, descriptor: Int32, isLoopback: Bool
        ) {
            self.id = id
            self.remote = remote
            self.local = local
            self.descriptor = descriptor
            self.isLoopback = isLoopback
        }
    }

    /// Whether it is sent events.
    public var isSubscribed: Bool { !channels.isEmpty || !patterns.isEmpty }

    var subscriptionCount: Int { channels.count + patterns.count }

    /// Channels and patterns that one client may have: there are about 40 events.
    static let subscriptionsMax = 1024

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
