internal import Addressing
internal import DropInCore
internal import Glibc
internal import MonotonicTime
internal import NIOCore
internal import SentinelCore
internal import TransportSecurity

/// Feeds the core of a drop-in Sentinel what happens and does what it wants done, all on one event
/// loop. It is what the Sentinel's own port asks and orders.
///
/// Events are taken one at a time: what happens while effects are carried out waits its turn.
final class DropInEngine {
    /// What the engine needs of its surroundings.
    struct Surroundings {
        var storage: any DropInStorage
        var log: EventLog
        /// Ends the process with exit code 99.
        var crash: @Sendable () -> Void
        /// What links are encrypted with; `nil`: nothing.
        var security: TLSClientContext?
        /// This host's end of links; `nil`: as the kernel chooses.
        var source: IPAddress?
    }

    let eventLoop: any EventLoop
    private let surroundings: Surroundings
    private let clientNameStem: String
    private var core: DropIn
    private var inbox: [DropInEvent] = []
    private var isDraining = false
    private var isOver = false

    private var links: [LinkID: LinkHandler<DropInSession>] = [:]
    private var opinions: [QueryID: (DownAnswer) -> Void] = [:]
    private var outcomes: [QueryID: (OrderOutcome) -> Void] = [:]
    private var queryCount: UInt64 = 0
    private var lastTick = Instant(nanoseconds: 0)
    private var nextTick: (due: Instant, timer: Scheduled<Void>)?
    private let writer: DropInWriter
    private let resolver = NameResolver()
    private var scripts: ScriptLauncher?
    /// Publishes an event on the channel of its name.
    var publish: ((Announcement) -> Void)?

    init(core: DropIn, id: RunID, surroundings: Surroundings, eventLoop: any EventLoop) {
        self.core = core
        self.surroundings = surroundings
        self.eventLoop = eventLoop
        clientNameStem = "sentinel-\(id.description.prefix(8))"
        writer = DropInWriter(surroundings.storage)
    }

    func start() {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let eventLoop = self.eventLoop
        scripts = ScriptLauncher { event in
            eventLoop.execute { bound.value.feed(event) }
        }
        lastTick = BootClock.now()
        feed(.started)
        tick()
    }

    /// Closes every link and feeds the core no more. The threads are the caller's to end.
    func stop() -> (DropInWriter, NameResolver, ScriptLauncher?) {
        isOver = true
        nextTick?.timer.cancel()
        // Order reaches nothing: each is closed.
        for link in links.values { link.abandon() }
        links = [:]
        opinions = [:]
        outcomes = [:]
        publish = nil
        return (writer, resolver, scripts)
    }

    // MARK: For the port

    /// Carries an order out; `answer` is called once, when it is done and saved.
    func order(_ order: Order, answer: @escaping (OrderOutcome) -> Void) {
        let query = nextQuery()
        outcomes[query] = answer
        feed(.ordered(query, order))
    }

    /// Asks for an opinion or a vote; `answer` is called once, when a vote is saved.
    func ask(_ question: DownQuestion, answer: @escaping (DownAnswer) -> Void) {
        let query = nextQuery()
        opinions[query] = answer
        feed(.asked(query, question))
    }

    /// The first address of a name; `nil`: it has none.
    func resolve(_ name: String, answer: @escaping (IPAddress?) -> Void) {
        let answer = NIOLoopBound(answer, eventLoop: eventLoop)
        let eventLoop = self.eventLoop
        resolver.resolve(name) { address in
            eventLoop.execute { answer.value(address) }
        }
    }

    /// A hello that was published to the port.
    func receiveHello(_ text: String) {
        feed(.published(text))
    }

    func portrait() -> NodePortrait { core.portrait(at: BootClock.now()) }

    func portrait(of group: String) -> GroupPortrait? {
        core.portrait(of: group, at: BootClock.now())
    }

    func pendingScripts() -> [PendingScript] { core.pendingScripts(at: BootClock.now()) }

    private func nextQuery() -> QueryID {
        queryCount += 1
        return QueryID(number: queryCount)
    }

    // MARK: Events

    /// Takes an event, now or after those before it.
    func feed(_ event: DropInEvent) {
        guard !isOver else { return }
        inbox.append(event)
        guard !isDraining else { return }
        isDraining = true
        while !inbox.isEmpty {
            let events = inbox
            inbox = []
            for event in events { handle(event) }
        }
        isDraining = false
        scheduleTick()
    }

    private func handle(_ event: DropInEvent) {
        var effects: [DropInEffect] = []
        core.handle(event, at: BootClock.now(), effects: &effects)
        for effect in effects { carryOut(effect) }
    }

    private func carryOut(_ effect: DropInEffect) {
        switch effect {
        case .open(let id, let target): open(id, target)
        case .close(let id): links.removeValue(forKey: id)?.abandon()
        case .request(let id, let request, let names):
            links[id]?.ask { $0.ask(request, names: names) }
        case .resolve(let host):
            resolve(host) { [weak self] address in self?.feed(.resolved(host, address)) }
        case .answer(let query, let answer): opinions.removeValue(forKey: query)?(answer)
        case .outcome(let query, let outcome): outcomes.removeValue(forKey: query)?(outcome)
        case .persist(let ledger, let globals, let sequence): persist(ledger, globals, sequence)
        case .announce(let announcement): announce(announcement)
        case .announceDelay(let delay): surroundings.log.write(Self.delayLine(delay))
        case .runScript(let script, let path, let arguments):
            scripts?.run(script, path: path, arguments: arguments)
        case .killScript(let script): scripts?.kill(script)
        case .crash: surroundings.crash()
        }
    }

    private func open(_ id: LinkID, _ target: DropInTarget) {
        let session = DropInSession(target: target, clientNameStem: clientNameStem)
        let handler = LinkHandler(session: session) { [weak self] signal in
            self?.linkSignalled(id, signal)
        }
        links[id] = handler
        LinkSocket.connect(
            to: target.endpoint, from: surroundings.source, on: eventLoop,
            within: .nanoseconds(DropIn.connectTimeout.nanoseconds),
            security: surroundings.security, handler: handler)
    }

    private func linkSignalled(_ id: LinkID, _ signal: DropInSession.Signal) {
        switch signal {
        case .opened:
            let local = links[id]?.localAddress?.ipAddress.flatMap { IPAddress($0) }
            feed(.linkOpened(id, local: local))
        case .replied(let reply): feed(.replied(id, reply))
        case .heard(let text): feed(.heard(id, text))
        case .broken(let failure):
            links[id] = nil
            feed(.linkClosed(id, failure))
        }
    }

    private func persist(_ ledger: Ledger, _ globals: GlobalSettings, _ sequence: UInt64) {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let eventLoop = self.eventLoop
        writer.save(ledger, globals) { failure in
            let event: DropInEvent =
                failure.map { .persistFailed(sequence: sequence, reason: $0.description) }
                ?? .persisted(sequence: sequence)
            eventLoop.execute { bound.value.feed(event) }
        }
    }

    private func announce(_ announcement: Announcement) {
        surroundings.log.write(LogLine(announcement))
        if announcement.name.isPublished, announcement.name.level != .debug {
            publish?(announcement)
        }
    }

    /// Sentinel's line, with a moment of the wall clock.
    private static func delayLine(_ delay: Interval) -> LogLine {
        var moment = time(nil) + time_t(delay.nanoseconds / 1_000_000_000)
        var text = [CChar](repeating: 0, count: 26)
        ctime_r(&moment, &text)
        let date = text.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init(bitPattern:))
        return LogLine(
            .warning,
            "Next failover delay: I will not start a failover before "
                + String(decoding: date, as: UTF8.self))
    }

    // MARK: Ticks

    private func tick() {
        lastTick = BootClock.now()
        nextTick = nil
        feed(.tick)
    }

    /// Sees to it that the next tick comes no later than the core wants it.
    private func scheduleTick() {
        guard !isOver else { return }
        let now = BootClock.now()
        let due = lastTick + core.tickPeriod(at: now)
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
