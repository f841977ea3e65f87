public import Addressing
public import MonotonicTime

/// What a virtual router's active member says again and again: that it lives, and how highly it
/// ranks (RFC 9568 section 5.2, RFC 3768 section 5.3).
public struct Advertisement: Equatable, Sendable {
    public var version: VRRPVersion
    /// VRID: 1 to 255, the virtual router's number on its network.
    public var virtualRouterID: UInt8
    /// 1 to 254; 255 for whoever owns the addresses, 0 for whoever resigns.
    public var priority: UInt8
    /// How often the sender advertises: a whole count of ``VRRPVersion/intervalUnit``, at least 1.
    public var interval: Interval
    /// The virtual router's addresses, 1 to 255 of one family.
    public var addresses: [IPAddress]

    public init(
        version: VRRPVersion, virtualRouterID: UInt8, priority: UInt8, interval: Interval,
        addresses: [IPAddress]
    ) {
        self.version = version
        self.virtualRouterID = virtualRouterID
        self.priority = priority
        self.interval = interval
        self.addresses = addresses
    }

    /// Its sender gives the addresses up.
    public static let resignation: UInt8 = 0
    /// Of whoever owns the addresses.
    public static let ownerPriority: UInt8 = 255

    /// IP's number for VRRP.
    public static let protocolNumber: UInt8 = 112
    /// Of every packet: one that came through a router has less (RFC 9568 section 5.1.1.3).
    public static let hopLimit: UInt8 = 255
    /// 224.0.0.18 (RFC 9568 section 5.1.1.2).
    public static let groupV4 = IPv4Address(224, 0, 0, 18)
    /// ff02::12 (RFC 9568 section 5.1.2.2).
    public static let groupV6 = IPv6Address(high: 0xFF02_0000_0000_0000, low: 0x12)

    /// Octets before the addresses.
    static let headerLength = 8
    /// Octets behind the addresses in version 2, there with or without authentication
    /// (RFC 3768 section 5.3.10).
    static let authenticationLength = 8
    /// The only type that there is (RFC 9568 section 5.2.2).
    static let type: UInt8 = 1
}
