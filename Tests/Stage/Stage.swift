package import Addressing
package import LeaseCore
package import MonotonicTime
package import NodeCore
package import SentinelCore

/// A few hosts with one server and one node each, under virtual time: the world of the cores'
/// rules and dialogues.
///
/// Everything is fixed: every message takes `delay`, every save `persistDelay`, nothing is random.
/// What goes wrong is what the test says. Hosts, servers and nodes are numbered from 1; at first
/// server 1 is the primary and the others follow it.
package final class Stage {
    /// What a test may want different from the note's cluster.
    package struct Shape {
        package var hosts = 3
        /// Hosts beyond this number have a node but no server.
        package var servers: Int?
        package var quorum = 2
        package var hasWriteAddress = false {
            didSet { settings.isLeased = hasWriteAddress }
        }
        package var terms = LeaseTerms()
        /// The nodes speak through the servers too.
        package var gossips = false
        /// Hosts whose nodes agree on voters, and what their files list at first.
        package var voters: VoterSet?
        package var settings = Settings.Group(
            name: Stage.group, primary: Stage.server(1), quorum: 2)

        package init(hosts: Int = 3, quorum: Int = 2) {
            self.hosts = hosts
            self.quorum = quorum
            settings.downAfter = .seconds(5)
        }
    }

    /// One announcement: when, by which node, what.
    package struct Line: Equatable {
        package var at: Interval
        package var node: Int
        package var announcement: Announcement
    }

    /// One step with the write address that a node wanted.
    package struct AddressStep: Equatable {
        package var at: Interval
        package var node: Int
        package var effect: AddressEffect
    }

    package static let group = "orders"
    package static let start = Instant(nanoseconds: 1_000_000_000_000)
    package static let writeAddress = IPAddress.v4(IPv4Address(10, 0, 1, 94))

    package let shape: Shape
    package internal(set) var now = Stage.start
    package var delay = Interval.milliseconds(1)
    /// How long a server takes to follow another one.
    package var syncDelay = Interval.milliseconds(20)
    package var hosts: [Host]
    package internal(set) var log: [Line] = []
    package internal(set) var addressLog: [AddressStep] = []
    /// Every move of every node's failover.
    package internal(set) var moves: [Transition.Move] = []
    /// Every record for a journal that a node handed out.
    package internal(set) var records: [(node: Int, record: FailoverRecord)] = []
    /// What operators were answered.
    package internal(set) var responses: [QueryID: String?] = [:]
    /// What nodes answered to messages that a test put into a peer's mouth.
    package internal(set) var replies: [QueryID: PeerReply] = [:]
    /// Every request that left a node.
    package internal(set) var sent: [(at: Interval, node: Int, target: LinkTarget, Request)] = []
    /// Every process that a node wanted watched.
    package internal(set) var watches: [(at: Interval, node: Int, endpoint: Endpoint)] = []
    /// Every connection that a node wanted.
    package internal(set) var opened: [(at: Interval, node: Int, target: LinkTarget)] = []
    /// Requests of this node for which this is true get lost.
    package var loses: ((_ node: Int, _ target: LinkTarget, _ request: Request) -> Bool)?
    /// Answers by this node for which this is true get lost.
    package var losesReply: ((_ node: Int, _ reply: PeerReply) -> Bool)?
    /// How much longer the answers of a node take than its own words, which come by another
    /// connection and overtake them.
    package var answerDelays: [Int: Interval] = [:]
    /// Targets that refuse this host's password.
    package var denials: [Endpoint: LinkFailure] = [:]

    /// By host, what its file declares; read when its node starts.
    package var files: [VoterSet?]

    var queue: [Planned] = []
    var nextPlanned: UInt64 = 0
    var cuts: Set<Path> = []
    var connections: [ConnectionKey: Connection] = [:]
    var queries: [QueryID: Query] = [:]
    var nextQuery: UInt64 = 1
    var identities: UInt64 = 0
    var mark = Stage.start

    /// What happens at a later moment; those of one moment in the order in which they were
    /// planned.
    struct Planned {
        var at: Instant
        var number: UInt64
        var action: () -> Void
    }

    struct Path: Hashable {
        var from: Int
        var to: Int
    }

    package init(_ shape: Shape = Shape()) {
        self.shape = shape
        hosts = []
        files = Array(repeating: shape.voters, count: shape.hosts)
        let history = identity()
        for number in 1...shape.hosts {
            var host = Host(
                state: PersistentState(
                    id: Self.nodeID(number),
                    groups: [.init(name: Self.group, primary: Self.server(1))]))
            if number <= shape.servers ?? shape.hosts {
                host.server = ServerModel(
                    endpoint: Self.server(number), runID: identity(),
                    processID: Int32(1000 * number),
                    role: number == 1 ? .primary : .replica(of: Self.server(1)), history: history)
            }
            hosts.append(host)
        }
        for number in 1...shape.hosts where isListed(number) { startNode(number) }
    }

    /// A host that its own file doesn't list runs no node.
    private func isListed(_ number: Int) -> Bool {
        files[number - 1]?.names.contains("n\(number)") ?? true
    }

    // MARK: Names

    package static func address(_ host: Int) -> IPAddress {
        .v4(IPv4Address(10, 0, 0, UInt8(truncatingIfNeeded: host)))
    }

    package static func server(_ host: Int) -> Endpoint {
        Endpoint(address: address(host), port: 6379)
    }

    package static func node(_ host: Int) -> Endpoint {
        Endpoint(address: address(host), port: 26379)
    }

    /// `1111…`, `2222…`: easy to tell apart in a message.
    package static func nodeID(_ host: Int) -> RunID {
        let digit = UInt64(host) &* 0x1111_1111_1111_1111
        return RunID(high: digit, middle: digit, low: UInt32(truncatingIfNeeded: digit))
    }

    func identity() -> RunID {
        identities += 1
        return RunID(high: 0xFEED, middle: identities, low: 0)
    }

    /// Which host an address belongs to.
    func host(of endpoint: Endpoint) -> Int? {
        (1...hosts.count).first { Self.address($0) == endpoint.address }
    }

    func settings(_ number: Int) -> Settings {
        var group = shape.settings
        group.quorum = shape.quorum
        var settings = Settings(
            name: "n\(number)", endpoint: Self.node(number),
            peers: (1...shape.hosts).filter { other in
                other != number && files[number - 1]?.names.contains("n\(other)") ?? true
            }.map {
                Settings.Peer(name: "n\($0)", endpoint: Self.node($0))
            },
            groups: [group], localAddresses: [Self.address(number)],
            virtualAddresses: [Self.writeAddress])
        settings.gossipsThroughServers = shape.gossips
        settings.declaredVoters = files[number - 1]
        settings.configurationDigest = files[number - 1]?.digest ?? 0
        return settings
    }

    // MARK: Time

    /// Time since the last ``settle()``.
    package var time: Interval { now - mark }

    func after(_ interval: Interval, _ action: @escaping () -> Void) {
        let planned = Planned(at: now + interval, number: nextPlanned, action: action)
        nextPlanned += 1
        // The soonest last, so that taking it moves nothing.
        var low = 0
        var high = queue.count
        while low < high {
            let middle = (low + high) / 2
            if queue[middle].at > planned.at { low = middle + 1 } else { high = middle }
        }
        queue.insert(planned, at: low)
    }

    /// Lets the time pass.
    package func run(_ interval: Interval) {
        run(until: now + interval) { false }
    }

    /// Lets the time pass until something is so; false when it did not become so in time.
    @discardableResult
    package func run(atMost limit: Interval, until isSo: () -> Bool) -> Bool {
        run(until: now + limit, isSo)
    }

    /// Lets the time pass until a node announces this.
    @discardableResult
    package func run(
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

    @discardableResult
    private func run(until end: Instant, _ isSo: () -> Bool) -> Bool {
        while let next = queue.last, next.at <= end {
            queue.removeLast()
            now = next.at
            next.action()
            if isSo() { return true }
        }
        now = end
        return isSo()
    }

    /// Lets everybody find everybody, then counts time and announcements from here.
    package func settle(_ interval: Interval = .seconds(5)) {
        run(interval)
        restartClock()
    }

    /// Forgets what was recorded and counts time from here.
    package func restartClock() {
        mark = now
        log.removeAll()
        addressLog.removeAll()
        sent.removeAll()
        opened.removeAll()
        watches.removeAll()
    }
}
