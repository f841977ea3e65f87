import Addressing
import MonotonicTime
import NIOCore
import NodeCore
import SentinelCore
import Synchronization
import Testing

@testable import SentinelDriver

/// A node whose core is played by the test: it says what is to be done and sees what happens.
final class Stage: Sendable {
    let loop: NodeLoop
    private let actor: Actor
    private let events: AsyncStream<NodeEvent>
    let log: LogCapture

    /// Stands in the core's place.
    private struct Machine: NodeMachine {
        let actor: Actor

        mutating func handle(
            _ event: NodeEvent, at now: Instant, effects: inout [NodeEffect]
        ) {
            effects += actor.effects(for: event)
        }

        func tickPeriod(at now: Instant) -> Interval { .milliseconds(5) }

        var holdsNothing: Bool { true }

        func status(at now: Instant) -> NodeStatus { actor.status.withLock { $0 } }
    }

    private final class Actor: Sendable {
        let waiting = Mutex<[NodeEffect]>([])
        let status: Mutex<NodeStatus>
        let answers: Mutex<@Sendable (QueryID, PeerMessage) -> PeerReply?>
        let continuation: AsyncStream<NodeEvent>.Continuation

        init(status: NodeStatus, continuation: AsyncStream<NodeEvent>.Continuation) {
            self.status = Mutex(status)
            self.continuation = continuation
            answers = Mutex { _, _ in nil }
        }

        func effects(for event: NodeEvent) -> [NodeEffect] {
            if event != .sentinel(.tick) { continuation.yield(event) }
            var effects = waiting.withLock { waiting in
                defer { waiting = [] }
                return waiting
            }
            if case .sentinel(.asked(let query, let message)) = event,
                let reply = answers.withLock({ $0(query, message) })
            {
                effects.append(.sentinel(.reply(query, reply)))
            }
            return effects
        }
    }

    /// Does nothing with an address, and says that it did.
    private struct Carrier: AddressCarrier {
        func carry(
            _ effect: AddressEffect, report: @escaping @Sendable (AddressEvent) -> Void
        ) {
            if case .take(let group, _, _) = effect { report(.done(group: group, .take)) }
        }
    }

    init(
        status: NodeStatus = .example, secret: ClusterSecret = .shared("geheim"),
        credentials: [String: Credentials] = [:], stateFile: StateFile? = nil,
        readClocks: @escaping @Sendable () -> ClockReading = ClockReading.now
    ) async throws {
        let (events, continuation) = AsyncStream<NodeEvent>.makeStream()
        self.events = events
        actor = Actor(status: status, continuation: continuation)
        log = try LogCapture()
        var settings = Settings(
            name: "redis01",
            endpoint: Endpoint(address: .v4(IPv4Address(127, 0, 0, 1)), port: 0), peers: [],
            groups: [], localAddresses: [])
        settings.peers = [
            .init(
                name: "redis02",
                endpoint: Endpoint(address: .v4(IPv4Address(10, 0, 0, 2)), port: 26379))
        ]
        let file = stateFile ?? StateFile(path: log.directory.path + "/state")
        var options = NodeLoop.Options(
            settings: settings, stateFile: file, secret: secret, version: "1.2.3")
        options.credentials = credentials
        options.bindAddresses = [settings.endpoint.address]
        loop = try await NodeLoop.start(
            Machine(actor: actor), options, memory: Memory(file), carrier: Carrier(),
            log: log.log, connectTimeout: .milliseconds(500), readClocks: readClocks)
    }

    var port: Int { loop.listeningPorts[0] }

    /// Has the core want this, at its next event.
    func perform(_ effects: [SentinelCore.Effect]) {
        actor.waiting.withLock { $0 += effects.map(NodeEffect.sentinel) }
    }

    func perform(_ effect: AddressEffect) {
        actor.waiting.withLock { $0.append(.address(effect)) }
    }

    func setStatus(_ status: NodeStatus) {
        actor.status.withLock { $0 = status }
    }

    func answer(_ answers: @escaping @Sendable (QueryID, PeerMessage) -> PeerReply?) {
        actor.answers.withLock { $0 = answers }
    }

    /// The next thing that happened, ticks apart.
    func next() async throws -> NodeEvent {
        var iterator = events.makeAsyncIterator()
        return try #require(await iterator.next())
    }

    func nextEvent() async throws -> SentinelCore.Event {
        guard case .sentinel(let event) = try await next() else {
            throw NotSentinel()
        }
        return event
    }

    struct NotSentinel: Error {}

    func stop() async throws {
        try await loop.stop()
        await log.log.shutDown()
    }
}

extension Endpoint {
    static func loopback(_ port: UInt16) -> Endpoint {
        Endpoint(address: .v4(IPv4Address(127, 0, 0, 1)), port: port)
    }
}
