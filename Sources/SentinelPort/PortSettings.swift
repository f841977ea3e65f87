public import MonotonicTime
public import RESP
public import SentinelCore

/// What the process is, and how its port behaves; nothing of it changes while it runs but the
/// log's level.
public struct PortSettings: Sendable {
    /// The Redis whose Sentinel's commands and replies these are: what `redis_version` says,
    /// since clients choose their commands by it.
    public static let compatibleVersion = "7.2.6"

    /// Of this life of the process; not the Sentinel's identity.
    public var runID: RunID
    public var processID: Int32
    public var startedAt: Instant
    /// `port`; 0: none.
    public var port: UInt16 = 26379
    /// `tls-port`; 0: none.
    public var tlsPort: UInt16 = 0
    /// Addresses that the port is bound to, in order.
    public var boundAddresses: [String] = []
    /// Absolute.
    public var configurationPath = ""
    /// Absolute.
    public var executablePath = ""
    /// System, release and machine, as `uname` prints them.
    public var operatingSystem = "Linux"
    /// `systemd`, `upstart` or `no`.
    public var supervision = "no"
    /// `maxclients`.
    public var clientCountMax = 10_000
    /// `timeout`: seconds after which a client that asks nothing is closed, unless it subscribed to
    /// something; 0: never.
    public var idleSecondsMax = 0
    /// `protected-mode`: with no password for the default user, loopback alone is served.
    public var isProtected = false
    /// `baton guard-orders`: what changes something is only for clients whose user needs a
    /// password, and for loopback.
    public var guardsOrders = false
    /// `acllog-max-len`.
    public var accessLogLengthMax = 128
    /// `client-default-resp`.
    public var firstVersion = RESPVersion.resp2
    /// `acl-pubsub-default`: whether a new user may use all channels.
    public var newUsersHaveAllChannels = false
    /// Where users are kept if not in the configuration file (`aclfile`).
    public var usersPath: String?
    /// `rename-command`, in order: a command's own name, and the one that it answers to; empty:
    /// none.
    public var renamedCommands: [(original: String, renamed: String)] = []
    public var logLevel = LogLevel.notice

    /// Everything else as Sentinel has it by default.
    public init(runID: RunID, processID: Int32, startedAt: Instant) {
        self.runID = runID
        self.processID = processID
        self.startedAt = startedAt
    }
}
