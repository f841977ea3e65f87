import AddressDriver
import Addressing
import BalancerDriver
import Configuration
import MonotonicTime
import ObserverCore
import SecurityTerms
import SentinelCore
import SentinelDriver
import Synchronization
import VRRPCore

/// What `baton run` is on a balancer: it watches the groups, serves their clients, and shares their
/// read addresses with the other balancers.
final class BalancerService: Sendable {
    private let parts: [BalancerPart]
    private let routers: VRRPDriver?
    private let port: StatusPort
    private let observers: Mutex<ObserverLoop>
    /// As of the start.
    private let configuration: Configuration
    /// Says now and then what the reactors can't, which log nothing.
    private let teller: Task<Void, Never>

    /// For so long clients that are owed something are waited for at the end.
    private static let farewell = Interval.seconds(5)

    /// For so long there must be no server to read from before the address goes elsewhere: a
    /// promotion ends every connection to a server, which is looked for anew.
    private static let patience = Duration.seconds(1)

    /// The port first: where another Baton runs already, nothing of its must be touched. Then the
    /// listeners: an address never comes here before what is served at it. It comes late where no
    /// server has been seen yet: such a balancer has a low priority.
    static func start(
        _ configuration: Configuration, ownAddresses: [IPAddress], log: EventLog
    ) async throws -> BalancerService {
        let endpoint = Endpoint(address: configuration.local.address, port: configuration.port)
        let security = try SecurityFiles.forBalancer(configuration)
        let shelf = Shelf(
            BalancerReport(name: configuration.local.name, endpoint: "\(endpoint)", groups: []))
        let port = try await StatusPort.open(on: places(configuration)) { shelf.json }
        do {
            let parts = try configuration.groups.filter(\.isBalanced).map {
                try BalancerPart(
                    $0, Whereabouts(configuration, ownAddresses: ownAddresses), security,
                    log: log)
            }
            let plan = VirtualRouters(configuration)
            let routers = try takePart(plan, log)
            shelf.fill { report in
                let statuses = routers?.status ?? []
                report.groups = parts.map { part in
                    part.report(statuses.first { $0.name == part.name })
                }
            }
            let observers = try await observe(parts, configuration, security, routers, log)
            return BalancerService(configuration, parts, routers, observers, port)
        } catch {
            try? await port.close()
            throw error
        }
    }

    /// Watches the servers of every group, and acts on what it sees.
    private static func observe(
        _ parts: [BalancerPart], _ configuration: Configuration, _ security: BalancerSecurity,
        _ routers: VRRPDriver?, _ log: EventLog
    ) async throws -> ObserverLoop {
        let plan = VirtualRouters(configuration)
        return try await ObserverLoop.start(
            parts.map { $0.assignment(in: configuration, security) }, log: { log.write($0) },
            report: { name, view in
                guard let part = parts.first(where: { $0.name == name }),
                    let isServing = part.see(view)
                else { return }
                if isServing {
                    routers?.setPriority(plan.priority(isServing: true), of: name)
                } else {
                    Task {
                        try? await Task.sleep(for: patience)
                        guard !part.isServing else { return }
                        routers?.setPriority(plan.priority(isServing: false), of: name)
                        // Without preemption nobody takes the address from one that lives.
                        routers?.handOver(name)
                    }
                }
            },
            move: { name, move in parts.first { $0.name == name }?.hear(move) })
    }

    /// The file was read anew: what can be changed without disconnecting anybody is.
    ///
    /// - Throws: ``Refusal`` when a certificate can't be used, and nothing has changed; or when a
    ///   place cannot be listened on, and what comes before it in the file is in force.
    func apply(
        _ configuration: Configuration, ownAddresses: [IPAddress], log: EventLog
    ) async throws {
        let whereabouts = Whereabouts(configuration, ownAddresses: ownAddresses)
        let security = try SecurityFiles.forBalancer(configuration)
        for part in parts {
            let group = configuration.groups.first { $0.settings.name == part.name }
            guard let group else { continue }
            try part.apply(group, whereabouts, security, log: log)
        }
        // The new ones see what the old ones saw before these go.
        let fresh = try await Self.observe(parts, configuration, security, routers, log)
        let old = observers.withLock { observers in
            defer { observers = fresh }
            return observers
        }
        try await old.stop()
        log.write(LogLine(.notice, "The file was read anew; no client was disconnected."))
        if configuration.withoutWhatCanChange != self.configuration.withoutWhatCanChange {
            log.write(
                LogLine(
                    .warning,
                    "The file has other changes too, which take effect when Baton is restarted: "
                        + "of a balancer only its listeners, its certificates, `read-from`, the "
                        + "nodes and the servers' passwords change while it runs."))
        }
    }

    private static func takePart(
        _ plan: VirtualRouters, _ log: EventLog
    ) throws -> VRRPDriver? {
        guard !plan.assignments.isEmpty else { return nil }
        return try VRRPDriver(plan.assignments) { name, notice in
            log.write(LogLine(notice, of: name))
        }
    }

    /// What the port tells: who this is, and from a moment on what it does.
    private final class Shelf: Sendable {
        private let report: BalancerReport
        private let complete = Mutex<(@Sendable (inout BalancerReport) -> Void)?>(nil)

        init(_ report: BalancerReport) {
            self.report = report
        }

        func fill(_ complete: @escaping @Sendable (inout BalancerReport) -> Void) {
            self.complete.withLock { $0 = complete }
        }

        var json: String {
            var report = report
            complete.withLock { $0 }?(&report)
            return report.json
        }
    }

    private init(
        _ configuration: Configuration, _ parts: [BalancerPart], _ routers: VRRPDriver?,
        _ observers: ObserverLoop, _ port: StatusPort
    ) {
        self.parts = parts
        self.routers = routers
        self.port = port
        self.configuration = configuration
        self.observers = Mutex(observers)
        teller = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                for part in parts { part.tellOfHandshakes() }
            }
        }
    }

    /// Where the port for `baton status` is opened.
    private static func places(_ configuration: Configuration) -> [Endpoint] {
        let wildcard: IPAddress =
            switch configuration.local.address {
            case .v4: .v4(IPv4Address(bits: 0))
            case .v6: .v6(IPv6Address(high: 0, low: 0))
            }
        let addresses = configuration.bind.isEmpty ? [wildcard] : configuration.bind
        return addresses.map { Endpoint(address: $0, port: configuration.port) }
    }

    /// Whether the part's read address is here, and another balancer takes it when this one ends.
    private func isLeft(_ part: BalancerPart) -> Bool {
        guard configuration.hosts.count(where: { $0.role == .balancer }) > 1 else { return false }
        return routers?.status.contains { $0.name == part.name && $0.role == .active } ?? false
    }

    /// Hands the read addresses over, then lets every client have what it is owed.
    func stop() async throws {
        teller.cancel()
        try await Departure(parts.filter(isLeft)).run()
        routers?.stop()
        for part in parts { part.drain() }
        let deadline = BootClock.now() + Self.farewell
        while !parts.allSatisfy(\.isOver), BootClock.now() < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        for part in parts { part.stop() }
        try await observers.withLock { $0 }.stop()
        try await port.close()
    }
}

extension Configuration {
    /// What of it a balancer takes up only at its start.
    fileprivate var withoutWhatCanChange: Configuration {
        var rest = self
        rest.security = .init()
        for index in rest.groups.indices {
            rest.groups[index].listeners = []
            rest.groups[index].readIsSecured = false
            rest.groups[index].readsFrom = .replicas
            rest.groups[index].credentials.user = nil
            rest.groups[index].credentials.password = nil
        }
        rest.hosts.removeAll { $0.role == .node }
        return rest
    }
}

extension Configuration.Group {
    /// Balancers have something to serve of it.
    var isBalanced: Bool { readAddress != nil || !listeners.isEmpty }
}

extension LogLine {
    /// What happened to a virtual router, in words.
    init(_ notice: VRRPNotice, of group: String) {
        switch notice {
        case .changed(let transition):
            self.init(.notice, "The read address of \(group): \(transition).")
        case .failed(let failure):
            self.init(.warning, "The read address of \(group): \(failure)")
        case .recovered:
            self.init(.notice, "The read address of \(group): what had failed can be done again.")
        case .refused(let refusal, let source):
            let sender = source.map { "\($0)" } ?? "somebody"
            self.init(.warning, "The read address of \(group): \(sender) is not heeded: \(refusal)")
        case .restored(let address):
            self.init(
                .warning,
                "The read address \(address) of \(group) was removed by somebody, and put back.")
        }
    }
}
