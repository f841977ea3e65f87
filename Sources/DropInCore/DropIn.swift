import Addressing
public import MonotonicTime
public import SentinelCore

/// A Sentinel: watches groups of servers together with other Sentinels, real ones among them, and
/// replaces a primary that is down.
///
/// The algorithm and its words are Redis Sentinel's: peers are discovered by hellos, groups come
/// and go at run time, a vote needs no pre-vote, a clock that jumps means TILT. What is faster
/// (``Rhythm``) is so where a real Sentinel among the peers cannot tell. What is stricter: what a
/// vote rests on is durable before the vote is sent, and no vote is given while saving fails.
///
/// No I/O, no clock, no randomness: every input is a ``DropInEvent``, every consequence a
/// ``DropInEffect``.
public struct DropIn: Sendable {
    let id: RunID
    /// The identity was drawn for this life: it is saved before it is used.
    private let isNew: Bool
    public internal(set) var globals: GlobalSettings
    public internal(set) var periods: Periods
    /// Whether a name matches a pattern of Redis's kind.
    let matches: @Sendable (_ pattern: String, _ name: String) -> Bool
    var currentEpoch: Epoch
    /// In the order of their keys.
    var groups: [Group] = []
    /// Places in `groups` by name. Only looked up: order never reaches an effect.
    var places: [String: Int] = [:]
    /// Places in `groups` by the primary's address; `nil` after a change, until it is asked for.
    /// Only looked up: order never reaches an effect.
    var primaries: [Endpoint: Int]?
    var nextKey: UInt32 = 1
    var connections = ConnectionTable()
    var names = NameTable()
    var outbox = Outbox()
    var scripts = ScriptQueue()
    var simulation: FailureSimulation = []
    /// Since when this node judges nothing, because its time jumped.
    var tiltedSince: Instant?
    private var lastTick: Instant
    private var lastFullPass: Instant?
    /// Some group may be hot; said anew at each tick.
    var isBusy = false
    /// Groups whose primary is down or that have a failover, as of the last tick.
    var hotCount = 0
    /// The next moment at which a primary that owes an answer is down, if that is before the next
    /// look at everything.
    var nextDeadline: Instant?
    /// The event at hand is applied at this moment.
    var now: Instant

    /// How long the driver may try to connect. Sentinel itself waits for the kernel; a link that
    /// is not answered is replaced after 15 s as well.
    public static let connectTimeout = Interval.seconds(15)

    /// More replicas or Sentinels than this are not added to a group: whoever may publish on a
    /// server can invent them.
    static let instanceCountMax = 1024

    /// An epoch beyond this is no epoch: it would leave no room to count on.
    static let epochMax = Epoch(1) << 62

    /// - Parameters:
    ///   - id: this node's identity; `isNew` where it was drawn just now and is in no file yet.
    ///   - matches: whether a name (second) matches a pattern of Redis's kind (first).
    public init(
        id: RunID, isNew: Bool, ledger: Ledger, globals: GlobalSettings,
        periods: Periods = Periods(), at now: Instant,
        matches: @escaping @Sendable (_ pattern: String, _ name: String) -> Bool
    ) {
        self.id = id
        self.isNew = isNew
        self.globals = globals
        self.periods = periods
        self.matches = matches
        self.now = now
        lastTick = now
        currentEpoch = ledger.entries.reduce(ledger.currentEpoch) {
            max($0, $1.configEpoch, $1.leaderEpoch)
        }
        for entry in ledger.entries where places[entry.settings.name] == nil { restore(entry) }
    }

    private mutating func restore(_ entry: Ledger.Entry) {
        var settings = entry.settings
        settings.downAfter = min(settings.downAfter, Rhythm.longest)
        settings.failoverTimeout = min(settings.failoverTimeout, Rhythm.longest)
        let group = addGroup(settings, primary: entry.primary)
        groups[group].configEpoch = entry.configEpoch
        groups[group].leaderEpoch = entry.leaderEpoch
        for place in entry.replicas where !knows(place, group) { addReplica(place, to: group) }
        for known in entry.sentinels {
            guard let other = known.id, other != id, peer(other, of: group) == nil else { continue }
            addPeer(other, at: known.place, to: group)
        }
    }

    /// Applies one event and appends what must now be done, in order, to `effects`.
    public mutating func handle(
        _ event: DropInEvent, at now: Instant, effects: inout [DropInEffect]
    ) {
        self.now = now
        switch event {
        case .started: start(&effects)
        case .tick: tick(&effects)
        case .linkOpened(let link, let local): linkOpened(link, local, &effects)
        case .linkClosed(let link, let failure): linkClosed(link, failure, &effects)
        case .replied(let link, let reply): replied(link, reply, &effects)
        case .heard(let link, let text): heard(link, text, &effects)
        case .published(let text): greeted(text, &effects)
        case .asked(let query, let question): asked(query, question, &effects)
        case .ordered(let query, let order): ordered(query, order, &effects)
        case .resolved(let host, let address): resolved(host, address, &effects)
        case .persisted(let sequence): persisted(sequence, &effects)
        case .persistFailed(let sequence, let reason): persistFailed(sequence, reason, &effects)
        case .scriptStarted(let script, let processID):
            scripts.started(script, processID: processID, into: &effects)
        case .scriptEnded(let script, let ending):
            scripts.ended(script, ending, delay: periods[.scriptRetryDelay], at: now, &effects)
        }
        scripts.run(at: now, runTimeMax: periods[.scriptRunTime], into: &effects)
        outbox.flush(outbox.needsState(at: now) ? (ledger, globals) : nil, into: &effects)
        for link in outbox.takeDropped() {
            guard let connection = connections.place(of: link) else { continue }
            connections[connection].pendingCount -= 1
        }
    }

    /// At the latest after this the next ``DropInEvent/tick`` is due.
    public func tickPeriod(at now: Instant) -> Interval {
        if isBusy { return Rhythm.tickBusy }
        guard let nextDeadline else { return Rhythm.tickIdle }
        return max(.milliseconds(1), min(Rhythm.tickIdle, nextDeadline - lastTick))
    }

    /// What must be durable.
    public var ledger: Ledger {
        var ledger = Ledger()
        ledger.id = id
        ledger.currentEpoch = currentEpoch
        ledger.entries = groups.map { group in
            let current = group.currentPrimary
            var entry = Ledger.Entry(
                settings: group.settings, primary: group.servers[current].place)
            entry.configEpoch = group.configEpoch
            entry.leaderEpoch = group.leaderEpoch
            entry.replicas = group.servers.indices.filter { $0 != current }.map {
                group.servers[$0].place
            }
            // The replicas first, as they became known; then the primary of before.
            if current != 0 { entry.replicas.append(entry.replicas.removeFirst()) }
            entry.sentinels = group.peers.map { Ledger.KnownSentinel(place: $0.place, id: $0.id) }
            return entry
        }
        return ledger
    }

    /// Scripts that run or wait, the oldest first.
    public func pendingScripts(at now: Instant) -> [PendingScript] { scripts.pending(at: now) }

    var isTilted: Bool { tiltedSince != nil }

    /// Sends what rests on the durable state, as soon as it is durable.
    mutating func sendWhenDurable(_ effect: DropInEffect) {
        outbox.add(effect)
    }

    mutating func stateChanged() {
        outbox.stateChanged()
    }

    // MARK: Start and time

    private mutating func start(_ effects: inout [DropInEffect]) {
        if isNew { stateChanged() }
        lastTick = now
        sendWhenDurable(.announce(Announcement(.alarm, detail: "Sentinel ID is \(id)")))
        for group in groups.indices {
            var events: [DropInEffect] = []
            announceMonitor(group, &events)
            for event in events { sendWhenDurable(event) }
        }
    }

    private mutating func tick(_ effects: inout [DropInEffect]) {
        noticeJump(&effects)
        let isFull = lastFullPass.map { now - $0 >= Rhythm.tickIdle } ?? true
        if isFull { lastFullPass = now }
        let isDeadline = nextDeadline.map { now >= $0 } ?? false
        if isFull || isDeadline { nextDeadline = nil }
        for group in groups.indices where isFull || isDeadline || groups[group].isHot {
            lookAfter(group, &effects)
        }
        hotCount = groups.count { $0.isHot }
        isBusy = hotCount > 0
        if let since = tiltedSince, now - since >= periods[.tilt] {
            tiltedSince = nil
            announce(.tiltEnd, "#tilt mode exited", &effects)
        }
    }

    /// A tick that comes much too late means that this process or its host stood still: what it
    /// takes for silence may be its own (Sentinel behaviour).
    private mutating func noticeJump(_ effects: inout [DropInEffect]) {
        let gap = now - lastTick
        lastTick = now
        guard gap < .zero || gap > periods[.tiltTrigger] else { return }
        tiltedSince = now
        announce(.tiltBegin, "#tilt mode entered", &effects)
    }

    private mutating func persisted(_ sequence: UInt64, _ effects: inout [DropInEffect]) {
        if outbox.persisted(sequence, into: &effects) {
            announce(.alarm, "The configuration can be saved again: this node votes.", &effects)
        }
        announce(.remark, "Sentinel new configuration saved on disk", &effects)
        // This node's own vote may count from now on.
        for group in groups.indices where groups[group].failover == .waitStart {
            review(group, &effects)
        }
    }

    private mutating func persistFailed(
        _ sequence: UInt64, _ reason: String, _ effects: inout [DropInEffect]
    ) {
        guard outbox.persistFailed(sequence, at: now, into: &effects) else { return }
        announce(
            .alarm,
            "WARNING: Sentinel was not able to save the new configuration on disk!!!: \(reason)",
            &effects)
        announce(.alarm, "This node votes for nobody until it can save what it votes.", &effects)
    }
}
