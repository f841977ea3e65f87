import Addressing
import DropInCore
import MonotonicTime
import RESP
import SentinelCore

@testable import SentinelPort

/// A Sentinel that stands behind a port and says what it was given to say.
final class Sayings: PortSurroundings {
    var said: NodePortrait
    var scripts: [PendingScript] = []
    var executables: [String] = ["/bin/notify"]

    init(_ portrait: NodePortrait) { said = portrait }

    func portrait() -> NodePortrait { said }
    func portrait(of group: String) -> GroupPortrait? {
        said.groups.first { $0.master.name == group }
    }
    func pendingScripts() -> [PendingScript] { scripts }
    func processorTimes() -> ProcessorTimes {
        var times = ProcessorTimes()
        times.user = 1_500_000
        return times
    }
    /// No digest, but as long as one and different for different bytes.
    func digest(_ bytes: [UInt8]) -> [UInt8] {
        Array((bytes + [UInt8](repeating: 0, count: 32)).prefix(32))
    }
    func randomBytes(_ count: Int) -> [UInt8] { [UInt8](repeating: 0xAB, count: count) }
    func isExecutable(_ path: String) -> Bool { executables.contains(path) }
}

/// A port with clients, and what comes out of it.
struct Counter {
    var port: Port
    let sayings: Sayings
    var now = Moment(monotonic: Instant(nanoseconds: 0), wallMicroseconds: 1_700_000_000_000_000)
    private(set) var effects: [PortEffect] = []

    init(_ portrait: NodePortrait = .example, change: (inout PortSettings) -> Void = { _ in }) {
        var settings = PortSettings(
            runID: RunID(high: 1, middle: 2, low: 3), processID: 77,
            startedAt: Instant(nanoseconds: 0))
        change(&settings)
        port = Port(settings)
        sayings = Sayings(portrait)
        arrive(1)
    }

    mutating func arrive(_ id: Int, isLoopback: Bool = true) {
        effects = port.arrive(
            PortClient.Arrival(
                id: id, remote: "127.0.0.1:\(40_000 + id)", local: "127.0.0.1:26379",
                descriptor: 9, isLoopback: isLoopback), at: now)
    }

    /// What a client is sent for a request, blanks dividing its words.
    @discardableResult
    mutating func ask(_ text: String, _ id: Int = 1) -> [RESPValue] {
        ask(words: text.split(separator: " ").map(String.init), id)
    }

    @discardableResult
    mutating func ask(words: [String], _ id: Int = 1) -> [RESPValue] {
        effects = port.handle(words.map { Array($0.utf8) }, from: id, at: now, sayings)
        return replies(to: id)
    }

    /// The text of the only reply, an error's with its mark.
    mutating func text(_ text: String, _ id: Int = 1) -> String {
        let values = ask(text, id)
        guard values.count == 1 else { return "\(values.count) replies" }
        return Self.text(values[0])
    }

    static func text(_ value: RESPValue) -> String {
        if let bytes = value.errorBytes { return "-" + String(decoding: bytes, as: UTF8.self) }
        if case .integer(let number) = value { return ":\(number)" }
        if value.isNull { return "null" }
        if let elements = value.elements {
            return "[" + elements.map(text).joined(separator: " ") + "]"
        }
        return value.text ?? "\(value)"
    }

    func replies(to id: Int) -> [RESPValue] {
        effects.compactMap {
            if case .send(id, let value, _) = $0 { value } else { nil }
        }
    }

    /// The order that came out, with its ticket.
    var order: (order: Order, ticket: Ticket)? {
        for case .order(let order, let ticket) in effects { return (order, ticket) }
        return nil
    }

    /// Answers the order, and returns what the client is sent then.
    mutating func answer(_ outcome: OrderOutcome, _ id: Int = 1) -> [String] {
        guard let ticket = order?.ticket else { return ["no order"] }
        effects = port.answer(outcome, to: ticket)
        return replies(to: id).map(Self.text)
    }

    var closed: [Int] {
        effects.compactMap { if case .close(let id) = $0 { id } else { nil } }
    }
}

extension NodePortrait {
    /// One group, `orders`, with a replica, a replica that hides, and another Sentinel.
    static var example: NodePortrait {
        var portrait = NodePortrait(
            id: RunID(high: 7, middle: 8, low: 9), currentEpoch: 4, globals: GlobalSettings(),
            periods: Periods())
        let settings = MasterSettings(name: "orders", quorum: 2)
        var master = InstancePortrait(
            kind: .master(
                MasterFacts(
                    configEpoch: 3, replicaCount: 2, sentinelCount: 1, settings: settings)),
            name: "orders", host: "10.0.0.1", port: 6379, runID: nil, flags: ["master"],
            downAfter: .seconds(30))
        master.role = RoleFacts(
            infoAge: .milliseconds(12), reportsMaster: true, reportedFor: .milliseconds(99))
        var group = GroupPortrait(master: master, clientHost: "10.0.0.2", clientPort: 6380)
        group.replicas = [.replica(2, isAnnounced: true), .replica(3, isAnnounced: false)]
        group.sentinels = [
            InstancePortrait(
                kind: .sentinel(
                    SentinelFacts(
                        lastHello: .milliseconds(5), votedLeader: nil, votedLeaderEpoch: 0)),
                name: "peer", host: "10.0.0.9", port: 26379, runID: nil, flags: ["sentinel"],
                downAfter: .seconds(30))
        ]
        group.usableSentinelCount = 2
        group.reports = [
            GroupPortrait.CachedReport(age: .milliseconds(7), text: "# Server"),
            GroupPortrait.CachedReport(age: .milliseconds(8), text: nil),
        ]
        portrait.groups = [group]
        return portrait
    }
}

extension InstancePortrait {
    static func replica(_ last: Int, isAnnounced: Bool) -> InstancePortrait {
        var facts = ReplicaFacts()
        facts.isAnnounced = isAnnounced
        var replica = InstancePortrait(
            kind: .replica(facts), name: "10.0.0.\(last):6379", host: "10.0.0.\(last)",
            port: 6379, runID: nil, flags: ["slave"], downAfter: .seconds(30))
        replica.role = RoleFacts(infoAge: nil, reportsMaster: false, reportedFor: .zero)
        return replica
    }
}
