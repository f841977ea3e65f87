public import Addressing
public import MonotonicTime

/// One host's part in a virtual router (RFC 9568 section 6.4; RFC 3768 with version 2): of the
/// hosts that hear each other, the one that ranks highest has the addresses.
///
///     initialise ──startup──▶ backup ──nobody heard──▶ active
///         ▲                     ▲                         │ outranked, handOver, shutdown
///         └──── shutdown ───────┴──── moment over ──── leaving
///
/// There is no quorum: hosts that do not hear each other are each active. It suits addresses behind
/// which every host gives the same service, never one that writes.
///
/// Ranking is by priority, then by the larger source address (RFC 9568 section 6.4.3).
public struct VirtualRouter: Sendable {
    public let settings: VirtualRouterSettings
    public private(set) var state = State.initialise
    /// What is advertised: 1 to 255.
    public private(set) var priority: UInt8
    /// What this host advertises from; `nil` before the first `startup`.
    public private(set) var source: IPAddress?

    /// How many times in a row the addresses are announced: as often as keepalived does.
    public static let announcementTimes = 5
    /// They are announced once more so long after: as keepalived does.
    public static let announcementDelay = Interval.seconds(5)
    /// Who ranks lower and advertises makes this host announce again, but not more often.
    static let announcementPause = Interval.seconds(1)
    /// For so long a successor that has advertised takes to add and announce the addresses.
    public static let takingTime = Interval.milliseconds(10)
    /// A successor is waited for no longer: with long intervals nobody should wait for a shutdown.
    public static let successorPatience = Interval.seconds(1)

    /// - Parameter settings: without ``VirtualRouterSettings/objection``.
    public init(settings: VirtualRouterSettings) {
        precondition(settings.objection == nil, "settings are checked before")
        self.settings = settings
        priority = settings.priority
    }

    /// Applies one event and appends what must now be done, in order, to `effects`.
    public mutating func handle(
        _ event: VirtualRouterEvent, at now: Instant, effects: inout [VirtualRouterEffect]
    ) {
        defer { checkInvariants() }
        switch event {
        case .startup(let source): start(source, at: now, &effects)
        case .interfaceLost: loseInterface(&effects)
        case .tick: passTime(at: now, &effects)
        case .heard(let advertisement, let source):
            hear(advertisement, from: source, at: now, &effects)
        case .prioritySet(let priority): set(priority)
        case .handOver: handOver(at: now, &effects)
        case .shutdown: shutDown(at: now, &effects)
        }
    }

    private func checkInvariants() {
        precondition(priority > 0, "only who resigns says 0")
        switch state {
        case .initialise: break
        case .backup, .active, .leaving: assert(source != nil, "who takes part has an address")
        }
    }

    // MARK: Coming and going

    private mutating func start(
        _ source: IPAddress, at now: Instant, _ effects: inout [VirtualRouterEffect]
    ) {
        self.source = source
        switch state {
        case .initialise:
            if priority == Advertisement.ownerPriority {
                becomeActive(.ownsAddresses, at: now, &effects)
            } else {
                enter(.backup(backup(at: now)), .startup, &effects)
            }
        case .backup, .active, .leaving:
            break  // Only the address is another.
        }
    }

    private mutating func loseInterface(_ effects: inout [VirtualRouterEffect]) {
        switch state {
        case .initialise: return
        case .backup: break
        case .active, .leaving: effects.append(.giveUpAddresses)
        }
        enter(.initialise, .interfaceLost, &effects)
    }

    private mutating func handOver(at now: Instant, _ effects: inout [VirtualRouterEffect]) {
        switch state {
        case .initialise:
            break
        case .backup(var backup):
            backup.isHandedOver = true
            state = .backup(backup)
        case .active:
            // Should nobody have heard the resignation, the others still come first.
            var next = backup(at: now + settings.interval)
            next.isHandedOver = true
            resign(.handOver, then: next, at: now, &effects)
        case .leaving(var leaving):
            leaving.next?.isHandedOver = true
            state = .leaving(leaving)
        }
    }

    private mutating func shutDown(at now: Instant, _ effects: inout [VirtualRouterEffect]) {
        switch state {
        case .initialise:
            break
        case .backup:
            enter(.initialise, .shutdown, &effects)
        case .active:
            resign(.shutdown, then: nil, at: now, &effects)
        case .leaving(var leaving):
            leaving.next = nil
            state = .leaving(leaving)
        }
    }

    private mutating func set(_ priority: UInt8) {
        self.priority = max(priority, 1)
        switch state {
        case .backup(var backup):
            backup.isHandedOver = false
            state = .backup(backup)
        case .leaving(var leaving):
            leaving.next?.isHandedOver = false
            state = .leaving(leaving)
        case .initialise, .active:
            break
        }
    }

    private mutating func passTime(at now: Instant, _ effects: inout [VirtualRouterEffect]) {
        guard let due = nextDeadline, now >= due else { return }
        switch state {
        case .initialise:
            break
        case .backup(let backup):
            becomeActive(reason(backup, at: now), at: now, &effects)
        case .active(var active):
            if now >= active.advertiseAt {
                effects.append(.send(settings.advertisement(priority: priority)))
                // From the moment at which it was due, so that lateness does not add up.
                let next = active.advertiseAt + settings.interval
                active.advertiseAt = next > now ? next : now + settings.interval
            }
            if let announceAt = active.announceAt, now >= announceAt {
                effects.append(.announceAddresses(times: Self.announcementTimes))
                active.announceAt = nil
                active.announcedAt = now
            }
            state = .active(active)
        case .leaving(let leaving):
            effects.append(.giveUpAddresses)
            enter(leaving.next.map { .backup($0) } ?? .initialise, .left, &effects)
        }
    }

    private func reason(
        _ backup: Backup, at now: Instant
    ) -> VirtualRouterTransition.Reason {
        guard let heard = backup.heard else { return .nobodyHeard }
        if heard.priority == Advertisement.resignation { return .resigned(heard.source) }
        if mayPreempt(backup, at: now) {
            return .preempted(heard.source, priority: heard.priority)
        }
        return .nobodyHeard
    }

    // MARK: States

    mutating func becomeActive(
        _ reason: VirtualRouterTransition.Reason, at now: Instant,
        _ effects: inout [VirtualRouterEffect]
    ) {
        // The order of RFC 9568 section 6.4.2, which keepalived has too: others give way before
        // they hear of the addresses.
        effects.append(.send(settings.advertisement(priority: priority)))
        effects.append(.takeAddresses)
        effects.append(.announceAddresses(times: Self.announcementTimes))
        let active = Active(
            advertiseAt: now + settings.interval, announceAt: now + Self.announcementDelay,
            announcedAt: now)
        enter(.active(active), reason, &effects)
    }

    /// Says that somebody else may have the addresses, and keeps them until he has them.
    private mutating func resign(
        _ reason: VirtualRouterTransition.Reason, then next: Backup?, at now: Instant,
        _ effects: inout [VirtualRouterEffect]
    ) {
        effects.append(.send(settings.advertisement(priority: Advertisement.resignation)))
        // Within Skew_Time, which is less than the interval, another has taken over.
        let patience = min(settings.interval + Self.takingTime, Self.successorPatience)
        enter(
            .leaving(Leaving(until: now + patience, next: next, isSucceeded: false)), reason,
            &effects)
    }

    /// A backup that has heard nobody yet.
    func backup(at now: Instant) -> Backup {
        Backup(
            downAt: now + downInterval(settings.interval), activeInterval: settings.interval,
            isHandedOver: false)
    }

    func downInterval(_ activeInterval: Interval) -> Interval {
        VRRPTimers.downInterval(settings.version, priority: priority, interval: activeInterval)
    }

    mutating func enter(
        _ next: State, _ reason: VirtualRouterTransition.Reason,
        _ effects: inout [VirtualRouterEffect]
    ) {
        let before = role
        state = next
        effects.append(
            .changed(VirtualRouterTransition(from: before, to: role, reason: reason)))
    }

    /// Without a change that anybody need know of.
    mutating func remain(_ same: State) { state = same }
}
