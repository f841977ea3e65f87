public import Addressing
public import MonotonicTime
public import VRRPCore

/// What a ``VRRPDriver`` tells unasked, by the name of the virtual router.
public enum VRRPNotice: Equatable, Sendable {
    /// It is active, or is not any longer, and why.
    case changed(VirtualRouterTransition)
    /// Something could not be done. Said once, until it can.
    case failed(AddressFailure)
    /// What had failed can be done again.
    case recovered
    /// The first packet that was refused for a reason; later ones are only counted. Others' virtual
    /// routers are no news.
    case refused(AdvertisementRefusal, from: IPAddress?)
    /// Somebody removed an address of an active host: it was put back and announced.
    case restored(IPAddress)
}

/// How this host stands in a virtual router, for people and for metrics.
public struct VRRPStatus: Equatable, Sendable {
    public var name: String
    public var role: VirtualRouterRole
    /// Since when it has that role.
    public var since: Instant
    /// The effective one.
    public var priority: UInt8
    /// What it advertises from, and where; `nil` while there is no usable interface.
    public var source: IPAddress?
    public var interface: String?
    /// Who was last heard as the active host; of a backup.
    public var heard: VirtualRouter.Heard?
    /// Advertisements that were sent, one a destination.
    public var sent: Int
    /// How often it became active.
    public var takeovers: Int
    public var received: Reception.Counts
    /// What cannot be done now.
    public var failure: AddressFailure?
}
