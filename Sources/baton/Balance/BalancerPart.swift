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
    private let driver: BalancerDriver
    private let sight: Mutex<Sight>
    private let log: EventLog

    /// To let a server rest needs no quorum: it is done long before a failover.
    private static let silenceMax = Interval.seconds(1)

    /// One a core, which is as much as they can use; each has its own connections to the servers.
    private static let reactorCount = min(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), 8)

    private struct Sight {
        /// As the file had it when it was last read.
        var group: Configuration.Group
        /// Whether the servers are spoken to by TLS.
        var securesServers: Bool
        var view: GroupView?
        var writes = WriteView()
        /// Whether there is a server to read from; `nil` before the first view.
        var isServing: Bool?
        var gauge = BalancerGauge()
        var handshakes = HandshakeReport()
    }

    init(
        _ group: Configuration.Group, _ whereabouts: Whereabouts, _ security: BalancerSecurity,
        log: EventLog
    ) throws {
        sight = Mutex(Sight(group: group, securesServers: security.servers != nil))
        self.log = log
        name = group.settings.name
        var settings = BalancerDriverSettings()
        settings.reactorCount = Self.reactorCount
        settings.balancer.selection = SelectionPolicy(group)
        do throws(BalancerDriverError) {
            driver = try BalancerDriver(
                listeners: whereabouts.places(of: group), security: security, settings: settings)
        } catch {
            throw Refusal("cannot serve the clients of \(name): \(error)")
        }
        tell(log, group, whereabouts)
    }

    private func tell(
        _ log: EventLog, _ group: Configuration.Group, _ whereabouts: Whereabouts
    ) {
        for place in driver.listeners {
            let words = Configuration.Service(place.service).words
            let means = place.isSecured ? ", over TLS" : ""
            log.write(
                LogLine(.notice, "Serving the \(words) of \(name) at \(place.endpoint)\(means)."))
        }
        for listener in group.listeners where !whereabouts.isHere(listener) {
            let place = listener.address.map { " at \($0)" } ?? ""
            log.write(
                LogLine(
                    .notice,
                    "The \(listener.service.words) of \(name)\(place) are another host's to serve."
                ))
        }
    }

    /// The file was read anew: listens where that says, and shares the reads so. Nobody is
    /// disconnected.
    ///
    /// - Throws: ``Refusal`` when a place cannot be listened on; nothing has changed then.
    func apply(
        _ wanted: Configuration.Group, _ whereabouts: Whereabouts, _ security: BalancerSecurity,
        log: EventLog
    ) throws(Refusal) {
        // All else is as it was at the start, whatever the file says of it now.
        var group = group
        group.listeners = wanted.listeners
        group.readsFrom = wanted.readsFrom
        group.credentials = wanted.credentials
        if wanted.readAddress == group.readAddress, wanted.readPort == group.readPort {
            group.readIsSecured = wanted.readIsSecured
        } else if group.readIsSecured, security.clients == nil {
            throw Refusal(
                "the read address of \(name) stays, with TLS, until Baton is restarted: it needs "
                    + "`tls-cert-file` and `tls-key-file`")
        }
        do throws(BalancerDriverError) {
            try driver.change(
                listeners: whereabouts.places(of: group), selection: SelectionPolicy(group),
                security: security)
        } catch {
            throw Refusal("cannot serve the clients of \(name) as the file says now: \(error)")
        }
        let isOther = sight.withLock { sight in
            defer {
                sight.group = group
                sight.securesServers = security.servers != nil
            }
            return sight.group != group
        }
        if isOther { tell(log, group, whereabouts) }
    }

    private var group: Configuration.Group { sight.withLock { $0.group } }

    func assignment(
        in configuration: Configuration, _ security: BalancerSecurity
    ) -> ObserverLoop.Assignment {
        let group = group
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
                downAfter: min(group.settings.downAfter, Self.silenceMax),
                reportPeriod: Self.reportPeriod(group),
                tellsDataAsOf: group.listeners.contains { Freshness($0) != .any }),
            credentials: group.credentials.password.map {
                Credentials(user: group.credentials.user, password: $0)
            }, security: security.servers)
    }

    /// Often enough that a replica in order is known to be as new as the listeners want it. What
    /// was written just before a read is known of a replica after one such period at the earliest.
    private static func reportPeriod(_ group: Configuration.Group) -> Interval {
        let bounds = group.listeners.compactMap(\.stalenessMax).map { $0 / 4 }
        let own = group.listeners.contains(where: \.showsOwnWrites)
        return ([.milliseconds(own ? 100 : 500)] + bounds).min() ?? .milliseconds(500)
    }

    /// Acts on a new view. Returns whether there is a server to read from, if that has changed.
    func see(_ view: GroupView) -> Bool? {
        let group = group
        let writes = sight.withLock { $0.writes.note(view) }
        driver.update(
            servers: view.servers.compactMap(BalancerCore.ServerReport.init),
            writes: group.takesWrites ? WritePlace(writes, group) : nil)
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

    /// Says what there is to say of handshakes that came to nothing.
    func tellOfHandshakes() {
        let failures = driver.handshakeFailures()
        let sentence = sight.withLock { $0.handshakes.sentence(failures, at: BootClock.now()) }
        if let sentence { log.write(LogLine(.warning, "\(name): \(sentence).")) }
    }

    /// A planned move of the primary begins, or nothing comes of it.
    func hear(_ move: ObserverLoop.Move) {
        switch move {
        case .announced: driver.moveAnnounced()
        case .calledOff: driver.moveCalledOff()
        }
    }

    /// Whether there is a server to read from, by the last view.
    var isServing: Bool { sight.withLock { $0.isServing == true } }

    /// Clients that asked to be told of it are told that the read address goes elsewhere.
    func depart(within seconds: Int) { driver.depart(from: readAddresses, within: seconds) }

    /// Whoever connects to the read address is to be heard by who has it next.
    func ignoreNewcomers() { driver.ignoreNewcomers(at: readAddresses) }

    /// Clients that would be told, wherever they came.
    var toldCount: Int { driver.statistics().toldCount }

    /// Clients that were told and have not gone yet.
    var departingCount: Int { driver.statistics().departingCount }

    private var readAddresses: [IPAddress] {
        group.readAddress.map { [$0.prefix.address] } ?? []
    }

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
                name: name, primary: "\(sight.view?.primary ?? sight.group.settings.primary)",
                epoch: Int(clamping: sight.view?.epoch ?? 0),
                isNamed: sight.view?.isNamed ?? false,
                places: driver.listeners.map {
                    BalancerReport.Place(
                        endpoint: "\($0.endpoint)",
                        service: Configuration.Service($0.service).rawValue,
                        transport: $0.isSecured ? .tls : .plain)
                },
                serverTransport: sight.securesServers ? .tls : .plain,
                router: router.flatMap { BalancerReport.Router($0, sight.group) },
                clients: statistics.clientCount,
                refused: Int(clamping: statistics.refusedCount), pinned: statistics.pinnedCount,
                held: statistics.heldCount,
                requestsPerSecond: recent?.requestsPerSecond,
                medianMicroseconds: recent?.median,
                worstPercentMicroseconds: recent?.worstPercent, servers: servers)
        }
    }
}

extension SelectionPolicy {
    init(_ group: Configuration.Group) {
        self.init()
        switch group.readsFrom {
        case .replicas: primary = .fallback
        case .all: primary = .member
        }
    }
}

extension WritePlace {
    /// The write address, so that the lease guards what is written; without one the primary that
    /// the nodes name: nowhere while they have named none, since the file's may have been replaced.
    /// Its port is the primary's either way.
    init?(_ view: GroupView, _ group: Configuration.Group) {
        guard view.isNamed || group.writeAddress != nil else { return nil }
        let address = group.writeAddress?.prefix.address ?? view.primary.address
        let life = view.servers.first(where: \.isPrimary)?.runID
        self.init(
            endpoint: Endpoint(address: address, port: view.primary.port),
            runID: view.isNamed ? life.map { Array("\($0)".utf8) } : nil, epoch: view.epoch)
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
            condition: condition, dataAsOf: view.dataAsOf)
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
