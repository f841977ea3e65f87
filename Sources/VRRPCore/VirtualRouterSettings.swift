public import Addressing
public import MonotonicTime

/// One virtual router (RFC 9568 section 6.1) as this host takes part in it.
public struct VirtualRouterSettings: Equatable, Sendable {
    /// VRID: 1 to 255, the same on all its hosts and no other's on this network.
    public var virtualRouterID: UInt8
    public var version: VRRPVersion
    /// The addresses that the active host has, of one family; the same list in the same order on
    /// all hosts. The first of IPv6 is link-local, unless ``requiresLinkLocal`` is off.
    public var addresses: [IPAddress]
    /// 1 to 254; 255 for whoever owns the addresses and is active whenever it lives. The effective
    /// priority may be set to another while it runs.
    public var priority: UInt8
    /// How often the active host advertises. Version 2: whole seconds up to 255, the same on all
    /// hosts. Version 3: hundredths of a second, up to 40.95 s.
    public var interval: Interval
    /// Whether a host of higher priority takes the addresses from one of lower that has them.
    public var preempts: Bool
    /// For so long one of lower priority must have been heard before it is preempted; from 0 to
    /// 1000 s.
    public var preemptDelay: Interval
    /// The others, who are each sent each advertisement; empty for multicast.
    public var peers: [IPAddress]
    /// What version 3 sends over IPv4; both forms are understood.
    public var checksumForm: ChecksumForm
    /// Whether a list of IPv6 addresses must begin with a link-local one (RFC 9568 section 5.2.9).
    /// Without `vrrp_strict` keepalived sends others as well.
    public var requiresLinkLocal: Bool

    public init(
        virtualRouterID: UInt8, version: VRRPVersion = .three, addresses: [IPAddress],
        priority: UInt8 = 100, interval: Interval = .seconds(1), preempts: Bool = true,
        preemptDelay: Interval = .zero, peers: [IPAddress] = [],
        checksumForm: ChecksumForm = .pseudoHeader, requiresLinkLocal: Bool = true
    ) {
        self.virtualRouterID = virtualRouterID
        self.version = version
        self.addresses = addresses
        self.priority = priority
        self.interval = interval
        self.preempts = preempts
        self.preemptDelay = preemptDelay
        self.peers = peers
        self.checksumForm = checksumForm
        self.requiresLinkLocal = requiresLinkLocal
    }

    /// So many of IPv6 fit a packet of 1500 octets.
    public static let addressesMax = 90
    /// keepalived's.
    public static let preemptDelayMax = Interval.seconds(1000)
    /// Each is sent a packet of its own.
    public static let peersMax = 32

    /// What is wrong, with the figures; `nil` when nothing is.
    public var objection: String? {
        guard virtualRouterID > 0 else { return "a virtual router's number is 1 to 255" }
        guard priority > 0 else { return "a priority is 1 to 255: 0 means to resign" }
        guard let first = addresses.first else { return "a virtual router has an address" }
        if addresses.count > Self.addressesMax {
            return "\(addresses.count) addresses, \(Self.addressesMax) at most"
        }
        if let other = (addresses + peers).first(where: { $0.bitCount != first.bitCount }) {
            return "\(first) and \(other) are of two families: a virtual router has one"
        }
        if version == .two, first.bitCount != 32 { return "version 2 knows no IPv6: use version 3" }
        if first.bitCount != 32, requiresLinkLocal, !first.isLinkLocal {
            return "the first IPv6 address of a virtual router is link-local, as fe80::95"
        }
        if peers.count > Self.peersMax { return "\(peers.count) peers, \(Self.peersMax) at most" }
        if preemptDelay < .zero || preemptDelay > Self.preemptDelayMax {
            return "a preempt delay is 0 to \(Self.preemptDelayMax.milliseconds / 1000) s"
        }
        return intervalObjection
    }

    private var intervalObjection: String? {
        let unit = version.intervalUnit
        let longest = unit * version.intervalUnitsMax
        guard interval >= unit, interval <= longest,
            interval.nanoseconds % unit.nanoseconds == 0
        else {
            return "version \(version.rawValue) advertises every \(unit.milliseconds) to "
                + "\(longest.milliseconds) ms in steps of \(unit.milliseconds) ms, not every "
                + "\(interval.milliseconds) ms"
        }
        return nil
    }

    /// Where each advertisement goes.
    public var destinations: [IPAddress] {
        guard peers.isEmpty else { return peers }
        return [isIPv4 ? .v4(Advertisement.groupV4) : .v6(Advertisement.groupV6)]
    }

    /// The family of the addresses and of the packets.
    public var isIPv4: Bool { addresses.first?.bitCount == 32 }

    /// What this host says with a priority.
    public func advertisement(priority: UInt8) -> Advertisement {
        Advertisement(
            version: version, virtualRouterID: virtualRouterID, priority: priority,
            interval: interval, addresses: addresses)
    }
}
