internal import Addressing
public import MonotonicTime
internal import SentinelCore

/// Watches one group from outside, without a vote: who the primary is, and which servers can serve.
///
/// Nodes say who the primary is; servers say how they are. A node's word counts by its config
/// epoch, so that one that is cut off and says something old persuades nobody. Real Sentinels are
/// as good as Baton's nodes: nothing else is asked of them than what they answer any client.
public struct Observer: Sendable {
    /// A connection that is wanted all the time.
    enum Link: Equatable, Sendable {
        /// Can transition to `opening` when the time has come.
        case closed(retryAt: Instant)
        /// Can transition to `open` and `closed`.
        case opening
        /// Can transition to `closed`.
        case open
    }

    struct Node: Sendable {
        let endpoint: Endpoint
        var link: Link
        var events: Link
        var claim: Claim?
        /// When it is asked next; `nil` while it owes an answer.
        var askAt: Instant?
        /// Something has happened since it was asked.
        var isStirred = false
        var askedAt: Instant
    }

    struct Server: Sendable {
        let endpoint: Endpoint
        var link: Link
        var report: ServerReport?
        /// When that was asked for.
        var reportAskedAt: Instant
        /// It owes an answer since then.
        var unansweredSince: Instant?
        var askAt: Instant
        /// It has answered over the link that is open.
        var isProven = false
        /// When a link that was open was lost: a promotion ends every client's, which is no death.
        var closedAt: Instant?
        /// Since when it has not been reached.
        var lostAt: Instant?
    }

    let settings: ObserverSettings
    var nodes: [Node]
    var servers: [Server]
    var primary: Endpoint
    var epoch: Epoch = 0
    /// Whether any node has ever said who the primary is.
    var isNamed = false
    var marks = StreamMarks()
    private var hurriedUntil: Instant
    private var published: GroupView?

    public init(_ settings: ObserverSettings, at now: Instant) {
        self.settings = settings
        primary = settings.primary
        nodes = settings.nodes.map {
            Node(
                endpoint: $0, link: .closed(retryAt: now), events: .closed(retryAt: now),
                askAt: now, askedAt: now)
        }
        servers = []
        hurriedUntil = now + ObserverRhythm.hurry
        follow(settings.primary, at: now)
    }

    /// At the latest after this the next tick is due.
    public var tickPeriod: Interval { ObserverRhythm.tickPeriod }

    /// Applies one event and appends what must now be done, in order, to `effects`.
    public mutating func handle(
        _ event: ObserverEvent, at now: Instant, effects: inout [ObserverEffect]
    ) {
        switch event {
        case .tick:
            break
        case .opened(let target):
            opened(target, at: now)
        case .closed(let target):
            closed(target, at: now)
        case .reported(let endpoint, let report):
            reported(endpoint, report, at: now)
        case .claimed(let endpoint, let claim):
            claimed(endpoint, claim, at: now)
        case .listed(_, let replicas):
            for replica in replicas { follow(replica, at: now) }
        case .stirred(let endpoint):
            stirred(endpoint, at: now)
        case .moveAnnounced(let endpoint, let primary):
            moveAnnounced(by: endpoint, from: primary, at: now, &effects)
        case .moveCalledOff(let endpoint):
            guard node(endpoint) != nil else { break }
            effects.append(.callOffMove)
        }
        keepLinks(at: now, &effects)
        ask(at: now, &effects)
        publish(at: now, &effects)
    }

    /// Questions are asked often for a while.
    mutating func hurry(at now: Instant) {
        hurriedUntil = now + ObserverRhythm.hurry
        for index in servers.indices { servers[index].askAt = min(servers[index].askAt, now) }
    }

    func isHurried(at now: Instant) -> Bool {
        now < hurriedUntil || state(of: primary, at: now) != .serving
    }

    /// A server of the group that was not known.
    mutating func follow(_ endpoint: Endpoint, at now: Instant) {
        guard servers.count < ObserverRhythm.serversMax,
            endpoint != ServerReport.unknownPrimary,
            !settings.virtualAddresses.contains(endpoint.address),
            !servers.contains(where: { $0.endpoint == endpoint })
        else { return }
        servers.append(
            Server(
                endpoint: endpoint, link: .closed(retryAt: now), reportAskedAt: now, askAt: now,
                lostAt: now))
    }

    private mutating func publish(at now: Instant, _ effects: inout [ObserverEffect]) {
        let view = view(at: now)
        guard view != published else { return }
        published = view
        effects.append(.publish(view))
    }
}
