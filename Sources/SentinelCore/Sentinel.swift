import Addressing
public import MonotonicTime

/// Watches groups of servers together with other nodes, and replaces a primary that is down.
///
/// The algorithm is Sentinel's: subjective and objective down, epochs, one vote an epoch, a
/// leader that promotes a replica and gossips the new configuration by hellos. What differs is
/// faster or stricter: evidence of a process's end, a ranked start, a pre-vote, votes only from
/// those that see the primary down, fresh reports at the choice, announcement at promotion.
///
/// No I/O, no clock, no randomness: every input is an ``Event``, every consequence an ``Effect``.
/// Whatever depends on state that is not yet durable waits in the outbox.
public struct Sentinel: Sendable {
    package let settings: Settings
    package private(set) var id: RunID
    /// The number of this life; see ``PersistentState/life``.
    package let life: UInt64
    package var currentEpoch: Epoch
    package var groups: [Group]
    package var peers: [PeerNode]
    /// False when the state file could not be trusted at start: watch, never vote.
    let hasTrustedState: Bool
    /// The shortest that the groups want.
    let peerPingPeriod: Interval
    /// Which links exist, and whose they are. Only looked up, never iterated:
    /// order never reaches an effect.
    var owners: [LinkID: LinkOwner] = [:]
    var nextLink: UInt32 = 1
    var outbox = Outbox()
    /// What is known of the voter sets.
    package internal(set) var voters: VoterMemory
    var talk: VoterTalk
    /// By the set in force.
    package internal(set) var electorate: Electorate
    /// Strangers and garbage that were already logged.
    var complaints = Complaints()
    /// What the failovers did at the event at hand, for whoever records or explains it.
    package var moves: [Transition.Move] = []
    /// The event at hand is applied at this moment; the node sets it for its own events too.
    package var now: Instant

    enum LinkOwner {
        case commands(group: Int, server: Int)
        case subscription(group: Int, server: Int)
        case peer(Int)
    }

    /// How long the driver may try to connect before it reports `unreachable`.
    public static let connectTimeout = Interval.milliseconds(500)

    /// - Parameters:
    ///   - state: what a former life made durable, or a new identity with nothing.
    ///   - mayVote: false when the state file is damaged: this node then never votes or leads.
    public init(
        settings: Settings, state: PersistentState, mayVote: Bool = true, at now: Instant
    ) {
        precondition(settings.peers.count < PeerSet.countMax, "at most 64 voters")
        self.settings = settings
        self.now = now
        id = state.id
        life = state.life + 1
        // A configuration or a vote of an epoch that the file's own count has not reached was
        // written by hand; the epoch was seen all the same.
        currentEpoch = state.groups.reduce(state.currentEpoch) {
            max($0, $1.configEpoch, $1.votedEpoch, $1.grant?.epoch ?? 0)
        }
        hasTrustedState = mayVote
        voters = state.voters
        talk = VoterTalk(
            due: now, knownSince: now,
            hasJoined: state.voters.inForce.map { state.voters.acceptsFrom > $0.number + 1 }
                ?? false, startedAt: now,
            toldAt: Array(repeating: nil, count: settings.peers.count))
        let peerNames = settings.peers.map(\.name)
        let names =
            settings.declaredVoters == nil
            ? peerNames + [settings.name] : state.voters.inForce?.names
        electorate =
            names.map { Electorate($0, own: settings.name, peers: peerNames) } ?? Electorate()
        peers = settings.peers.map {
            PeerNode(name: $0.name, endpoint: $0.endpoint, link: .closed(retryAt: now))
        }
        peerPingPeriod =
            settings.groups.map { Rhythm.pingPeriod(downAfter: $0.downAfter) }.min() ?? .seconds(1)
        groups = []
        for group in settings.groups {
            let known =
                state.groups.first { $0.name == group.name }
                ?? PersistentState.Group(name: group.name, primary: group.primary)
            var entry = Group(settings: group, state: known, peers: peers.count, now: now)
            for endpoint in [known.primary, group.primary] + known.replicas
            where entry.index(of: endpoint) == nil {
                entry.servers.append(
                    Server(
                        endpoint: endpoint,
                        isLocal: settings.localAddresses.contains(endpoint.address), now: now))
            }
            groups.append(entry)
        }
        // Before anything rests on it.
        if mayVote { outbox.stateChanged() }
        checkInvariants()
    }

    /// Whether this node votes and leads now.
    package var mayVote: Bool {
        hasTrustedState && !outbox.isFailing && electorate.count > 0
    }

    /// Applies one event and appends what must now be done, in order, to `effects`.
    public mutating func handle(_ event: Event, at now: Instant, effects: inout [Effect]) {
        defer { checkInvariants() }
        self.now = now
        if !moves.isEmpty { moves.removeAll(keepingCapacity: true) }
        switch event {
        case .tick:
            maintainLinks(&effects)
            maintainVoters(&effects)
            for group in groups.indices { review(group, &effects) }
        case .linkOpened(let link):
            linkOpened(link, &effects)
        case .linkClosed(let link, let failure):
            linkClosed(link, failure, &effects)
        case .replied(let link, let reply):
            replied(link, reply, &effects)
        case .heard(_, let text), .published(let text):
            heard(text, &effects)
        case .asked(let query, let message):
            asked(query, message, &effects)
        case .processEnded(let endpoint, let processID):
            processEnded(endpoint, processID: processID, &effects)
        case .persisted(let sequence):
            let wasFailing = outbox.isFailing
            outbox.persisted(through: sequence, into: &effects)
            maintainVoters(&effects)
            for group in groups.indices where groups[group].pauseQuery != nil {
                keepPause(group, &effects)
            }
            if wasFailing, !outbox.isFailing {
                announce(.remark, .none, "The state is saved again: this node votes.", &effects)
            }
        case .persistFailed(let sequence, let reason):
            persistFailed(sequence, reason, &effects)
        case .failoverOrdered(let query, let group, let order):
            failoverOrdered(query, group, order, &effects)
        case .pauseOrdered(let query, let group, let order):
            pauseOrdered(query, group, order, &effects)
        }
        flushOutbox(&effects)
    }

    /// At the latest after this the next ``Event/tick`` is due.
    public func tickPeriod(at now: Instant) -> Interval {
        groups.contains {
            $0.isPrimaryLost || $0.failover != .none || $0.tenure.appointment != nil
                || $0.tenure.handover != nil
        }
            ? Rhythm.tickBusy : Rhythm.tickIdle
    }

    /// What must be durable.
    var persistentState: PersistentState {
        PersistentState(
            id: id, life: life, currentEpoch: currentEpoch,
            groups: groups.map { group in
                PersistentState.Group(
                    name: group.name, primary: group.primaryEndpoint,
                    configEpoch: group.configEpoch, votedEpoch: group.votedEpoch,
                    votedFor: group.votedFor,
                    replicas: group.servers.map(\.endpoint).filter { $0 != group.primaryEndpoint }
                        .sorted(),
                    grant: group.tenure.grant, hasBeenHeld: group.tenure.hasBeenHeld,
                    pause: group.pause?.word)
            }.sorted { $0.name < $1.name }, voters: voters)
    }

    /// The node's core took the group's write address, or gave it up: the others are told at once,
    /// because the former holder refuses clients until another answers.
    package mutating func addressMoved(
        _ group: Int, isHeld: Bool, _ effects: inout [Effect]
    ) {
        guard groups[group].tenure.holdsAddress != isHeld else { return }
        groups[group].tenure.holdsAddress = isHeld
        if isHeld {
            noteHeld(group)
            recordHeld(group, &effects)
        }
        for peer in peers.indices { greet(peer, group) }
        outbox.flush(nil, into: &effects)
    }

    /// Looks at one group after anything happened to it: who is down, what the failover needs.
    mutating func review(_ group: Int, _ effects: inout [Effect]) {
        keepPause(group, &effects)
        for server in groups[group].servers.indices { judge(group, server, &effects) }
        judgePeers(group, &effects)
        judgeObjectively(group, &effects)
        advanceFailover(group, &effects)
        serve(group, &effects)
        continueHandover(group, &effects)
        askPeers(group, &effects)
    }

    mutating func announce(
        _ name: Announcement.Name, _ subject: Announcement.Subject = .none, _ detail: String = "",
        _ effects: inout [Effect]
    ) {
        effects.append(.announce(Announcement(name, subject, detail: detail)))
    }

    /// Sends what rests on the durable state, as soon as it is durable.
    mutating func sendWhenDurable(_ effect: Effect) {
        outbox.add(effect)
    }

    func checkInvariants() {
        for group in groups {
            precondition(group.servers.indices.contains(group.primary), "the primary is known")
            precondition(group.configEpoch <= currentEpoch, "a configuration of a future epoch")
            precondition(group.votedEpoch <= currentEpoch, "a vote in a future epoch")
            assert(group.views.count == peers.count)
        }
    }

    private mutating func persistFailed(
        _ sequence: UInt64, _ reason: String, _ effects: inout [Effect]
    ) {
        let isFirst = !outbox.isFailing
        forgetOrders(outbox.persistFailed(at: now))
        // That a damaged file is not written to was said when it was read.
        guard isFirst, hasTrustedState else { return }
        announce(
            .alarm, .none,
            "The state could not be saved (\(reason)): this node votes for nobody until it can.",
            &effects)
    }
}
