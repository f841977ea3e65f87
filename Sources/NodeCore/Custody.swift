import MonotonicTime
import SentinelCore

/// This host's relation to the write address of one group.
///
///     inspecting ──a lease runs──▶ held
///         │ nothing                  ▲
///         ▼                          │
///     clearing ──▶ released ──lease──▶ taking ──▶ held
///                     ▲                  ▲          │ the lease is over, or the server is
///                     │                  │ again    ▼ no longer the primary
///                     │                  │       barring ──▶ resetting
///                  removing ◀─elsewhere─ barred ◀────────────────┘
///
/// In a handover `held` goes by `hushing` and `hushed` to `resetting`: with writes paused, clients
/// that wait for an answer are reset only when another host answers for the address, so that they
/// find it at once.
///
/// While `barred` the address still stands on the interface, silent to ARP, but every connection to
/// it is answered with a reset: clients that try again and again are refused at once instead of
/// waiting for TCP's retransmission, until the next holder announces itself.
enum Custody: Equatable, Sendable {
    /// What did a former life leave? Can transition to `held` or `clearing`.
    case inspecting
    /// Leftovers of a former life are being removed. Can transition to `released`.
    case clearing
    /// The address is not here. Can transition to `taking`.
    case released
    /// Being opened, added, announced. Can transition to `held`, or to `barring` when it failed or
    /// is no longer wanted.
    case taking
    /// This host answers for the address. Can transition to `barring`, in a handover to
    /// `hushing`, or to `taking` when somebody else removed it.
    case held(since: Instant, nextAnnouncement: Int)
    /// Falling silent, for a handover. Can transition to `hushed`, or to `barring` when it failed.
    case hushing
    /// Silent; the lease is released. Can transition to `resetting` when another host is the
    /// holder, to `barring` when none is for long, to `taking` when the lease is held again.
    case hushed(since: Instant)
    /// New connections are being refused, and ARP is silenced. Can transition to `resetting`; then
    /// no client can be served through the address here, and the lease is released.
    case barring
    /// Established connections are being reset. Can transition to `barred`.
    case resetting
    /// Can transition to `taking` when the lease is held again, to `removing` when another host
    /// is the holder or nobody came for long.
    case barred(since: Instant)
    /// Leaving the interface. Can transition to `released`.
    case removing

    /// No client can be served through the address on this host.
    var isHarmless: Bool {
        switch self {
        case .released, .hushed, .resetting, .barred, .removing: true
        case .inspecting, .clearing, .taking, .held, .hushing, .barring: false
        }
    }

    /// This host answers for the address.
    var isHeld: Bool {
        switch self {
        case .held: true
        case .inspecting, .clearing, .released, .taking, .hushing, .hushed, .barring, .resetting,
            .barred, .removing:
            false
        }
    }

    var state: NodeStatus.AddressState {
        switch self {
        case .inspecting: .inspecting
        case .clearing: .clearing
        case .released: .released
        case .taking: .taking
        case .held: .held
        case .hushing: .hushing
        case .hushed: .hushed
        case .barring: .barring
        case .resetting: .resetting
        case .barred: .barred
        case .removing: .removing
        }
    }

    /// When the address is announced again after it was taken: neighbours that missed the first
    /// word, or whose tables were locked for a second (RFC 5227 section 2.4 spaces conflict
    /// defence likewise), then slowly, because switches forget after minutes.
    static let announcements: [Interval] = [
        .milliseconds(100), .milliseconds(300), .milliseconds(1100), .milliseconds(2200),
        .milliseconds(3300), .milliseconds(5000),
    ]
    static let slowAnnouncement = Interval.seconds(30)
    /// How long a barred address waits for its next holder before it is removed: a failover takes
    /// a tenth of it.
    static let barredMax = Interval.seconds(1)
    /// How long a silent address waits for its next holder: with `Rhythm`'s patience for a handover
    /// less than D + 1 s, after which the server would let paused writes run.
    static let hushedMax = Interval.seconds(1)
    /// Between two attempts to take the address.
    static let takeRetry = Interval.seconds(1)
    /// Between two attempts of a step that must succeed for safety.
    static let stepRetry = Interval.milliseconds(200)
}
