internal import Addressing
internal import MonotonicTime
internal import NIOCore
internal import NodeCore
internal import SentinelCore
internal import TransportSecurity

/// Feeds the core what happens and does what it wants done, all on one event loop.
///
/// Events are taken one at a time: what happens while effects are carried out waits its turn, so
/// that the core never sees an event in the middle of another's effects.
final class NodeEngine {
    /// What the engine needs of its surroundings.
    struct Surroundings {
        var clientNameStem: String
        var credentials: [String: Credentials]
        var secret: ClusterSecret
        /// What connections to servers are encrypted with; `nil` where they don't speak TLS.
        var security: TLSClientContext?
        var log: EventLog
        var carrier: any AddressCarrier
        var memory: Memory
        /// What failovers cost is written there; `nil` where nothing is kept.
        var journal: Journal?
        var connectTimeout: TimeAmount
        /// Runs the operator's scripts; `nil` when no group has one.
        var scripts: ScriptRunner?
        var readClocks: @Sendable () -> ClockReading = ClockReading.now
    }

    private let eventLoop: any EventLoop
    private let surroundings: Surroundings
    private var machine: any NodeMachine
    private var inbox: [NodeEvent] = []
    private var isDraining = false
    private var isOver = false

    private var links: [LinkID: LinkHandler<LinkSession>] = [:]
    private var queries: [QueryID: (QueryAnswer) -> Void] = [:]
    private var queryCount: UInt64 = 0
    private var lastTick = Instant(nanoseconds: 0)
    private var nextTick: (due: Instant, timer: Scheduled<Void>)?
    private var processWatch: ProcessWatch?
    private var standstills = StandstillWatch()
    /// `nil` when the state file must not be written.
    private var writer: StateWriter?
    private var toldUnavailable: Set<Endpoint> = []
    /// Publishes an event to the subscribed clients.
    var publish: ((Announcement) -> Void)?

    /// How a query ended.
    enum QueryAnswer: Equatable {
        case peer(PeerReply)
        /// `nil`: the order was accepted.
        case order(error: String?)
    }

    init(machine: any NodeMachine, surroundings: Surroundings, eventLoop: any EventLoop) {
        self.machine = machine
        self.surroundings = surroundings
        self.eventLoop = eventLoop
    }

    /// Begins the node's life: its first event is a tick.
    func start() {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let eventLoop = self.eventLoop
        processWatch = ProcessWatch { report in
            eventLoop.execute { bound.value.processReported(report) }
        }
        if surroundings.memory.problem == nil {
            writer = StateWriter(file: surroundings.memory.file) { sequence, failure in
                eventLoop.execute { bound.value.stateReached(sequence, failure) }
            }
        }
        tick()
    }

    /// Closes every link and feeds the core no more. The threads are the caller's to end.
    func stop() -> (ProcessWatch?, StateWriter?, JournalFile?) {
        isOver = true
        nextTick?.timer.cancel()
        for link in links.values { link.abandon() }
        links = [:]
        queries = [:]
        publish = nil
        return (processWatch, writer, surroundings.journal?.writer())
    }

    /// The journal as one JSON array.
    var history: String { surroundings.journal?.json ?? "[]" }

    var status: NodeStatus { machine.status(at: BootClock.now()) }

    /// Takes an event, now or after those before it.
    func feed(_ event: NodeEvent) {
        guard !isOver else { return }
        inbox.append(event)
        guard !isDraining else { return }
        isDraining = true
        noticeStandstill()
        while !inbox.isEmpty {
            let events = inbox
            inbox = []
            for event in events { handle(event) }
        }
        isDraining = false
        scheduleTick()
    }

    /// Before anything else is decided: the clock by which it is may have stood.
    private func noticeStandstill() {
        guard let standstill = standstills.compare(surroundings.readClocks()) else { return }
        log(LogLine(standstill))
        handle(.stoodStill)
    }

    func feed(_ event: SentinelCore.Event) {
        feed(.sentinel(event))
    }

    /// Asks the core something on behalf of a client; `answer` is called once, perhaps at once.
    /// The number serves ``forget(_:)``.
    func ask(
        _ answer: @escaping (QueryAnswer) -> Void, event: (QueryID) -> SentinelCore.Event
    ) -> QueryID {
        queryCount += 1
        let query = QueryID(number: queryCount)
        queries[query] = answer
        feed(event(query))
        return query
    }

    /// The one who asked is gone.
    func forget(_ query: QueryID) {
        queries[query] = nil
    }

    func log(_ line: LogLine) {
        surroundings.log.write(line)
    }

    private func handle(_ event: NodeEvent) {
        var effects: [NodeEffect] = []
        machine.handle(event, at: BootClock.now(), effects: &effects)
        for effect in effects {
            switch effect {
            case .sentinel(let effect): carryOut(effect)
            case .address(let effect): carryOut(effect)
            }
        }
    }

    private func carryOut(_ effect: SentinelCore.Effect) {
        switch effect {
        case .open(let id, let target): open(id, target)
        case .close(let id): links.removeValue(forKey: id)?.abandon()
        case .request(let id, let request): links[id]?.ask { $0.ask(request) }
        case .reply(let query, let reply): queries.removeValue(forKey: query)?(.peer(reply))
        case .respond(let query, let error):
            queries.removeValue(forKey: query)?(.order(error: error))
        case .persist(let state, let sequence): persist(state, sequence)
        case .announce(let announcement): announce(announcement)
        case .record(let record): surroundings.journal?.note(record)
        case .clientsMoved(let group, let part, let from, let to):
            surroundings.scripts?.clientsMoved(group: group, by: part, from: from, to: to)
        case .watchProcess(let endpoint, let processID):
            processWatch?.watch(endpoint, processID: processID)
        }
    }

    private func carryOut(_ effect: AddressEffect) {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let eventLoop = self.eventLoop
        surroundings.carrier.carry(effect) { event in
            eventLoop.execute { bound.value.feed(.address(event)) }
        }
    }

    private func open(_ id: LinkID, _ target: LinkTarget) {
        let endpoint: Endpoint
        let purpose: String
        var credentials: Credentials?
        var security: TLSClientContext?
        switch target {
        case .server(let server, let group):
            (endpoint, purpose) = (server, "cmd")
            (credentials, security) = (surroundings.credentials[group], surroundings.security)
        case .subscription(let server, let group):
            (endpoint, purpose) = (server, "pubsub")
            (credentials, security) = (surroundings.credentials[group], surroundings.security)
        case .peer(let peer):
            (endpoint, purpose) = (peer, "cmd")
        }
        let session = LinkSession(
            target: target, clientName: "\(surroundings.clientNameStem)-\(purpose)",
            credentials: credentials, secret: surroundings.secret, nonce: Nonce.drawn())
        let handler = LinkHandler(session: session) { [weak self] signal in
            self?.linkSignalled(id, signal)
        }
        links.removeValue(forKey: id)?.abandon()
        links[id] = handler
        LinkSocket.connect(
            to: endpoint, on: eventLoop, within: surroundings.connectTimeout, security: security,
            handler: handler)
    }

    private func linkSignalled(_ id: LinkID, _ signal: LinkSession.Signal) {
        switch signal {
        case .opened: feed(.linkOpened(id))
        case .replied(let reply): feed(.replied(id, reply))
        case .heard(let text): feed(.heard(id, text))
        case .broken(let failure):
            links[id] = nil
            feed(.linkClosed(id, failure))
        }
    }

    private func persist(_ state: PersistentState, _ sequence: UInt64) {
        guard let writer else {
            let reason = surroundings.memory.problem ?? "the node has not started"
            feed(.persistFailed(sequence: sequence, reason: reason))
            return
        }
        writer.write(state, sequence: sequence)
    }

    private func stateReached(_ sequence: UInt64, _ failure: StateFileError?) {
        if let failure {
            feed(.persistFailed(sequence: sequence, reason: failure.description))
        } else {
            feed(.persisted(sequence: sequence))
        }
    }

    private func announce(_ announcement: Announcement) {
        log(LogLine(announcement))
        if announcement.name.isPublished, announcement.name.level != .debug {
            publish?(announcement)
            surroundings.scripts?.notify(announcement)
        }
    }

    private func processReported(_ report: ProcessWatch.Report) {
        switch report {
        case .ended(let endpoint, let processID):
            toldUnavailable.remove(endpoint)
            feed(.processEnded(endpoint, processID: processID))
        case .unavailable(let endpoint, _, let reason):
            guard toldUnavailable.insert(endpoint).inserted else { return }
            log(
                LogLine(
                    .warning,
                    "The end of the server at \(endpoint) will not be seen at once, only by its"
                        + " silence: \(reason)"))
        }
    }

    // MARK: Ticks

    private func tick() {
        lastTick = BootClock.now()
        nextTick = nil
        feed(.tick)
    }

    /// Sees to it that the next tick comes no later than the core wants it, which may be sooner
    /// than it was before the last event.
    private func scheduleTick() {
        guard !isOver else { return }
        let now = BootClock.now()
        let due = lastTick + machine.tickPeriod(at: now)
        if let nextTick {
            guard due < nextTick.due else { return }
            nextTick.timer.cancel()
        }
        let delay = TimeAmount.nanoseconds(max(0, (due - now).nanoseconds))
        let timer = eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
            guard let self else { return }
            self.tick()
        }
        nextTick = (due, timer)
    }
}
