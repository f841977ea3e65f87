import Addressing
import MonotonicTime
import SentinelCore

@testable import DropInCore

/// A few Sentinels and a few servers on one network under virtual time.
///
/// Everything is fixed: every message takes `delay`, every save `persistDelay`. What goes wrong is
/// what the test says. Sentinels and servers are numbered from 1; at first server 1 is the primary
/// and the others follow it.
final class Stage {
    static let group = "orders"
    static let start = Instant(nanoseconds: 1_000_000_000_000)

    /// One announcement: when, by which Sentinel, what.
    struct Line {
        var at: Interval
        var node: Int
        var announcement: Announcement

        var text: String { announcement.line }
    }

    struct Node {
        var core: DropIn
        var durable: Ledger
        var globals: GlobalSettings
        var isRunning = true
        /// Grows with each start, so that what belongs to a former life is dropped.
        var life = 0
        var lastTick = Stage.start
        var ticksPlanned = 0
        var nextTick: Instant?
        var canSave = true
        /// It stands still until then: nothing reaches it, and its clock goes on.
        var frozenUntil: Instant?
    }

    /// A link as the network sees it.
    struct Connection {
        var target: DropInTarget
        var isOpen = false
        /// What was sent before it stood.
        var unsent: [(DropInRequest, [MasterSettings.RenamedCommand])] = []
    }

    struct ConnectionKey: Hashable, Comparable {
        var node: Int
        var life: Int
        var link: UInt32

        static func < (left: ConnectionKey, right: ConnectionKey) -> Bool {
            (left.node, left.life, left.link) < (right.node, right.life, right.link)
        }
    }

    struct Pair: Hashable {
        var node: Int
        var other: IPAddress
    }

    var now = Stage.start
    var delay = Interval.milliseconds(1)
    var persistDelay = Interval.milliseconds(3)
    var nodes: [Node] = []
    var servers: [ServerModel] = []
    var log: [Line] = []
    var outcomes: [UInt64: OrderOutcome] = [:]
    var answers: [UInt64: DownAnswer] = [:]
    var scripts: [(node: Int, words: [String])] = []
    /// Requests to servers, in order.
    var sent: [(node: Int, server: Int, request: DropInRequest)] = []
    var connections: [ConnectionKey: Connection] = [:]
    /// A Sentinel cannot reach an address.
    var cuts: Set<Pair> = []
    /// What a name resolves to.
    var names: [String: IPAddress] = [:]
    /// Who led which epoch by election.
    var leaders: [Epoch: Set<Int>] = [:]

    private var queue: [(at: Instant, number: UInt64, action: () -> Void)] = []
    private var plannedCount: UInt64 = 0
    private var mark = Stage.start
    private var queryCount: UInt64 = 0
    var identityCount: UInt64 = 0

    init(
        nodes nodeCount: Int = 3, servers serverCount: Int = 3, quorum: Int = 2,
        settings change: (inout MasterSettings) -> Void = { _ in },
        globals changeGlobals: (inout GlobalSettings) -> Void = { _ in }
    ) {
        for number in 1...serverCount {
            servers.append(
                ServerModel(number: number, runID: identity(), following: number == 1 ? nil : 1))
        }
        var settings = MasterSettings(name: Self.group, quorum: quorum)
        settings.downAfter = .seconds(2)
        settings.failoverTimeout = .seconds(10)
        change(&settings)
        for number in 1...nodeCount {
            var ledger = Ledger()
            ledger.id = Self.nodeID(number)
            ledger.entries = [
                Ledger.Entry(settings: settings, primary: Place(Self.server(1)))
            ]
            var globals = GlobalSettings()
            changeGlobals(&globals)
            let core = Self.core(number, ledger, globals, at: now)
            nodes.append(Node(core: core, durable: ledger, globals: globals))
        }
        for number in 1...nodeCount { begin(number) }
    }

    private static func core(
        _ number: Int, _ ledger: Ledger, _ globals: GlobalSettings, at now: Instant
    ) -> DropIn {
        DropIn(
            id: nodeID(number), isNew: false, ledger: ledger, globals: globals, at: now,
            matches: { pattern, name in pattern == "*" || pattern == name })
    }

    // MARK: Names

    static func server(_ number: Int) -> Endpoint {
        Endpoint(
            address: .v4(IPv4Address(10, 0, 0, UInt8(truncatingIfNeeded: number))), port: 6379)
    }

    static func node(_ number: Int) -> Endpoint {
        Endpoint(
            address: .v4(IPv4Address(10, 0, 1, UInt8(truncatingIfNeeded: number))), port: 26379)
    }

    /// `1111…`, `2222…`.
    static func nodeID(_ number: Int) -> RunID {
        let digit = UInt64(number) &* 0x1111_1111_1111_1111
        return RunID(high: digit, middle: digit, low: UInt32(truncatingIfNeeded: digit))
    }

    func identity() -> RunID {
        identityCount += 1
        return RunID(high: 0xFEED, middle: identityCount, low: 0)
    }

    // MARK: Time

    var time: Interval { now - mark }

    func after(_ interval: Interval, _ action: @escaping () -> Void) {
        let at = now + interval
        plannedCount += 1
        // The soonest last, so that taking it moves nothing.
        var low = 0
        var high = queue.count
        while low < high {
            let middle = (low + high) / 2
            if queue[middle].at > at { low = middle + 1 } else { high = middle }
        }
        queue.insert((at, plannedCount, action), at: low)
    }

    func run(_ interval: Interval) {
        run(atMost: interval) { false }
    }

    /// Lets the time pass until something is so; false when it did not become so in time.
    @discardableResult
    func run(atMost limit: Interval, until isSo: () -> Bool) -> Bool {
        let end = now + limit
        while let next = queue.last, next.at <= end {
            queue.removeLast()
            now = next.at
            next.action()
            if isSo() { return true }
        }
        now = end
        return isSo()
    }

    /// Lets the time pass until a Sentinel announces this.
    @discardableResult
    func run(
        until name: Announcement.Name, by node: Int? = nil, atMost limit: Interval = .seconds(60)
    ) -> Bool {
        var seen = log.count
        return run(atMost: limit) {
            while seen < log.count {
                let line = log[seen]
                seen += 1
                if line.announcement.name == name, node == nil || line.node == node { return true }
            }
            return false
        }
    }

    /// Lets everybody find everybody, then counts time and announcements from here.
    func settle(_ interval: Interval = .seconds(15)) {
        run(interval)
        mark = now
        log = []
        sent = []
        scripts = []
    }

    // MARK: Nodes

    func begin(_ number: Int) {
        deliver(.started, to: number)
        tick(number, life: nodes[number - 1].life)
    }

    func crash(_ number: Int) {
        nodes[number - 1].isRunning = false
        nodes[number - 1].frozenUntil = nil
        nodes[number - 1].nextTick = nil
        nodes[number - 1].life += 1
        for key in connections.keys.filter({ $0.node == number }).sorted() {
            connections[key] = nil
        }
        closeConnections(to: Self.node(number), sparing: nil)
    }

    /// Starts again with what was durable.
    func restart(_ number: Int) {
        guard !nodes[number - 1].isRunning else { return }
        let node = nodes[number - 1]
        nodes[number - 1].core = Self.core(number, node.durable, node.globals, at: now)
        nodes[number - 1].isRunning = true
        nodes[number - 1].ticksPlanned += 1
        begin(number)
    }

    /// Nothing passes between a Sentinel and these addresses.
    func cut(_ number: Int, from others: [IPAddress]) {
        for other in others { cuts.insert(Pair(node: number, other: other)) }
    }

    func heal() {
        cuts = []
    }

    func order(_ order: Order, to number: Int) -> UInt64 {
        queryCount += 1
        deliver(.ordered(QueryID(number: queryCount), order), to: number)
        return queryCount
    }

    func ask(_ question: DownQuestion, of number: Int) -> UInt64 {
        queryCount += 1
        deliver(.asked(QueryID(number: queryCount), question), to: number)
        return queryCount
    }

    func nextQuery() -> UInt64 {
        queryCount += 1
        return queryCount
    }

    /// A Sentinel stands still, as on a host that is suspended: what comes meanwhile waits.
    func freeze(_ number: Int, for interval: Interval) {
        nodes[number - 1].frozenUntil = now + interval
    }

    func deliver(_ event: DropInEvent, to number: Int) {
        guard nodes[number - 1].isRunning else { return }
        if let thaw = nodes[number - 1].frozenUntil, now < thaw {
            let life = nodes[number - 1].life
            after(thaw - now) { [self] in
                if nodes[number - 1].life == life { deliver(event, to: number) }
            }
            return
        }
        var effects: [DropInEffect] = []
        nodes[number - 1].core.handle(event, at: now, effects: &effects)
        noteLeaders(number)
        carryOut(effects, of: number)
        planTick(number)
    }

    private func noteLeaders(_ number: Int) {
        for group in nodes[number - 1].core.groups where !group.isForced {
            switch group.failover {
            case .none, .waitStart: break
            case .selectReplica, .sendReplicaOfNoOne, .waitPromotion, .reconfigureReplicas,
                .updateConfig:
                leaders[group.failoverEpoch, default: []].insert(number)
            }
        }
    }

    private func tick(_ number: Int, life: Int) {
        guard nodes[number - 1].isRunning, nodes[number - 1].life == life else { return }
        nodes[number - 1].lastTick = now
        nodes[number - 1].nextTick = nil
        nodes[number - 1].ticksPlanned += 1
        deliver(.tick, to: number)
    }

    /// The next tick comes no later than the core wants it.
    private func planTick(_ number: Int) {
        let node = nodes[number - 1]
        let due = max(now, node.lastTick + node.core.tickPeriod(at: now))
        if let next = node.nextTick, next <= due { return }
        nodes[number - 1].nextTick = due
        nodes[number - 1].ticksPlanned += 1
        let (life, planned) = (node.life, node.ticksPlanned + 1)
        after(due - now) { [self] in
            guard nodes[number - 1].ticksPlanned == planned else { return }
            tick(number, life: life)
        }
    }

    /// What a Sentinel says of the group.
    func portrait(_ number: Int) -> GroupPortrait? {
        nodes[number - 1].core.portrait(of: Self.group, at: now)
    }

    func lines(of number: Int) -> [String] {
        log.filter { $0.node == number }.map(\.text)
    }

    /// The primary in every running Sentinel's eyes, where they agree; its number.
    var agreedPrimary: Int? {
        let hosts = nodes.indices.filter { nodes[$0].isRunning }.map {
            portrait($0 + 1)?.master.host
        }
        guard let first = hosts.first, hosts.allSatisfy({ $0 == first }) else { return nil }
        return servers.indices.first { "\(Self.server($0 + 1).address)" == first }.map { $0 + 1 }
    }
}
