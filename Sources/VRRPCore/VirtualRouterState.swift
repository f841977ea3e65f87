public import Addressing
public import MonotonicTime

extension VirtualRouter {
    /// Where a member of a virtual router stands (RFC 9568 section 6.4), and what it holds there.
    public enum State: Equatable, Sendable {
        /// Takes no part: neither sends nor heeds advertisements, has no addresses.
        ///
        /// Exits: `startup` → active with priority 255, else backup.
        case initialise
        /// Listens; has no addresses.
        ///
        /// Exits: nobody heard until the deadline → active; `shutdown`, `interfaceLost` →
        /// initialise.
        case backup(Backup)
        /// Has the addresses and advertises.
        ///
        /// Exits: an advertisement that ranks higher, `handOver` → leaving (then backup);
        /// `shutdown` → leaving (then initialise); `interfaceLost` → initialise.
        case active(Active)
        /// Advertises no longer, and has the addresses for the moment in which the successor takes
        /// and announces them: whoever is reset earlier comes back here, and would be left hanging.
        /// The RFC has no such state; to the others this host is a backup already.
        ///
        /// Exits: the deadline → backup or initialise; `interfaceLost` → initialise.
        case leaving(Leaving)
    }

    /// What a backup knows.
    public struct Backup: Equatable, Sendable {
        /// Active_Down_Timer: then nobody is active any more.
        public internal(set) var downAt: Instant
        /// Active_Adver_Interval; this host's own while nobody has been heard.
        public internal(set) var activeInterval: Interval
        /// Who was heard last.
        public internal(set) var heard: Heard?
        /// Since when only lower priorities are heard.
        var lowerSince: Instant?
        /// It handed over, and waits until it is wanted again.
        var isHandedOver: Bool
    }

    /// Somebody who says that he is active, or was until now.
    public struct Heard: Equatable, Sendable {
        public var source: IPAddress
        /// 0: he has resigned.
        public var priority: UInt8
    }

    /// What an active host has to do next.
    public struct Active: Equatable, Sendable {
        /// Adver_Timer.
        public internal(set) var advertiseAt: Instant
        /// When the addresses are announced for the second time.
        var announceAt: Instant?
        /// When they were last announced.
        var announcedAt: Instant
    }

    /// What a host that gives up waits for.
    public struct Leaving: Equatable, Sendable {
        /// Then at the latest the addresses go.
        public internal(set) var until: Instant
        /// A backup from then on; `nil`: it takes no part.
        var next: Backup?
        /// Whether somebody is active instead.
        var isSucceeded: Bool
    }

    public var role: VirtualRouterRole {
        switch state {
        case .initialise: .initialise
        case .backup: .backup
        case .active: .active
        case .leaving: .leaving
        }
    }

    /// When the next `tick` is due; `nil`: nothing happens by itself.
    public var nextDeadline: Instant? {
        switch state {
        case .initialise: nil
        case .backup(let backup): backup.downAt
        case .active(let active): min(active.advertiseAt, active.announceAt ?? active.advertiseAt)
        case .leaving(let leaving): leaving.until
        }
    }
}
