internal import Addressing
internal import MonotonicTime
internal import NIOCore
internal import NIOPosix
public import ObserverCore
internal import SentinelCore
public import TransportSecurity

/// Runs one observer a group, all on one event loop, and tells what they see.
public final class ObserverLoop: Sendable {
    /// One group to be observed.
    public struct Assignment: Sendable {
        public var settings: ObserverSettings
        /// What the group's servers want to hear.
        public var credentials: Credentials?
        /// What connections to them are encrypted with; `nil` where they don't speak TLS.
        public var security: TLSClientContext?

        public init(
            settings: ObserverSettings, credentials: Credentials?,
            security: TLSClientContext? = nil
        ) {
            self.settings = settings
            self.credentials = credentials
            self.security = security
        }
    }

    /// What is heard of the write address of a group going to another host while all is well.
    public enum Move: Equatable, Sendable {
        /// It will presently; writes that are sent from now on may be cut off in the middle.
        case announced
        /// Nothing comes of it. That it is done is told by the view of a newer epoch.
        case calledOff
    }

    private let group: MultiThreadedEventLoopGroup
    private let engines: NIOLoopBound<[ObserverEngine]>

    /// Starts; it runs until ``stop()``.
    ///
    /// - Parameters:
    ///   - log: is told what an operator should know, on the loop's thread.
    ///   - report: is told of each new view of a group, by the group's name; on the loop's thread.
    ///   - move: is told of planned moves, by the group's name; on the loop's thread, at once.
    public static func start(
        _ assignments: [Assignment], log: @escaping @Sendable (LogLine) -> Void,
        report: @escaping @Sendable (String, GroupView) -> Void,
        move: @escaping @Sendable (String, Move) -> Void = { _, _ in }
    ) async throws -> ObserverLoop {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let eventLoop = group.next()
        let engines = try await eventLoop.submit {
            let engines = assignments.map {
                ObserverEngine($0, log: log, report: report, move: move, eventLoop: eventLoop)
            }
            for engine in engines { engine.start() }
            return NIOLoopBound(engines, eventLoop: eventLoop)
        }.get()
        return ObserverLoop(group, engines)
    }

    private init(_ group: MultiThreadedEventLoopGroup, _ engines: NIOLoopBound<[ObserverEngine]>) {
        self.group = group
        self.engines = engines
    }

    /// Closes every connection.
    public func stop() async throws {
        try await group.next().submit { [engines] in
            for engine in engines.value { engine.stop() }
        }.get()
        try await group.shutdownGracefully()
    }
}

/// One observer with its links.
final class ObserverEngine {
    private let assignment: ObserverLoop.Assignment
    private let log: (LogLine) -> Void
    private let report: (String, GroupView) -> Void
    private let move: (String, ObserverLoop.Move) -> Void
    private let eventLoop: any EventLoop
    private var observer: Observer
    private var links: [ObserverTarget: LinkHandler<ObserverSession>] = [:]
    /// What was last complained of, each target's own.
    private var complaints: [ObserverTarget: String] = [:]
    private var ticks: RepeatedTask?

    private static let connectTimeout = TimeAmount.milliseconds(1_000)
    private static let clientName = "baton-observer"

    init(
        _ assignment: ObserverLoop.Assignment, log: @escaping (LogLine) -> Void,
        report: @escaping (String, GroupView) -> Void,
        move: @escaping (String, ObserverLoop.Move) -> Void, eventLoop: any EventLoop
    ) {
        self.assignment = assignment
        self.log = log
        self.report = report
        self.move = move
        self.eventLoop = eventLoop
        observer = Observer(assignment.settings, at: BootClock.now())
    }

    func start() {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let period = TimeAmount.nanoseconds(observer.tickPeriod.nanoseconds)
        ticks = eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: period) { _ in
            bound.value.feed(.tick)
        }
    }

    func stop() {
        ticks?.cancel()
        ticks = nil
        // Order reaches nothing: each is closed.
        for handler in links.values { handler.abandon() }
        links = [:]
    }

    private func feed(_ event: ObserverEvent) {
        var effects: [ObserverEffect] = []
        observer.handle(event, at: BootClock.now(), effects: &effects)
        for effect in effects { carryOut(effect) }
    }

    private func carryOut(_ effect: ObserverEffect) {
        switch effect {
        case .open(let target): open(target)
        case .close(let target): links.removeValue(forKey: target)?.abandon()
        case .ask(let target): links[target]?.ask { $0.ask() }
        case .publish(let view): report(assignment.settings.group, view)
        case .announceMove: move(assignment.settings.group, .announced)
        case .callOffMove: move(assignment.settings.group, .calledOff)
        }
    }

    private func open(_ target: ObserverTarget) {
        let endpoint: Endpoint
        var security: TLSClientContext?
        switch target {
        case .server(let server): (endpoint, security) = (server, assignment.security)
        case .node(let node), .events(let node): endpoint = node
        }
        let session = ObserverSession(
            target: target, group: assignment.settings.group, clientName: Self.clientName,
            credentials: assignment.credentials)
        links.removeValue(forKey: target)?.abandon()
        let handler = LinkHandler(session: session) { [weak self] signal in
            self?.signalled(target, endpoint, signal)
        }
        links[target] = handler
        LinkSocket.connect(
            to: endpoint, on: eventLoop, within: Self.connectTimeout, security: security,
            handler: handler)
    }

    private func signalled(
        _ target: ObserverTarget, _ endpoint: Endpoint, _ signal: ObserverSession.Signal
    ) {
        switch signal {
        case .opened:
            feed(.opened(target))
        case .said(let event):
            complaints[target] = nil
            feed(event)
        case .broken(let failure):
            links[target] = nil
            complain(target, endpoint, failure)
            feed(.closed(target))
        }
    }

    /// Of what somebody must put right, once until it is.
    private func complain(
        _ target: ObserverTarget, _ endpoint: Endpoint, _ failure: LinkFailure
    ) {
        let text: String
        switch failure {
        case .denied(let reason): text = "\(endpoint) lets nobody in: \(reason)"
        case .confused(let reason): text = "\(endpoint) is not what it should be: \(reason)"
        case .insecure(let reason): text = "no TLS comes about with \(endpoint): \(reason)"
        case .refused, .closed, .unreachable, .requested: return
        }
        guard complaints[target] != text else { return }
        complaints[target] = text
        log(LogLine(.warning, "\(assignment.settings.group): \(text)"))
    }
}
