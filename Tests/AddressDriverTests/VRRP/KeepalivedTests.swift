import Addressing
import Glibc
import MonotonicTime
import NamespaceFixture
import Netlink
import Testing
import VRRPCore

@testable import AddressDriver

@Suite(
    "A virtual router shared with a real keepalived",
    .enabled(if: Keepalived.isThere, "\(Keepalived.needs)"))
struct KeepalivedTests {
    @Test("passes back and forth by priority 0", arguments: VRRPLab.kinds)
    func handOver(kind: VRRPLab.Kind) throws {
        try NamespaceSegment.with(hosts: 2) { segment in
            let (near, far) = (segment.hosts[0], segment.hosts[1])
            let address = try #require(kind.settings(0, priority: 1).addresses.last)
            let keepalived = try Keepalived(
                kind.settings(1, priority: 150), in: far, source: kind.source(1))
            #expect(try VRRPLab.waits { try VRRPLab.has(far, address) }, "\(keepalived.log)")
            let notices = Notices()
            let baton = try VRRPLab.driver(kind.settings(0, priority: 100), on: near, notices)
            defer { baton.stop() }
            #expect(VRRPLab.waits { (baton.status.first?.received.accepted ?? 0) > 2 })
            #expect(baton.status.first?.role == .backup)
            #expect(try !VRRPLab.has(near, address))

            // keepalived resigns: Baton waits for the skew time alone.
            let resignedAt = BootTime.now()
            keepalived.resign()
            #expect(try VRRPLab.waits { try VRRPLab.has(near, address) })
            #expect(BootTime.now() - resignedAt < kind.settings(0, priority: 100).interval * 3)
            keepalived.end()
            #expect(try !VRRPLab.has(far, address))

            // It comes back and ranks higher: Baton gives way, and keepalived is heard.
            let returned = try Keepalived(
                kind.settings(1, priority: 150), in: far, source: kind.source(1))
            #expect(try VRRPLab.waits { try !VRRPLab.has(near, address) }, "\(returned.log)")
            #expect(try VRRPLab.waits { try VRRPLab.has(far, address) })
            baton.stop()

            // Baton ranks higher now, and resigns.
            let higher = try VRRPLab.driver(kind.settings(0, priority: 200), on: near, notices)
            #expect(try VRRPLab.waits { try VRRPLab.has(near, address) })
            #expect(try VRRPLab.waits { try !VRRPLab.has(far, address) }, "\(returned.log)")
            higher.stop()
            #expect(try !VRRPLab.has(near, address))
            #expect(try VRRPLab.waits(for: .seconds(1)) { try VRRPLab.has(far, address) })
            for notice in notices.all {
                if case .failed(let failure) = notice { Issue.record("\(failure)") }
                if case .refused(let refusal, _) = notice { Issue.record("\(refusal)") }
            }
        }
    }

    @Test(
        "is advertised by the same bytes where the settings are the same",
        arguments: VRRPLab.kinds)
    func bytes(kind: VRRPLab.Kind) throws {
        try NamespaceSegment.with(hosts: 2) { segment in
            let hosts = segment.hosts
            let capture = try hosts[0].run { try PacketCapture(interface: "eth0") }
            let keepalived = try Keepalived(
                kind.settings(1, priority: 150), in: hosts[1], source: kind.source(1))
            let theirs = try #require(Packet.first(from: capture), "\(keepalived.log)")
            keepalived.end()
            #expect(
                theirs.message
                    == kind.settings(1, priority: 150).advertisement(priority: 150)
                    .encoded(from: theirs.source, to: theirs.destination))

            let mirror = try hosts[1].run { try PacketCapture(interface: "eth0") }
            let baton = try VRRPLab.driver(kind.settings(0, priority: 150), on: hosts[0])
            defer { baton.stop() }
            let ours = try #require(Packet.first(from: mirror))
            // But for the source, and the destination of unicast, both count into the checksum.
            #expect(ours.class == theirs.class)
            // keepalived 2.2 leaves the kernel's 64 in unicast of IPv6.
            #expect(ours.hopLimit == 255)
            #expect(theirs.hopLimit == 255 || (kind.isUnicast && !kind.isIPv4))
            #expect(ours.fragmentation == theirs.fragmentation)
            #expect(ours.hardware == theirs.hardware || kind.isUnicast)
            #expect(ours.message.prefix(6) == theirs.message.prefix(6))
            #expect(ours.message.dropFirst(8) == theirs.message.dropFirst(8))
            if kind.version == .two { #expect(ours.message == theirs.message) }
            #expect(ours.source.bitCount == theirs.source.bitCount)
        }
    }

    @Test("is settled when a frozen keepalived thaws and takes itself for the active one")
    func thaw() throws {
        try NamespaceSegment.with(hosts: 2) { segment in
            let (near, far) = (segment.hosts[0], segment.hosts[1])
            let kind = VRRPLab.Kind(version: .three, isIPv4: true, isUnicast: false)
            let keepalived = try Keepalived(kind.settings(1, priority: 150), in: far)
            #expect(try VRRPLab.waits { try VRRPLab.has(far, VRRPLab.virtual) })
            let baton = try VRRPLab.driver(kind.settings(0, priority: 100), on: near)
            defer { baton.stop() }
            #expect(VRRPLab.waits { baton.status.first?.role == .backup })
            try keepalived.freeze(true)
            #expect(try VRRPLab.waits { try VRRPLab.has(near, VRRPLab.virtual) })
            #expect(try VRRPLab.has(far, VRRPLab.virtual))
            try keepalived.freeze(false)
            #expect(
                try VRRPLab.waits(for: .seconds(2)) { try !VRRPLab.has(near, VRRPLab.virtual) })
            #expect(try VRRPLab.has(far, VRRPLab.virtual))
        }
    }

    /// How the active host ends.
    enum Fault: CaseIterable {
        /// Its cable is pulled.
        case cable
        /// It is shut down.
        case shutdown
    }

    @Test(
        "is without a holder for no longer than the down interval, and hardly in a hand-over",
        arguments: Fault.allCases, [true, false])
    func gap(fault: Fault, isBatonActive: Bool) throws {
        try NamespaceSegment.with(hosts: 3) { segment in
            let kind = VRRPLab.Kind(version: .three, isIPv4: true, isUnicast: false)
            let baton = try VRRPLab.driver(
                kind.settings(0, priority: isBatonActive ? 200 : 100), on: segment.hosts[0])
            defer { baton.stop() }
            let keepalived = try Keepalived(kind.settings(1, priority: 150), in: segment.hosts[1])
            let active = isBatonActive ? 0 : 1
            // keepalived is there once it has had the address, or has given way.
            #expect(
                try VRRPLab.waits {
                    try VRRPLab.has(segment.hosts[active], VRRPLab.virtual)
                        && !VRRPLab.has(segment.hosts[1 - active], VRRPLab.virtual)
                        && keepalived.log.contains("Entering")
                }, "\(keepalived.log)")
            usleep(700_000)
            let stopper = try Stopper(baton)
            defer { stopper.end() }
            let gap = try Prober.gap(to: VRRPLab.virtual, in: segment) {
                switch (fault, isBatonActive) {
                case (.cable, _): try segment.connect(active, false)
                case (.shutdown, true): stopper.begin()
                case (.shutdown, false): keepalived.resign()
                }
            }
            // Three intervals and the skew, or the skew alone; and two attempts of the prober, on
            // a machine that has other things to do.
            #expect(gap < .milliseconds(fault == .cable ? 500 : 200))
            #expect(try VRRPLab.has(segment.hosts[1 - active], VRRPLab.virtual))
        }
    }
}

/// A packet of VRRP as it was on the wire.
private struct Packet {
    let hardware: MACAddress
    let `class`: UInt8
    let fragmentation: [UInt8]
    let hopLimit: UInt8
    let source: IPAddress
    let destination: IPAddress
    let message: [UInt8]

    /// The first that says a priority.
    static func first(from capture: PacketCapture) -> Packet? {
        var found: Packet?
        let end = BootTime.now() + .seconds(10)
        while found == nil, BootTime.now() < end {
            _ = capture.frames(1) { frame in
                found = found ?? Packet(frame)
                return found != nil
            }
        }
        return found
    }

    init?(_ frame: [UInt8]) {
        hardware = MACAddress(bits: frame.prefix(6).reduce(0) { $0 << 8 | UInt64($1) })
        let packet = frame.dropFirst(14)
        if let datagram = try? VRRPDatagram(ipv4: packet), frame[12...13] == [0x08, 0x00] {
            `class` = frame[15]
            fragmentation = Array(frame[20...21])
            hopLimit = datagram.hopLimit
            source = datagram.source
            destination = datagram.destination
            message = Array(datagram.message)
        } else if frame.count > 54, frame[12...13] == [0x86, 0xDD], frame[20] == 112 {
            `class` = frame[14] << 4 | frame[15] >> 4
            fragmentation = []
            hopLimit = frame[21]
            source = .v6(IPv6Address(octets: frame[22..<38]))
            destination = .v6(IPv6Address(octets: frame[38..<54]))
            message = Array(frame.dropFirst(54))
        } else {
            return nil
        }
    }
}
