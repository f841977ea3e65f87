public import Addressing
import CLinux
import Glibc
public import MonotonicTime

/// Thousands of servers in one thread, for a Sentinel to watch: groups of a primary and two
/// replicas, each with an address of its own on loopback, that answer what a Sentinel asks as real
/// ones would, carry its hellos, take its orders and can be killed.
///
/// They hold no data. Where a real server fits, a real server belongs.
public final class ServerCrowd: Sendable {
    /// What was seen of those who watch.
    public struct Census: Equatable, Sendable {
        /// Connections that are open now.
        public var connectionCount = 0
        public var requestCount = 0
        public var helloCount = 0
        /// The longest time between two `PING`s on one connection since the last
        /// ``ServerCrowd/beginCensus()``.
        public var longestSilence = Interval.zero
    }

    /// Servers in a group: a primary and its replicas.
    public static let memberCount = 3
    /// Groups that have addresses.
    public static let groupCountMax = 65_000

    /// Where each of them listens.
    public let port: UInt16
    public let groupCount: Int
    private let state: Shared<CrowdState>
    private let interruption = Interruption()

    /// Begins to serve.
    ///
    /// - Parameter likeness: what a real server answers to `INFO`: theirs is the same but for who
    ///   they are and whom they follow.
    public init(
        on host: Host, groupCount: Int, port: UInt16, likeness: String
    ) throws(LaboratoryError) {
        precondition((1...Self.groupCountMax).contains(groupCount), "\(groupCount) groups")
        self.port = port
        self.groupCount = groupCount
        let listener = try host.run { () throws(LaboratoryError) in
            try CrowdLoop.listen(port: port)
        }
        let state = Shared(CrowdState(groupCount: groupCount, port: port))
        self.state = state
        let interruption = interruption
        let report = CrowdReport(likeness: likeness)
        host.start(until: interruption) {
            let loop = CrowdLoop(
                listener: listener, report: report, state: state,
                interruption: interruption)
            loop.run()
        }
    }

    /// The address of a member, 0 to 2, of a group; member 0 is the primary at the beginning.
    public static func address(group: Int, member: Int) -> IPv4Address {
        // Neither 0 nor 255 at the end, and no address that programs choose by themselves.
        IPv4Address(127, UInt8(100 + member), UInt8(group / 250), UInt8(1 + group % 250))
    }

    /// Where a member listens.
    public func endpoint(group: Int, member: Int) -> Endpoint {
        Endpoint(address: .v4(Self.address(group: group, member: member)), port: port)
    }

    /// The members of a group that take themselves for primaries.
    public func primaries(of group: Int) -> [Int] {
        state.with { state in
            (0..<Self.memberCount).filter { state[group, $0].primary == nil }
        }
    }

    /// Ends its connections, and every new one at once, until it is revived.
    public func kill(group: Int, member: Int) {
        state.with { $0[group, member].isDown = true }
        wake()
    }

    /// Serves again, with the role that it had.
    public func revive(group: Int, member: Int) {
        state.with { $0[group, member].isDown = false }
    }

    /// What was seen so far.
    public var census: Census { state.with { $0.census } }

    /// Forgets the longest silence.
    public func beginCensus() {
        state.with { $0.census.longestSilence = .zero }
    }

    /// Ends every connection. At the latest the laboratory's closing does.
    public func close() {
        interruption.interrupt()
        _ = state.wait { $0.isOver ? true : nil }
    }

    private func wake() {
        state.with { $0.hasCasualties = true }
    }
}

/// What the crowd's thread shares with whoever looks at the crowd.
struct CrowdState: Sendable {
    private let port: UInt16
    private var servers: [CrowdServer]
    var census = ServerCrowd.Census()
    /// Some server was killed whose connections are to be ended.
    var hasCasualties = false
    var isOver = false

    init(groupCount: Int, port: UInt16) {
        self.port = port
        servers = []
        for group in 0..<groupCount {
            let primary = Endpoint(
                address: .v4(ServerCrowd.address(group: group, member: 0)), port: port)
            for member in 0..<ServerCrowd.memberCount {
                servers.append(
                    CrowdServer(
                        group: group, member: member, primary: member == 0 ? nil : primary))
            }
        }
    }

    subscript(group: Int, member: Int) -> CrowdServer {
        get { servers[group * ServerCrowd.memberCount + member] }
        set { servers[group * ServerCrowd.memberCount + member] = newValue }
    }

    /// Those of a group that follow this member and run.
    func followers(of group: Int, _ member: Int) -> [Endpoint] {
        let primary = endpoint(group, member)
        return (0..<ServerCrowd.memberCount).filter {
            self[group, $0].primary == primary && !self[group, $0].isDown
        }.map { endpoint(group, $0) }
    }

    private func endpoint(_ group: Int, _ member: Int) -> Endpoint {
        Endpoint(address: .v4(ServerCrowd.address(group: group, member: member)), port: port)
    }

    /// Who has this address.
    func place(of address: IPv4Address) -> (group: Int, member: Int)? {
        let octets = address.bits
        let member = Int(octets >> 16 & 0xff) - 100
        let group = Int(octets >> 8 & 0xff) * 250 + Int(octets & 0xff) - 1
        guard (0..<ServerCrowd.memberCount).contains(member),
            group >= 0, group < servers.count / ServerCrowd.memberCount
        else { return nil }
        return (group, member)
    }
}

/// One server of a crowd.
struct CrowdServer: Sendable {
    let group: Int
    let member: Int
    /// Whom it follows; `nil`: it is a primary.
    var primary: Endpoint?
    var isDown = false

    init(group: Int, member: Int, primary: Endpoint?) {
        self.group = group
        self.member = member
        self.primary = primary
    }

    /// Forty digits, as a real one draws at its start.
    var runID: String {
        let digits = String(group * ServerCrowd.memberCount + member + 1, radix: 16)
        return String(repeating: "c", count: 40 - digits.count) + digits
    }
}
