public import Addressing
public import MonotonicTime

/// What the nodes of a cluster are configured with: one text, the same on every host.
public struct BatonSettings: Equatable, Sendable {
    /// What the group is called.
    public var group = "master1"
    /// `down-after-milliseconds`; a server may be silent this long.
    public var downAfter: Interval
    /// The servers' password.
    public var password: String?
    /// The address that clients write to, on the external network, and that network's prefix;
    /// `nil` where clients ask the nodes instead.
    public var writeAddress: Prefix? = Prefix(
        address: .v4(Plan.writeAddress), length: Plan.Network.external.prefixLength)
    /// The address that clients read from, on the same network: then the plan's balancers run too.
    public var readAddress: Prefix?
    /// Where the plan's balancers serve clients beside the read address; needs one.
    public var listeners: [Listener] = []
    /// What the servers are configured with.
    public var servers = RedisSettings.note
    /// Further lines of the file.
    public var lines: [String]

    /// What a balancer serves at a place.
    public enum Service: String, Equatable, Sendable {
        case read, write, auto
    }

    /// A place on each balancer.
    public struct Listener: Equatable, Sendable {
        public var service: Service
        /// `nil`: every address of the balancer's host.
        public var address: IPAddress?
        public var port: UInt16

        public init(_ service: Service, address: IPAddress? = nil, port: UInt16) {
            self.service = service
            self.address = address
            self.port = port
        }

        fileprivate var place: String {
            switch address {
            case .none: "*:\(port)"
            case .v4(let address): "\(address):\(port)"
            case .v6(let address): "[\(address)]:\(port)"
            }
        }
    }

    /// The note's settings but for these.
    public init(
        downAfter: Interval = .seconds(5), password: String? = RedisSettings.note.password,
        lines: [String] = []
    ) {
        self.downAfter = downAfter
        self.password = password
        self.lines = lines
    }

    /// Where the nodes answer.
    public static let port: UInt16 = 26_379
    /// Where reads are served on the read address.
    public static let readPort: UInt16 = 6_379
    /// Where ``withWrites(lines:)`` has the balancers serve writes, on every address of theirs.
    public static let writePort: UInt16 = 6_380
    /// Where it has them serve reads by replicas and writes by the primary, likewise.
    public static let autoPort: UInt16 = 6_381

    /// The note's, with the read address that its balancers share.
    public static func withReads(lines: [String] = []) -> BatonSettings {
        var settings = BatonSettings(downAfter: .seconds(1), lines: lines)
        settings.readAddress = Prefix(
            address: .v4(Plan.readAddress), length: Plan.Network.external.prefixLength)
        return settings
    }

    /// The same, where the balancers take writes too, on ports of their own.
    public static func withWrites(lines: [String] = []) -> BatonSettings {
        var settings = withReads(lines: lines)
        settings.listeners = [
            Listener(.write, port: writePort), Listener(.auto, port: autoPort),
        ]
        return settings
    }

    /// The text of baton.conf for these hosts, the first of which has the primary.
    func configuration(hosts: [Host], balancers: [Host] = [], secretPath: String) -> String {
        var text = ["port \(Self.port)", "logfile \(BatonNode.logName)"]
        let primary = hosts[0].redisEndpoint
        text.append("sentinel monitor \(group) \(primary.address) \(primary.port) \(quorum(hosts))")
        if let password { text.append("sentinel auth-pass \(group) \(password)") }
        text += [
            "sentinel down-after-milliseconds \(group) \(downAfter.milliseconds)",
            "sentinel parallel-syncs \(group) 1",
            "sentinel failover-timeout \(group) 30000",
            "baton secret-file \(secretPath)",
        ]
        if let writeAddress { text.append("baton write-address \(group) \(writeAddress)") }
        if let readAddress {
            text.append("baton read-address \(group) \(readAddress) port \(Self.readPort)")
        }
        text += listeners.map { "baton listen \($0.service.rawValue) \(group) \($0.place)" }
        text += hosts.map { "baton host \($0.name) \($0.address(on: .internal)) node" }
        text += balancers.map { "baton host \($0.name) \($0.address(on: .internal)) balancer" }
        return (text + lines).map { $0 + "\n" }.joined()
    }

    private func quorum(_ hosts: [Host]) -> Int {
        hosts.count / 2 + 1
    }
}
