public import Addressing
public import LeaseCore
public import MonotonicTime
public import SecurityTerms
public import SentinelCore

/// What one configuration file says, checked and complete: the same file on every host.
///
/// Made by ``ConfigurationReader``; a value of this type can be run.
public struct Configuration: Equatable, Sendable {
    /// One `baton host` line.
    public struct Host: Equatable, Sendable {
        /// What the host does.
        public enum Role: String, Equatable, Sendable, CaseIterable {
            /// Runs Redis and Baton, and votes.
            case node
            /// Serves client connections; has no vote.
            case balancer
        }

        public var name: String
        public var address: IPAddress
        public var role: Role
    }

    /// How a node shows the servers of a group who it is.
    public struct Credentials: Equatable, Sendable {
        /// `sentinel auth-user`: an ACL user; `nil` for the default user.
        public var user: String?
        /// `sentinel auth-pass`.
        public var password: String?
    }

    /// An address that clients use, and the network in which it lies.
    public struct VirtualAddress: Equatable, Sendable {
        /// The address, with the length of the network that it is one of.
        public var prefix: Prefix
        /// `interface NAME`: overrides the search by network.
        public var interface: String?
    }

    /// Everything about one group that the core does not decide with.
    public struct Group: Equatable, Sendable {
        public var settings: Settings.Group
        public var credentials = Credentials()
        public var notificationScript: String?
        public var clientReconfigScript: String?
        public var writeAddress: VirtualAddress?
        /// The address that the balancers share.
        public var readAddress: VirtualAddress?
        /// Where reads are served on `readAddress`.
        public var readPort: UInt16?
        /// Whether clients must speak TLS there.
        public var readIsSecured = false
        /// Where else each balancer serves clients.
        public var listeners: [Listener] = []
        public var readsFrom = ReadSource.replicas
        /// `baton virtual-router`; `nil`: what follows from the read address.
        public var router: VirtualRouter?

        /// The number by which the balancers of a group know each other on their network; `nil`
        /// without a read address. By default the last octet of the address, or 255 for 0: whoever
        /// numbers addresses has numbered these too.
        public var routerID: UInt8? {
            guard let address = readAddress?.prefix.address else { return nil }
            if let router { return router.id }
            let last: UInt8 =
                switch address {
                case .v4(let address): address.octets[3]
                case .v6(let address): UInt8(truncatingIfNeeded: address.low)
                }
            return last == 0 ? 255 : last
        }
    }

    /// What is served at a place of a balancer.
    public enum Service: String, Equatable, Sendable, CaseIterable {
        /// Everything goes to a server that is fit to be read from.
        case read
        /// Everything goes to the primary.
        case write
        /// Each command goes to where it may run.
        case auto
    }

    /// A place on each balancer where clients are served: `baton listen`.
    public struct Listener: Equatable, Sendable {
        public var service: Service
        /// `nil`: every address of the host.
        public var address: IPAddress?
        public var port: UInt16
        /// `max-staleness`: reads are served from data that lacks nothing older than this; 250 ms
        /// to an hour. `nil`: from whatever is fit to be read from.
        public var stalenessMax: Interval?
        /// `read-your-writes`: a connection finds what it has written; `auto` only.
        public var showsOwnWrites = false
        /// Whether clients must speak TLS.
        public var isSecured = false

        /// A listener without demands.
        public init(service: Service, address: IPAddress?, port: UInt16) {
            self.service = service
            self.address = address
            self.port = port
        }
    }

    /// Which servers reads go to.
    public enum ReadSource: String, Equatable, Sendable, CaseIterable {
        /// The replicas; the primary only while none of them can.
        case replicas
        /// The primary like any replica.
        case all
    }

    /// How the balancers share a read address (VRRP).
    public struct VirtualRouter: Equatable, Sendable {
        /// The number on the network, 1 to 255.
        public var id: UInt8
        /// 2 (RFC 3768, IPv4 only, whole seconds) or 3 (RFC 9568).
        public var version = 3
        /// Between two advertisements; three of them missed are noticed.
        public var advertInterval = Interval.milliseconds(100)
        /// The balancer that is listed first takes the address back when it returns.
        public var preempts = false

        public init(id: UInt8) {
            self.id = id
        }
    }

    /// What nodes prove their membership with.
    public enum Secret: Equatable, Sendable {
        case file(String)
        /// `baton secret none`: whoever reaches the port is trusted.
        case none
    }

    /// The log's form.
    public enum LogFormat: String, Equatable, Sendable, CaseIterable {
        /// Sentinel's own lines.
        case sentinel
        /// One JSON object a line.
        case json
    }

    /// `port`: where this node listens. 1 to 65535.
    public var port: UInt16 = 26379
    /// `bind`: which of this host's addresses to listen on; empty means all.
    public var bind: [IPAddress] = []
    /// `dir`: the directory to work in; `nil` is where the process was started. The relative paths
    /// in this value begin there.
    public var directory: String?
    /// `logfile`; `nil` means standard output.
    public var logFile: String?
    public var logFormat = LogFormat.sentinel
    /// `loglevel`; events below it are published and not logged.
    public var logLevel = Announcement.Level.notice
    public var daemonizes = false
    public var pidFile: String?
    /// `baton state-file`, else `baton.state`.
    public var stateFile: String
    public var secret: Secret
    /// The `tls-…` lines.
    public var security = TLSTerms()
    /// `baton lease-milliseconds` and `baton enforcement`: the terms of every group's lease.
    public var lease = LeaseTerms()
    /// In the order of the file.
    public var hosts: [Host]
    /// In the order of the file.
    public var groups: [Group]
    /// Which of `hosts` this one is.
    public var local: Host

    /// The core's settings on this host.
    public func settings(localAddresses: [IPAddress]) -> Settings {
        let nodes = hosts.filter { $0.role == .node }
        var settings = Settings(
            name: local.name, endpoint: Endpoint(address: local.address, port: port),
            peers: nodes.filter { $0.name != local.name }.map {
                Settings.Peer(name: $0.name, endpoint: Endpoint(address: $0.address, port: port))
            },
            groups: groups.map(\.settings), localAddresses: localAddresses)
        settings.declaredVoters = VoterSet(
            names: nodes.map(\.name), promise: lease.promise)
        settings.configurationDigest = digest
        settings.virtualAddresses = groups.flatMap { group in
            [group.writeAddress, group.readAddress].compactMap { $0?.prefix.address }
        }
        // What the file says of its hosts counts for more than what the machine has: nodes that
        // share one see the same addresses.
        let listed = hosts.map(\.address)
        settings.localAddresses.removeAll {
            settings.virtualAddresses.contains($0) || listed.contains($0)
        }
        settings.localAddresses.append(local.address)
        return settings
    }
}
