import AddressDriver
import Addressing
import BalancerCore
import BalancerDriver
import Configuration
import Glibc
import MonotonicTime
import ObserverCore
import SentinelCore
import SentinelDriver
import Synchronization
import VRRPCore

/// One group's part of a balancer: its listeners, and what is known of its servers.
final class BalancerPart: Sendable {
    let name: String
    private let group: Configuration.Group
    private let driver: BalancerDriver
    private let sight = Mutex(Sight())

    /// To let a server rest needs no quorum: it is done long before a failover.
    private static let silenceMax = Interval.seconds(1)

    /// One a core, which is as much as they can use; each has its own connections to the servers.
    private static let reactorCount = min(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), 8)

    private struct Sight {
        var view: GroupView?
        /// Whether there is a server to read from; `nil` before the first view.
        var isServing: Bool?
        var gauge = BalancerGauge()
    }

    init(_ group: Configuration.Group, ownAddresses: [IPAddress], log: EventLog) throws {
        self.group = group
        name = group.settings.name
        var settings = BalancerDriverSettings()
        settings.reactorCount = Self.reactorCount
        switch group.readsFrom {
        case .replicas: settings.balancer.selection.primary = .fallback
        case .all: settings.balancer.selection.primary = .member
        }
        do throws(BalancerDriverError) {
            driver = try BalancerDriver(
                listeners: Self.places(group, ownAddresses), settings: settings)
        } catch {
            throw Refusal("cannot serve the reads of \(name): \(error)")
        }
        for place in driver.endpoints {
            log.write(LogLine(.notice, "Serving the reads of \(name) at \(place)."))
        }
        for case let address? in group.listeners.map(\.address)
        where !ownAddresses.contains(address) {
            log.write(
                LogLine(.notice, "The reads of \(name) at \(address) are another host's to serve."))
        }
    }

    /// The read address first. The file is the same on every host: an address that is another's is
    /// listened on there.
    private static func places(
        _ group: Configuration.Group, _ ownAddresses: [IPAddress]
    ) -> [Endpoint] {
        var places: [Endpoint] = []
        if let address = group.readAddress, let port = group.readPort {
            places.append(Endpoint(address: address.prefix.address, port: port))
        }
        for listener in group.listeners {
            let address = listener.address ?? .v4(IPv4Address(bits: 0))
            guard listener.address == nil || ownAddresses.contains(address) else { continue }
            places.append(Endpoint(address: address, port: listener.port))
        }
        return places
    }

    func assignment(in configuration: Configuration) -> ObserverLoop.Assignment {
        let nodes = configuration.hosts.filter { $0.role == .node }.map {
            Endpoint(address: $0.address, port: configuration.port)
        }
        let virtual = configuration.groups.flatMap { group in
            [group.writeAddress, group.readAddress].compactMap { $0?.prefix.address }
        }
        return ObserverLoop.Assignment(
            settings: ObserverSettings(
                group: name, primary: group.settings.primary, nodes: nodes,
                virtualAddresses: virtual,
                downAfter: min(group.settings.downAfter, Self.silenceMax)),
            credentials: group.credentials.password.map {
                Credentials(user: group.credentials.user, password: $0)
            })
    }

    /// Acts on a new view. Returns whether there is a server to read from, if that has changed.
    func see(_ view: GroupView) -> Bool? {
        driver.update(servers: view.servers.compactMap(BalancerCore.ServerReport.init))
        let isServing = view.servers.contains {
            BalancerCore.ServerReport($0)?.isReadable == true
        }
        return sight.withLock { sight in
            sight.view = view
            guard sight.isServing != isServing else { return nil }
            sight.isServing = isServing
            return isServing
        }
    }

    /// Whether there is a server to read from, by the last view.
    var isServing: Bool { sight.withLock { $0.isServing == true } }

    func drain() { driver.drain() }

    var isOver: Bool { driver.isOver }

    func stop() { driver.stop() }

    /// What is shown of it now.
    func report(_ router: VRRPStatus?) -> BalancerReport.Group {
        let statistics = driver.statistics()
        return sight.withLock { sight in
            sight.gauge.note(statistics, at: BootClock.now())
            let recent = sight.gauge.recent
            let servers = (sight.view?.servers ?? []).map { server in
                BalancerReport.Server(server, statistics, recent)
            }
            return BalancerReport.Group(
                name: name, primary: "\(sight.view?.primary ?? group.settings.primary)",
                epoch: Int(clamping: sight.view?.epoch ?? 0),
                places: driver.endpoints.map { "\($0)" },
                router: router.flatMap { BalancerReport.Router($0, group) },
                clients: statistics.clientCount,
                refused: Int(clamping: statistics.refusedCount), pinned: statistics.pinnedCount,
                requestsPerSecond: recent?.requestsPerSecond,
                medianMicroseconds: recent?.median,
                worstPercentMicroseconds: recent?.worstPercent, servers: servers)
        }
    }
}

extension BalancerCore.ServerReport {
    /// What the balancer is told of a server; `nil` for one that it should not know of, since its
    /// data is another group's, or a former primary's.
    init?(_ view: ServerView) {
        let age = view.lag ?? .zero
        let condition: ServerCondition
        switch view.state {
        case .down: condition = .unreachable
        case .loading: condition = .loading
        case .syncing: condition = .syncing
        case .detached: condition = .detached(for: age)
        case .stray: return nil
        case .serving:
            condition = .serving(
                Lag(age: age, byteCount: Int(clamping: view.lagBytes ?? 0)))
        }
        self.init(
            endpoint: view.endpoint, role: view.isPrimary ? .primary : .replica,
            condition: condition)
    }

    /// It answers reads, be it with old data.
    var isReadable: Bool {
        switch condition {
        case .serving, .detached: true
        case .loading, .syncing, .unreachable: false
        }
    }
}

extension BalancerReport.Router {
    init?(_ status: VRRPStatus, _ group: Configuration.Group) {
        guard let address = group.readAddress, let id = group.routerID else { return nil }
        let state =
            switch status.role {
            case .active: "active"
            case .backup, .leaving: "backup"
            case .initialise: "waiting"
            }
        self.init(
            id: Int(id), state: state, address: "\(address.prefix.address)",
            priority: Int(status.priority))
    }
}

extension BalancerReport.Server {
    init(_ view: ServerView, _ statistics: BalancerStatistics, _ recent: BalancerGauge.Recent?) {
        let served = statistics.servers.first { $0.endpoint == view.endpoint }
        self.init(
            endpoint: "\(view.endpoint)", isPrimary: view.isPrimary, state: view.state.rawValue,
            lagMilliseconds: view.lag?.milliseconds,
            lagBytes: view.lagBytes.map { Int(clamping: $0) },
            weight: served?.weight ?? 0, sharePercent: recent?.sharePercent(of: view.endpoint),
            awaited: served?.awaitedCount ?? 0)
    }
}
