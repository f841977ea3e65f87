public import Addressing
public import Netlink
public import VRRPCore

/// A virtual router that this host is to take part in, and where.
public struct VRRPAssignment: Equatable, Sendable {
    /// By which it is spoken of; one only.
    public var name: String
    public var settings: VirtualRouterSettings
    /// `nil`: the interface whose network contains the last of the addresses (of IPv6 the first is
    /// link-local, and lies in every network).
    public var interface: String?
    /// What to advertise from; `nil`: see ``source(on:among:)``.
    public var source: IPAddress?

    public init(
        name: String, settings: VirtualRouterSettings, interface: String? = nil,
        source: IPAddress? = nil
    ) {
        self.name = name
        self.settings = settings
        self.interface = interface
        self.source = source
    }

    /// The address to advertise from: the first of the interface that is the host's own; of IPv6 a
    /// link-local one (RFC 9568 section 5.1.2.1), but where peers are reached by others.
    public func source(on link: Link, among addresses: [ConfiguredAddress]) -> IPAddress? {
        let usable = addresses.filter {
            $0.interfaceIndex == link.index && !$0.isTentative
                && !settings.addresses.contains($0.address)
        }.map(\.address)
        if let source { return usable.first { $0 == source } }
        let wantsLinkLocal = settings.peers.first.map(Self.isLinkLocal) ?? true
        let deprecated = addresses.filter(\.isDeprecated).map(\.address)
        return usable.first {
            switch $0 {
            case .v4: settings.isIPv4 && !deprecated.contains($0)
            case .v6:
                !settings.isIPv4 && !deprecated.contains($0)
                    && Self.isLinkLocal($0) == wantsLinkLocal
            }
        }
    }

    /// fe80::/10
    private static func isLinkLocal(_ address: IPAddress) -> Bool {
        switch address {
        case .v4: false
        case .v6(let address): address.high >> 54 == 0xFE80 >> 6
        }
    }
}
