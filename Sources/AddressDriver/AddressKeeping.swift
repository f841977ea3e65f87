public import Addressing
import MonotonicTime
public import Netlink

/// What the worker wants done, whichever part of the kernel ends a lease. ``AddressKeeper`` says
/// what each verb means.
protocol AddressKeeping: AnyObject {
    func findInterface(
        for address: IPAddress, named name: String?
    ) -> Result<Link, AddressFailure>
    func guardAgain() -> Result<Void, AddressFailure>
    func remainingLease(_ address: IPAddress) -> Result<Interval?, AddressFailure>
    func take(
        _ prefix: Prefix, port: UInt16?, on interface: String, until deadline: Instant
    ) -> Result<AddressTaking, AddressFailure>
    func renew(
        _ address: IPAddress, port: UInt16?, until deadline: Instant
    ) -> Result<AddressRenewal, AddressFailure>
    /// The second layer of a lease that the first has renewed.
    func refresh(_ prefix: Prefix, on interface: String) -> Result<Bool, AddressFailure>
    func announce(
        _ address: IPAddress, on interface: String, until deadline: Instant
    ) -> Result<Int, AddressFailure>
    func hush(_ address: IPAddress, port: UInt16?) -> Result<Void, AddressFailure>
    func bar(_ address: IPAddress, port: UInt16?) -> Result<Void, AddressFailure>
    func admit(_ address: IPAddress) -> Result<Bool, AddressFailure>
    func fence(_ port: UInt16) -> Result<Void, AddressFailure>
    func unfence(_ port: UInt16) -> Result<Void, AddressFailure>
    func resetConnections(_ address: IPAddress) -> Result<Int, AddressFailure>
    func remove(_ address: IPAddress) -> Result<[UInt32], AddressFailure>
    func removeLeftovers(_ addresses: [IPAddress]) -> AddressLeftovers
    /// Whether an address that has gone was taken by the end of its lease, and by nobody.
    func hasLapsed(_ address: IPAddress, at now: Instant) -> Bool
}

/// What taking an address came to.
public struct AddressTaking: Equatable, Sendable {
    /// Whether it was there before.
    public var addition: RouteSession.Addition
    /// Frames that were sent; 0 on an interface without hardware addresses.
    public var announcements: Int
    /// The address **is** held, but neighbours may not know yet: announce again.
    public var announcementFailure: AddressFailure?
}

/// What putting a deadline off came to.
public enum AddressRenewal: Equatable, Sendable {
    case renewed
    /// The kernel had ended the lease, or the deadline had passed: nothing was put off.
    case lapsed
}

/// What a former life of Baton's left on this host.
public struct AddressLeftovers: Equatable, Sendable {
    /// Addresses that were configured, and are no longer.
    public var removed: [IPAddress] = []
    /// Addresses that were barred, and are no longer.
    public var unbarred: [IPAddress] = []
    /// What could not be done; such an address stays barred.
    public var failures: [AddressFailure] = []
}
