import Addressing
import MonotonicTime
import VRRPCore

/// Addresses and settings that the tests share.
enum Samples {
    static let near = IPAddress.v4(IPv4Address(10, 18, 13, 1))
    static let far = IPAddress.v4(IPv4Address(10, 18, 13, 2))
    static let third = IPAddress.v4(IPv4Address(10, 18, 13, 3))
    static let group = IPAddress.v4(Advertisement.groupV4)
    static let virtual = IPAddress.v4(IPv4Address(10, 18, 14, 95))

    static let nearV6 = v6(0xFE80_0000_0000_0000, 1)
    static let farV6 = v6(0xFE80_0000_0000_0000, 2)
    static let groupV6 = IPAddress.v6(Advertisement.groupV6)
    static let virtualV6 = [v6(0xFE80_0000_0000_0000, 0x95), v6(0xFD18_0000_0000_0000, 0x95)]

    static func v6(_ high: UInt64, _ low: UInt64) -> IPAddress {
        .v6(IPv6Address(high: high, low: low))
    }

    static let three = VirtualRouterSettings(virtualRouterID: 51, addresses: [virtual])
    static let two = VirtualRouterSettings(
        virtualRouterID: 51, version: .two, addresses: [virtual])
    static let threeV6 = VirtualRouterSettings(
        virtualRouterID: 51, addresses: virtualV6, priority: 200, interval: .milliseconds(100))
}

extension VirtualRouterSettings {
    /// The same but for one thing.
    func with(_ change: (inout VirtualRouterSettings) -> Void) -> VirtualRouterSettings {
        var copy = self
        change(&copy)
        return copy
    }
}
