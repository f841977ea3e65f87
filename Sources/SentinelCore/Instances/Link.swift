import MonotonicTime

/// One connection that is kept up for as long as the program runs.
///
///     closed ──retryAt──▶ opening ──linkOpened──▶ open
///        ▲                   │ linkClosed           │ linkClosed, stuck
///        └───────────────────┴──────────────────────┘
enum Link: Equatable, Sendable {
    /// Can transition to `opening` when the time has come.
    case closed(retryAt: Instant)
    /// Can transition to `open`, or to `closed` when the driver gives up.
    case opening(LinkID, since: Instant)
    /// Can transition to `closed` when it ends or when nothing comes back on it.
    case open(LinkID, since: Instant)

    /// The link that requests can be sent on.
    var usable: LinkID? {
        switch self {
        case .open(let id, _): id
        case .closed, .opening: nil
        }
    }

    /// The link that the driver knows, open or not.
    var id: LinkID? {
        switch self {
        case .open(let id, _), .opening(let id, _): id
        case .closed: nil
        }
    }

    var isOpen: Bool { usable != nil }

    /// It was open for at least so long.
    func stood(for period: Interval, at now: Instant) -> Bool {
        switch self {
        case .open(_, let since): now - since >= period
        case .closed, .opening: false
        }
    }
}
