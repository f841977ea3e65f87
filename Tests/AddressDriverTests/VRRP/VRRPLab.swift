import Addressing
import Glibc
import MonotonicTime
import NamespaceFixture
import Netlink
import Synchronization
import Testing
import VRRPCore

@testable import AddressDriver

/// What the tests of VRRP on real kernels share.
enum VRRPLab {
    /// A step of a test's preparation that did not work.
    struct Trouble: Error, CustomStringConvertible {
        var description: String
    }

    /// A kind of virtual router.
    struct Kind: CustomTestStringConvertible, Sendable {
        var version: VRRPVersion
        var isIPv4: Bool
        var isUnicast: Bool

        var testDescription: String {
            "version \(version.rawValue), \(isIPv4 ? "IPv4" : "IPv6"), "
                + (isUnicast ? "unicast" : "multicast")
        }

        /// As the host of an index has it; two hosts take part.
        func settings(_ host: Int, priority: UInt8) -> VirtualRouterSettings {
            VirtualRouterSettings(
                virtualRouterID: 51, version: version,
                addresses: isIPv4 ? [VRRPLab.virtual] : VRRPLab.virtualV6, priority: priority,
                interval: version == .two ? .seconds(1) : .milliseconds(100),
                peers: isUnicast ? [source(1 - host)] : [])
        }

        func source(_ host: Int) -> IPAddress {
            isIPv4
                ? .v4(IPv4Address(10, 18, 13, UInt8(host + 1)))
                : .v6(IPv6Address(high: 0xFD18_0000_0000_0000, low: UInt64(host + 1)))
        }
    }

    static let kinds = [
        Kind(version: .two, isIPv4: true, isUnicast: false),
        Kind(version: .two, isIPv4: true, isUnicast: true),
        Kind(version: .three, isIPv4: true, isUnicast: false),
        Kind(version: .three, isIPv4: true, isUnicast: true),
        Kind(version: .three, isIPv4: false, isUnicast: false),
        Kind(version: .three, isIPv4: false, isUnicast: true),
    ]

    static let virtual = IPAddress.v4(IPv4Address(10, 18, 14, 95))
    static let virtualV6 = [
        IPAddress.v6(IPv6Address(high: 0xFE80_0000_0000_0000, low: 0x95)),
        IPAddress.v6(IPv6Address(high: 0xFD18_0000_0000_0000, low: 0x95)),
    ]

    /// Baton on a host of a segment.
    static func driver(
        _ settings: VirtualRouterSettings, on host: Namespace, _ notices: Notices = Notices()
    ) throws -> VRRPDriver {
        try host.run {
            try VRRPDriver([VRRPAssignment(name: "read", settings: settings)]) { _, notice in
                notices.add(notice)
            }
        }
    }

    /// Whether a host has an address on its interface.
    static func has(_ host: Namespace, _ address: IPAddress) throws -> Bool {
        try host.ip("-o addr show dev eth0").contains(" \(address)/")
    }

    /// Looks again and again, for ten seconds at the most; says whether it came true.
    static func waits(
        for limit: Interval = .seconds(10), until isTrue: () throws -> Bool
    ) rethrows -> Bool {
        let end = BootTime.now() + limit
        while BootTime.now() < end {
            if try isTrue() { return true }
            usleep(5000)
        }
        return try isTrue()
    }
}

/// What a driver told, in order.
final class Notices: Sendable {
    private let told = Mutex<[VRRPNotice]>([])

    func add(_ notice: VRRPNotice) { told.withLock { $0.append(notice) } }

    var all: [VRRPNotice] { told.withLock { $0 } }
}

/// Stops a driver beside the test, which need not wait for it.
final class Stopper {
    private let wish = Wish()
    private let background: Background

    private final class Wish: Sendable {
        let isMade = Atomic(false)
    }

    init(_ driver: VRRPDriver) throws {
        let wish = wish
        background = try Background {
            if wish.isMade.load(ordering: .relaxed) { driver.stop() }
            usleep(1000)
        }
    }

    func begin() { wish.isMade.store(true, ordering: .relaxed) }

    /// Waits for what was begun.
    func end() { background.stop() }
}
