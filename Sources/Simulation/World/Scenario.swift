import Addressing
import LeaseCore
import MonotonicTime
import NodeCore
import SentinelCore

/// The shape of a cluster and what will befall it, all from the seed.
struct Scenario: Sendable {
    var hostCount: Int
    /// The first so many hosts have a server of each group.
    var serverHostCount: Int
    var groupCount: Int
    var downAfter: Interval
    var failoverTimeout: Interval
    /// Whether servers find their data again when they are started.
    var keepsData: Bool
    /// The file that every host has at first.
    var file: ClusterFile
    /// Whether the nodes speak through the servers too, as among real Sentinels.
    var gossipsThroughServers: Bool
    /// How much a failover may lose; `nil`: nothing is said about it.
    var writeSafety: WriteSafety?
    /// By what each host's kernel ends a lease.
    var enforcements: [LeaseEnforcement]
    var faults: [Fault] = []
    /// When everything is healed; `nil` in the few worlds that end in the midst of trouble.
    var healing: Moment?
    var end: Moment

    /// Before the first fault, so that the cluster has come to know itself.
    static let calm = Interval.seconds(8)
    /// In which the faults begin.
    static let trouble = Interval.seconds(62)
    static let groupNames = ["orders", "carts"]

    init(seed: UInt64, random: inout RandomSource, options: Options) {
        hostCount = random.happens(1, in: 3) ? 5 : 3
        serverHostCount = hostCount == 5 && random.happens(1, in: 4) ? 5 : 3
        groupCount = random.happens(1, in: 6) ? 2 : 1
        downAfter = .milliseconds(random.choose([500, 1_000, 1_000, 2_000, 3_000, 5_000]))
        failoverTimeout = .seconds(random.choose([10, 30, 60, 180]))
        keepsData = !random.happens(1, in: 5)
        var terms = LeaseTerms(
            promise: .milliseconds(random.choose([800, 1_500, 1_500, 2_000, 3_000])))
        enforcements = Self.enforcements(seed: seed, hostCount, options: options)
        if enforcements.contains(.addressLifetime) {
            let count = UInt64(ClusterFile.longPromises.count)
            terms = LeaseTerms(
                promise: .milliseconds(ClusterFile.longPromises[Int(seed % count)]))
        }
        file = ClusterFile(version: 0, hosts: Array(0..<hostCount), terms: terms)
        gossipsThroughServers = random.happens(1, in: 8)
        writeSafety = Self.writeSafety(
            seed: seed, options: options, promiseMax: Self.promiseMax(enforcements))
        let isHealed = options.healsAlways || !random.happens(1, in: 10)
        healing = isHealed ? .zero + Self.calm + Self.trouble : nil
        let bounds = Bounds(
            downAfter: downAfter, promise: Self.promiseMax(enforcements))
        let quiet = bounds.convergence + .seconds(5)
        let least = Moment.zero + options.length
        end = healing.map { max($0 + quiet, least) } ?? least

        let count = options.faultCount ?? (1 + random.below(5))
        for _ in 0..<count {
            faults.append(plan(random: &random, kinds: options.kinds))
        }
        if faults.contains(where: { $0.kind == .changeVoters }) {
            end = end + bounds.voters + .seconds(5)
        }
    }

    /// The longest L that the file may come to have.
    var promiseMax: Interval { Self.promiseMax(enforcements) }

    private static func promiseMax(_ enforcements: [LeaseEnforcement]) -> Interval {
        .milliseconds(enforcements.contains(.addressLifetime) ? 6_000 : 3_000)
    }

    /// From a source of its own, so that a world keeps its faults.
    private static func enforcements(
        seed: UInt64, _ hostCount: Int, options: Options
    ) -> [LeaseEnforcement] {
        var random = RandomSource(seed: seed ^ 0x6c69_6665_7469_6d65)
        let isLacking = options.lacksPacketFilter ?? random.happens(1, in: 6)
        return (0..<hostCount).map { _ in
            isLacking && random.happens(3, in: 4) ? .addressLifetime : .packetFilter
        }
    }

    /// From a source of its own, so that a world keeps its faults.
    private static func writeSafety(
        seed: UInt64, options: Options, promiseMax: Interval
    ) -> WriteSafety? {
        var random = RandomSource(seed: ~seed)
        let seconds = random.choose([3, 3, 5, 10])
        let isBounded = options.isBounded ?? random.happens(1, in: 4)
        // Less than L is refused: a holder in a minority may go on for so long.
        let least = promiseMax.milliseconds / 1_000
        return isBounded ? .bounded(seconds: max(seconds, least)) : nil
    }

    private func plan(random: inout RandomSource, kinds: [FaultKind]) -> Fault {
        var ticket = random.below(kinds.reduce(0) { $0 + $1.weight })
        var kind = kinds[0]
        for candidate in kinds {
            kind = candidate
            ticket -= candidate.weight
            if ticket < 0 { break }
        }
        let begins = Moment.zero + Self.calm + random.between(.zero, Self.trouble)
        let host = random.below(hostCount)
        return Fault(
            kind: kind, begins: begins, duration: duration(of: kind, random: &random),
            group: random.below(groupCount), aimsAtPrimary: random.happens(3, in: 5), host: host,
            other: (host + 1 + random.below(hostCount - 1)) % hostCount,
            part: UInt32(1 + random.below(1 << hostCount - 2)))
    }

    private func duration(of kind: FaultKind, random: inout RandomSource) -> Interval? {
        switch kind {
        case .pauseNode, .hangServer, .suspendHost, .stopMachine:
            return random.between(.milliseconds(100), .seconds(10))
        case .pauseGroup:
            return random.between(.seconds(1), .seconds(25))
        case .loseAddress, .orderFailover, .orderSwitchover, .changeVoters:
            return .zero
        case .crashHost:
            return random.happens(1, in: 3) ? nil : random.between(.seconds(3), .seconds(30))
        case .killServer, .killNode, .stopNode:
            switch random.below(4) {
            case 0: return nil
            case 1: return random.between(.milliseconds(20), .milliseconds(500))
            default: return random.between(.milliseconds(500), .seconds(20))
            }
        case .isolateHost, .cutOneWay, .partition, .slowPaths, .slowDisk, .failDisk,
            .strangeHost:
            return random.happens(1, in: 4)
                ? nil : random.between(.milliseconds(200), .seconds(25))
        }
    }

    static func address(ofHost host: Int) -> IPAddress {
        .v4(IPv4Address(10, 0, 0, UInt8(host + 1)))
    }

    static func serverEndpoint(host: Int, group: Int) -> Endpoint {
        Endpoint(address: address(ofHost: host), port: UInt16(6379 + group))
    }

    static func nodeEndpoint(host: Int) -> Endpoint {
        Endpoint(address: address(ofHost: host), port: 26379)
    }

    /// What the node of a host is told: the same on every host but for its own name.
    func settings(ofHost host: Int, file: ClusterFile) -> Settings {
        let peers = file.hosts.filter { $0 != host }.map {
            Settings.Peer(name: Self.name(ofHost: $0), endpoint: Self.nodeEndpoint(host: $0))
        }
        let groups = (0..<groupCount).map { group in
            var settings = Settings.Group(
                name: Self.groupNames[group],
                primary: Self.serverEndpoint(host: firstPrimaryHost(of: group), group: group),
                quorum: file.hosts.count / 2 + 1)
            settings.downAfter = downAfter
            settings.failoverTimeout = failoverTimeout
            settings.isLeased = true
            settings.writeSafety = writeSafety
            return settings
        }
        var settings = Settings(
            name: Self.name(ofHost: host), endpoint: Self.nodeEndpoint(host: host), peers: peers,
            groups: groups, localAddresses: [Self.address(ofHost: host)],
            virtualAddresses: (0..<groupCount).map { .v4(IPv4Address(10, 0, 1, UInt8($0 + 1))) })
        settings.gossipsThroughServers = gossipsThroughServers
        settings.declaredVoters = file.voters
        return settings
    }

    func leases(_ file: ClusterFile, host: Int) -> [(group: String, terms: LeaseTerms)] {
        let terms = LeaseTerms(promise: file.terms.promise, enforcement: enforcements[host])
        return Self.groupNames[..<groupCount].map { ($0, terms) }
    }

    func firstPrimaryHost(of group: Int) -> Int { group }

    static func name(ofHost host: Int) -> String { "redis0\(host + 1)" }
}
