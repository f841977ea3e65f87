import LeaseCore
import MonotonicTime
import NodeCore
import SentinelCore

/// Several hosts with their nodes, servers and disks, and the network between them, under virtual
/// time: one thing happens after another, and all chance comes from one seed.
///
/// Nodes are the production core. Everything that the world does to them goes through
/// ``deliver(_:to:)``, everything that they want through ``apply(_:from:)``; ``Mutation`` breaks
/// rules there and nowhere else.
struct World: Sendable {
    let seed: UInt64
    let scenario: Scenario
    let bounds: Bounds
    let mutation: Mutation?
    /// Which node is deaf under ``Mutation/deafNode``.
    let deafHost: Int

    var random: RandomSource
    var queue = EventQueue()
    var now = Moment.zero
    var network: Network
    var hosts: [SimulatedHost] = []
    /// By group, then by host.
    var servers: [SimulatedServer] = []
    var histories = Histories()
    var connections: [Connection] = []
    var freeSlots: [Int] = []
    var faults: [Fault]
    /// Every version of the operator's file so far.
    var files: [ClusterFile]
    /// Scratch for one node's effects, kept so that it is allocated once.
    var effects: [NodeEffect] = []
    /// Numbers handed out: queries, processes.
    var queryCount: UInt64 = 0
    var processCount: Int32 = 100
    /// Questions for votes that nobody has answered yet (only under ``Mutation/votesTwice``).
    var openVotes: [(query: UInt64, question: Question)] = []

    /// By group, the hosts outside of the cluster that have its write address.
    var strangers: [Strangers]
    /// Orders to pause a group that may still be accepted.
    var pauseOrders: [(query: UInt64, group: Int)] = []
    /// Where the last write of each group was acknowledged.
    var written: [History.Origin?]
    var ledgers: [ServiceLedger]
    /// Something changed on which it depends who serves a group.
    var isServiceStale = true
    var verdicts = Verdicts()
    var elections = ElectionChecker()
    var voterSets = VoterSetChecker()
    var configurations: ConfigurationChecker
    var watch: [GroupWatch]
    /// The last beginning or end of a fault, or return of a server.
    var disturbedAt = Moment.zero

    var trace: Trace
    var digest = Digest()
    var eventCount = 0

    /// Marks a node's identity, which carries its host's number in its last digits.
    static let nodeIdentity: UInt64 = 0xBA70
    static let checkPeriod = Interval.milliseconds(100)
    /// Between two writes of a client.
    static let writePeriod = Interval.milliseconds(50)

    init(seed: UInt64, options: Options) {
        self.seed = seed
        random = RandomSource(seed: seed)
        scenario = Scenario(seed: seed, random: &random, options: options)
        bounds =
            options.bounds
            ?? Bounds(
                downAfter: scenario.downAfter, promise: scenario.promiseMax)
        mutation = options.mutation
        network = Network(hostCount: scenario.hostCount, random: &random)
        faults = scenario.faults
        files = [scenario.file]
        strangers = Array(repeating: Strangers(), count: scenario.groupCount)
        written = Array(repeating: nil, count: scenario.groupCount)
        ledgers = Array(repeating: ServiceLedger(), count: scenario.groupCount)
        configurations = ConfigurationChecker(groupCount: scenario.groupCount)
        watch = Array(repeating: GroupWatch(), count: scenario.groupCount)
        trace = Trace(extent: options.trace)
        deafHost = scenario.hostCount - 1
        makeHosts()
        makeServers()
        plan()
    }

    private mutating func makeHosts() {
        for host in 0..<scenario.hostCount {
            let id = RunID(high: Self.nodeIdentity, middle: seed, low: UInt32(host))
            var clock = HostClock(random: &random)
            if mutation == .wildClocks { clock.rate = host == 0 ? -400_000 : 400_000 }
            let state = PersistentState(id: id)
            hosts.append(
                SimulatedHost(
                    number: host, clock: clock, file: scenario.file,
                    node: Node(
                        settings: scenario.settings(ofHost: host, file: scenario.file),
                        leases: leases(scenario.file, host: host), state: state,
                        at: clock.instant(at: now)),
                    disk: SimulatedDisk(durable: state),
                    addresses: Array(repeating: SimulatedAddress(), count: scenario.groupCount),
                    watched: Array(repeating: 0, count: scenario.groupCount)))
            let start = random.between(.milliseconds(100), .milliseconds(1_500))
            queue.schedule(.startDaemon(host: Int32(host), boot: 0), at: .zero + start)
        }
    }

    private mutating func makeServers() {
        for group in 0..<scenario.groupCount {
            let primary = scenario.firstPrimaryHost(of: group)
            for host in 0..<scenario.serverHostCount {
                let endpoint = Scenario.serverEndpoint(host: host, group: group)
                let server = SimulatedServer(
                    host: host, group: group, endpoint: endpoint,
                    role: host == primary
                        ? .primary
                        : .replica(of: Scenario.serverEndpoint(host: primary, group: group)))
                servers.append(server)
                let history = histories.begin(from: nil)
                servers[servers.count - 1].history = history
                servers[servers.count - 1].durable = .init(history: history, offset: 0)
                let start = random.between(.zero, .milliseconds(200))
                queue.schedule(
                    .startServer(server: Int32(servers.count - 1), boot: 0), at: .zero + start)
            }
            queue.schedule(.write(group: Int32(group)), at: .zero + .seconds(1))
        }
    }

    private mutating func plan() {
        for index in faults.indices {
            queue.schedule(.faultBegins(Int32(index)), at: faults[index].begins)
        }
        if let healing = scenario.healing { queue.schedule(.healEverything, at: healing) }
        queue.schedule(.check, at: .zero + Self.checkPeriod)
    }

    mutating func run() {
        while let next = queue.next(), next.moment <= scenario.end {
            now = next.moment
            verdicts.now = now
            verdicts.tracePosition = trace.position
            eventCount += 1
            digest.mix(next.occurrence, at: now)
            happen(next.occurrence)
            if isServiceStale { noteService() }
        }
        now = scenario.end
        for group in ledgers.indices { ledgers[group].close(at: now) }
        for host in hosts.indices {
            guard hosts[host].daemon != .stopped else { continue }
            digest.mix(hosts[host].node.status(at: hosts[host].clock.instant(at: now)).currentEpoch)
        }
    }

    private mutating func happen(_ occurrence: Occurrence) {
        switch occurrence {
        case .tick(let host, let generation):
            tick(Int(host), generation: generation)
        case .connect(let key): connectionRequested(key)
        case .connectTimedOut(let key): connectionTimedOut(key)
        case .arrival(let key, let way): segmentArrives(key, way)
        case .diskDone(let host, let life): diskDone(Int(host), life: life)
        case .diskPretends(let host, let life, let sequence):
            diskPretends(Int(host), life: life, sequence: UInt64(sequence))
        case .addressStep(let host, let group, let life):
            addressStep(Int(host), group: Int(group), life: life)
        case .processEnded(let host, let life, let server, let processID):
            processEnded(Int(host), life: life, server: Int(server), processID: processID)
        case .leaseEnds(let host, let group): leaseEnds(Int(host), group: Int(group))
        case .strangerHeard(let host, let group, let life):
            strangerHeard(Int(host), group: Int(group), life: life)
        case .addressVanished(let host, let group, let life):
            addressVanished(Int(host), group: Int(group), life: life)
        case .clockSet(let host, let life): clockSet(Int(host), life: life)
        case .soleAnswerDue(let group): checkSoleAnswer(Int(group))
        case .startDaemon(let host, let boot):
            if hosts[Int(host)].boot == boot { startDaemon(Int(host)) }
        case .startServer(let server, let boot):
            if hosts[servers[Int(server)].host].boot == boot { startServer(Int(server)) }
        case .loaded(let server, let life): serverLoaded(Int(server), life: life)
        case .serverCron(let server, let life): serverCron(Int(server), life: life)
        case .replicated(let server, let generation):
            replicated(Int(server), generation: generation)
        case .synchronised(let server, let generation):
            synchronised(Int(server), generation: generation)
        case .write(let group): write(Int(group))
        case .faultBegins(let index): beginFault(Int(index))
        case .faultEnds(let index): endFault(Int(index))
        case .fileArrives(let host, let version): fileArrives(Int(host), version: Int(version))
        case .healEverything: healEverything()
        case .check: check()
        }
    }

    mutating func schedule(_ occurrence: Occurrence, after interval: Interval) {
        queue.schedule(occurrence, at: now + interval)
    }

    mutating func record(_ what: TraceItem, host: Int = -1) {
        trace.record(what, host: host, at: now)
    }

    mutating func record(_ change: TraceItem.ServerChange, server: Int) {
        trace.record(
            .server(servers[server].endpoint, change), host: servers[server].host, at: now)
    }

    /// The terms of the groups' leases.
    func leases(_ file: ClusterFile, host: Int) -> [(group: String, terms: LeaseTerms)] {
        scenario.leases(file, host: host).map { group, terms in
            var terms = terms
            if mutation == .forgetsLateness { terms = LeaseTerms(promise: terms.promise) }
            if mutation == .usesTooLong { terms.use = terms.promise * 3 / 2 }
            return (group, terms)
        }
    }

    func groupIndex(_ name: String) -> Int? {
        for group in 0..<scenario.groupCount where Scenario.groupNames[group] == name {
            return group
        }
        return nil
    }

    func outcome() -> Outcome {
        let unserved = ledgers.reduce(Interval.zero) { $0 + $1.unserved }
        var acknowledged = 0
        for index in histories.all.indices { acknowledged += histories[index].acknowledged.count }
        let kept = (0..<scenario.groupCount).reduce(0) { sum, group in
            guard let index = primaryServer(of: group) else { return sum }
            let server = servers[index]
            return sum + histories.acknowledgedCount(upTo: server.offset, in: server.history)
        }
        return Outcome(
            seed: seed, violations: verdicts.violations,
            virtualSeconds: Int(scenario.end.nanoseconds / 1_000_000_000),
            faults: faults.map(\.kind), failovers: configurations.failovers,
            eventCount: eventCount, traceDigest: digest.value, unserved: unserved,
            longestUnserved: ledgers.map(\.longest).max() ?? .zero,
            dualHolder: ledgers.reduce(Interval.zero) { $0 + $1.dual },
            acknowledgedWrites: acknowledged, lostWrites: acknowledged - kept, trace: trace)
    }
}
