public import Addressing

/// What a ``VirtualRouter`` wants done. Carried out in the order of the list.
public enum VirtualRouterEffect: Equatable, Sendable {
    /// To all of ``VirtualRouterSettings/destinations``, with hop limit 255.
    case send(Advertisement)
    /// Add the addresses to the interface.
    case takeAddresses
    /// Tell the network where the addresses are, by gratuitous ARP or unsolicited neighbour
    /// advertisements: so many times each, without a pause.
    case announceAddresses(times: Int)
    /// Reset the addresses' connections, **then** remove them: from an address that has gone no
    /// reset can be sent, and clients would hang.
    case giveUpAddresses
    /// For the log and for the status; nothing is to be done.
    case changed(VirtualRouterTransition)
}

/// The states of a virtual router's member, without what they hold.
public enum VirtualRouterRole: String, Equatable, Sendable, CaseIterable {
    case initialise
    case backup
    case active
    /// Has resigned, or has lost to another, and is about to give the addresses up.
    case leaving
}

/// One change of state, and why.
public struct VirtualRouterTransition: Equatable, Sendable {
    public var from: VirtualRouterRole
    public var to: VirtualRouterRole
    public var reason: Reason

    public init(from: VirtualRouterRole, to: VirtualRouterRole, reason: Reason) {
        self.from = from
        self.to = to
        self.reason = reason
    }

    /// Why a state was left.
    public enum Reason: Equatable, Sendable {
        /// The interface is usable.
        case startup
        /// Whoever owns the addresses waits for nobody.
        case ownsAddresses
        /// Nobody was heard in time.
        case nobodyHeard
        /// Who was active resigned.
        case resigned(IPAddress)
        /// Who was active ranks lower.
        case preempted(IPAddress, priority: UInt8)
        /// Another one is active who ranks higher, or as high with a larger address.
        case outranked(by: IPAddress, priority: UInt8)
        /// This host was told to hand over.
        case handOver
        case shutdown
        case interfaceLost
        /// What was to be waited for before the addresses go has come, or the time for it is over.
        case left
    }
}

extension VirtualRouterTransition: CustomStringConvertible {
    /// One line for the log: "backup to active: 10.0.0.1 resigned".
    public var description: String { "\(from.rawValue) to \(to.rawValue): \(reason)" }
}

extension VirtualRouterTransition.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .startup: "the interface is usable"
        case .ownsAddresses: "this host owns the addresses"
        case .nobodyHeard: "no advertisement came in time"
        case .resigned(let source): "\(source) resigned"
        case .preempted(let source, let priority): "\(source) has only priority \(priority)"
        case .outranked(let source, let priority):
            "\(source) has priority \(priority) and ranks higher"
        case .handOver: "told to hand over"
        case .shutdown: "shut down"
        case .interfaceLost: "the interface is not usable"
        case .left: "the addresses are given up"
        }
    }
}
