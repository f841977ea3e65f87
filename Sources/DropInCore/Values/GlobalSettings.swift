/// What a `sentinel.conf` says of the Sentinel itself, as far as it decides by that.
public struct GlobalSettings: Equatable, Sendable {
    /// What others are told to connect to instead of this end of the link; an IP address, or a
    /// name where names are allowed.
    public var announceHost: String?
    public var announcePort: UInt16?
    /// `port` and `tls-port`; 0: none.
    public var port: UInt16 = 26379
    public var tlsPort: UInt16 = 0
    /// `tls-replication`: links speak TLS, and `tls-port` is the one to announce.
    public var linksUseTLS = false
    public var resolvesHostnames = false
    public var announcesHostnames = false
    /// `deny-scripts-reconfig`, default yes.
    public var deniesScriptChanges = true
    /// For links to other Sentinels.
    public var sentinelUser: String?
    public var sentinelPassword: String?
    /// `requirepass`: stands in for ``sentinelPassword`` where that is not set.
    public var ownPassword: String?
    /// Announce `+switch-master` as soon as the new primary is one, and not only once the replicas
    /// follow it. Only clients hear it, so no Sentinel is confused.
    public var announcesSwitchEarly = true
    /// Try again within moments when an election or a promotion came to nothing, where a majority
    /// is in contact and nobody else leads. Without it, as Sentinel: after twice the
    /// failover-timeout.
    public var retriesAtOnce = true

    public init() {}
}
