public import Addressing
import Glibc
public import MonotonicTime

/// Many clients on one thread, each of which remembers what was acknowledged, what was answered
/// with an error, and what it never heard of: so that it can be told afterwards whether anything
/// ran twice, or ran that was said not to have run.
///
/// Every client has a counter, a list and keys of its own, which nobody else touches. Whatever a
/// reply tells is compared with what only this client could have been told, so that a reply that
/// reached the wrong client is seen too.
public final class Swarm: Sendable {
    /// What the clients do.
    public enum Work: Equatable, Sendable {
        /// In turns INCR, and a push of a member that is never pushed again.
        case writes
        /// The same, and GET of the counter.
        case writesAndReads
        /// GET of a key that holds this value.
        case reads(key: String, value: String)
    }

    /// Who they are, and what they do.
    public struct Settings: Sendable {
        /// Where all of them connect.
        public var target: Endpoint
        public var work: Work
        public var count: Int
        public var password: String?
        /// What their keys begin with.
        public var keyPrefix: String
        /// How many requests a client has under way at most; the clients take them in turns.
        public var depths: [Int]
        /// From the last reply of a client to its next request.
        public var pause: Interval

        /// Half of the clients wait for each reply; the others send up to eight requests at once.
        public init(
            target: Endpoint, work: Work, count: Int,
            password: String? = RedisSettings.note.password, keyPrefix: String = "swarm:",
            depths: [Int] = [1, 2, 1, 8], pause: Interval = .milliseconds(20)
        ) {
            precondition(count > 0 && !depths.isEmpty && depths.allSatisfy { $0 > 0 })
            self.target = target
            self.work = work
            self.count = count
            self.password = password
            self.keyPrefix = keyPrefix
            self.depths = depths
            self.pause = pause
        }
    }

    /// What the clients were configured with.
    public let settings: Settings
    private let interruption = Interruption()
    private let state: Shared<State>

    struct State: Sendable {
        var clients: [SwarmClient]
        var tally = SwarmTally()
        /// No more requests are to be begun.
        var isFinishing = false
        var isFinished = false
    }

    /// Begins at once, inside a host; it stops at the latest when the laboratory closes.
    public init(on host: Host, _ settings: Settings) {
        self.settings = settings
        let clients = (0..<settings.count).map { SwarmClient(number: $0, settings: settings) }
        let state = Shared(State(clients: clients))
        self.state = state
        let interruption = interruption
        host.start(until: interruption) { Self.serve(state, interruption) }
    }

    /// Ends when it is asked to, at the latest when the laboratory closes.
    private static func serve(_ state: Shared<State>, _ interruption: Interruption) {
        var polled: [pollfd] = []
        while true {
            let isOver = state.with { state in
                state.prepare(&polled, Laboratory.now)
                return state.isFinished
            }
            if isOver { return }
            polled.append(pollfd(fd: interruption.readEnd, events: Int16(POLLIN), revents: 0))
            let ready = poll(&polled, nfds_t(polled.count), tickMilliseconds)
            let isInterrupted = ready > 0 && polled[polled.count - 1].revents != 0
            state.with { state in
                if isInterrupted { state.end() }
                if ready > 0 { state.receive(polled, Laboratory.now) }
            }
        }
    }

    /// How late a request may go out.
    private static let tickMilliseconds: Int32 = 1

    /// What has happened so far.
    public var tally: SwarmTally {
        state.with { $0.tally }
    }

    /// What each client knows of its keys so far.
    public var accounts: [SwarmAccount] {
        state.with { $0.clients.map(\.account) }
    }

    /// Waits until every client has been served a request that it sent after `moment`, a write
    /// where it writes; `false` when one has not been within `limit`.
    public func waitUntilServed(after moment: Instant, atMost limit: Interval) -> Bool {
        let deadline = Laboratory.now + limit
        while Laboratory.now < deadline {
            let isServed = state.with { state in
                state.clients.allSatisfy { ($0.servedSince ?? moment) > moment }
            }
            if isServed { return true }
            usleep(5_000)
        }
        return false
    }

    /// Begins no more requests, waits for the replies to those under way, and disconnects. What is
    /// unanswered after `limit` is counted as such.
    @discardableResult
    public func finish(atMost limit: Interval = .seconds(15)) -> SwarmTally {
        state.with { $0.isFinishing = true }
        let deadline = Laboratory.now + limit
        if state.wait(until: deadline, { $0.isFinished ? true : nil }) == nil {
            interruption.interrupt()
        }
        return state.wait { $0.isFinished ? $0.tally : nil }!
    }
}

extension Swarm.State {
    /// Connects and sends what is due, and tells what is waited for: one entry a client.
    mutating func prepare(_ polled: inout [pollfd], _ now: Instant) {
        polled.removeAll(keepingCapacity: true)
        guard !isFinished else { return }
        for index in clients.indices {
            clients[index].advance(now, isFinishing: isFinishing, &tally)
            polled.append(clients[index].interest)
        }
        if isFinishing, clients.allSatisfy(\.isIdle) { end() }
    }

    mutating func receive(_ polled: [pollfd], _ now: Instant) {
        guard !isFinished else { return }
        for index in clients.indices where polled[index].revents != 0 {
            clients[index].wake(now, &tally)
        }
    }

    mutating func end() {
        guard !isFinished else { return }
        for index in clients.indices { clients[index].leave(&tally) }
        isFinished = true
    }
}
