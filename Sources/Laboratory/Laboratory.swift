import Addressing
import CLinux
import Glibc
public import MonotonicTime

/// Hosts made of network namespaces, with real networks between them and real servers inside.
///
/// Nothing is configured in the root namespace: interfaces are created inside the laboratory's
/// own namespaces, bridges included. When the laboratory is closed, or its process exits, all of
/// it is gone; when its process is killed, the kernel ends the programs, and the next laboratory
/// on this machine removes the rest. Laboratories that run at the same time do not meet.
///
/// All calls block; none needs an actor or a particular thread.
public final class Laboratory: Sendable {
    /// What was built.
    public let plan: Plan
    /// The hosts, in the plan's order.
    public let hosts: [Host]
    /// Holds each host's files in a directory of its name; removed when the laboratory closes.
    public let directory: String
    /// Free ports that no server of a loopback laboratory takes, for whatever else listens in one;
    /// none where hosts are namespaces, since all ports are free there.
    public let sparePorts: [UInt16]
    /// Bridges, one per network; none on loopback.
    let switches: [Switch]
    private let record: RunRecord
    private let stage = Shared(Stage.open)

    private enum Stage { case open, closing, closed }

    /// What this machine permits; asked once.
    public static let availability = Availability.probe()

    /// This moment, on the clock of every ``MonotonicTime/Instant`` that the laboratory gives out
    /// (CLOCK_MONOTONIC).
    public static var now: Instant {
        var moment = timespec()
        clock_gettime(CLOCK_MONOTONIC, &moment)
        return Instant(
            nanoseconds: Int64(moment.tv_sec) * 1_000_000_000 + Int64(moment.tv_nsec))
    }

    /// Builds the plan out of namespaces: root only, about a tenth of a second.
    public static func build(
        _ plan: Plan = .serversAndClient
    ) throws(LaboratoryError) -> Laboratory {
        guard availability.permitsNamespaces else {
            throw .unavailable(availability.namespaceObstacles)
        }
        return try construct { record throws(LaboratoryError) in
            try Laboratory(building: plan, record)
        }
    }

    /// The plan's servers and client on 127.0.0.1 to 127.0.0.4, each with a port of its own: for
    /// machines on which no namespace may be made. Networks can't be cut there.
    public static func buildOnLoopback() throws(LaboratoryError) -> Laboratory {
        guard availability.permitsLoopback else {
            throw .unavailable(availability.loopbackObstacles)
        }
        return try construct { record throws(LaboratoryError) in
            try Laboratory(onLoopback: .loopback, record)
        }
    }

    private init(building plan: Plan, _ record: RunRecord) throws(LaboratoryError) {
        self.plan = plan
        self.record = record
        directory = record.directory
        sparePorts = []
        let construction = Construction(plan: plan, run: record.run)
        try Namespaces.ip(batch: construction.namespaceBatch)
        switches = try construction.buildSwitches()
        hosts = try construction.buildHosts(record)
        try construction.connect(switches)
    }

    private init(onLoopback plan: Plan, _ record: RunRecord) throws(LaboratoryError) {
        self.plan = plan
        self.record = record
        directory = record.directory
        switches = []
        let spareCount = 2
        var port = try LoopbackPorts.firstFree(count: plan.machines.count + spareCount)
        var hosts: [Host] = []
        for machine in plan.machines {
            hosts.append(
                try Host(machine, namespace: nil, redisPort: port, record: record))
            port += 1
        }
        self.hosts = hosts
        sparePorts = Array(port..<port + UInt16(spareCount))
    }

    /// The host of this name in the plan.
    public func host(_ name: String) -> Host {
        guard let host = hosts.first(where: { $0.name == name }) else {
            preconditionFailure("the plan has no host \(name)")
        }
        return host
    }

    /// Ends every program, then removes namespaces and files. Safe to call again, also while
    /// another thread does it, which is then waited for; a laboratory that is never closed closes
    /// when the process exits.
    public func close() {
        let isFirst = stage.with { stage in
            guard stage == .open else { return false }
            stage = .closing
            return true
        }
        guard isFirst else {
            // Returning earlier could let the process exit before everything is gone.
            _ = stage.wait { $0 == .closed ? true : nil }
            return
        }
        hosts.forEach { $0.endPrograms() }
        hosts.forEach { $0.leave() }
        switches.forEach { $0.leave() }
        record.erase()
        Self.open.with { $0.removeAll { $0 === self } }
        stage.with { $0 = .closed }
    }
}

extension Laboratory {
    /// Those not yet closed; they are kept here so that exit and signals find them.
    private static let open = Shared<[Laboratory]>([])
    private static let closesAtExit: Bool = {
        atexit { Laboratory.closeAll() } == 0
    }()

    /// How many are being made: what they have of the machine is not found in `open` yet.
    private static let constructions = Shared(0)

    private static func construct(
        _ make: (RunRecord) throws(LaboratoryError) -> Laboratory
    ) throws(LaboratoryError) -> Laboratory {
        constructions.with { $0 += 1 }
        defer { constructions.with { $0 -= 1 } }
        // Asked after counting: whoever ends the process waits for those that it counts.
        guard !SignalWatch.hasHeard else { throw .closed }
        let record = try RunRecord()
        do throws(LaboratoryError) {
            let laboratory = try make(record)
            _ = closesAtExit
            open.with { $0.append(laboratory) }
            return laboratory
        } catch {
            record.erase()
            throw error
        }
    }

    /// Closes every laboratory, also one that is being made: the process is about to end.
    static func closeAllForEver() {
        _ = constructions.wait(until: now + constructionLimit) { $0 == 0 ? true : nil }
        closeAll()
    }

    /// A construction takes a tenth of a second; one that hangs must not hold up Ctrl-C.
    private static let constructionLimit = Interval.seconds(5)

    /// Closes every laboratory of this process.
    public static func closeAll() {
        open.with { $0 }.forEach { $0.close() }
    }

    /// Whether a signal of ``closeAllOnSignals()`` has come, so that the process ends as soon as
    /// everything is closed; whatever fails meanwhile fails because of that.
    public static var isEndedBySignal: Bool { SignalWatch.hasHeard }

    /// From now on SIGINT and SIGTERM first close every laboratory, then end the process as
    /// they would have. For programs that handle these signals in no other way.
    public static func closeAllOnSignals() {
        _ = SignalWatch.isWatching
    }
}

/// Ports for the servers of one loopback laboratory.
enum LoopbackPorts {
    /// From the first port of the documentation's examples to the last below which Linux takes
    /// no port for outgoing connections (ip_local_port_range).
    private static let candidates: ClosedRange<UInt16> = 7_001...32_767

    /// The first port of `count` neighbouring ones that nobody listens on.
    static func firstFree(count: Int) throws(LaboratoryError) -> UInt16 {
        // Ten apart, so that the ports of one laboratory are easily told from another's.
        for first in stride(from: candidates.lowerBound, to: candidates.upperBound - 10, by: 10)
        where (first..<first + UInt16(count)).allSatisfy(isFree) {
            return first
        }
        throw .noFreePorts(from: candidates.lowerBound, to: candidates.upperBound)
    }

    private static func isFree(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, clinuxStreamNonBlocking, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // The wildcard: free on each of the loopback addresses.
        let everywhere = Endpoint(address: .v4(IPv4Address(0, 0, 0, 0)), port: port)
        return SocketAddress(everywhere).with { bind(descriptor, $0, $1) } == 0
    }
}
