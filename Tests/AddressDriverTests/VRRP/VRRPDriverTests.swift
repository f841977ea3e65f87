import Addressing
import Glibc
import MonotonicTime
import NamespaceFixture
import Netlink
import Testing
import VRRPCore

@testable import AddressDriver

@Suite(
    "Taking part in a virtual router",
    .enabled(if: NamespacePair.isPermitted, "\(NamespacePair.needs)"))
struct VRRPDriverTests {
    private static let four = VRRPLab.Kind(version: .three, isIPv4: true, isUnicast: false)
    private static let six = VRRPLab.Kind(version: .three, isIPv4: false, isUnicast: false)

    private func takes(_ host: Namespace, _ address: IPAddress = VRRPLab.virtual) throws -> Bool {
        try VRRPLab.waits { try VRRPLab.has(host, address) }
    }

    @Test("of two the better one has the addresses, and the other when it stops")
    func pair() throws {
        try NamespaceSegment.with(hosts: 2) { segment in
            let (near, far) = (segment.hosts[0], segment.hosts[1])
            let better = try VRRPLab.driver(Self.six.settings(0, priority: 200), on: near)
            defer { better.stop() }
            let other = try VRRPLab.driver(Self.six.settings(1, priority: 100), on: far)
            defer { other.stop() }
            for address in VRRPLab.virtualV6 { #expect(try takes(near, address)) }
            #expect(VRRPLab.waits { (other.status.first?.received.accepted ?? 0) > 3 })
            #expect(other.status.first?.role == .backup)
            #expect(other.status.first?.heard?.priority == 200)
            better.stop()
            for address in VRRPLab.virtualV6 {
                #expect(try !VRRPLab.has(near, address))
                #expect(try takes(far, address))
            }
        }
    }

    @Test("the checksum of RFC 9568 is understood, and counted")
    func strict() throws {
        try NamespaceSegment.with(hosts: 2) { segment in
            var settings = Self.four.settings(0, priority: 200)
            settings.checksumForm = .messageOnly
            let strict = try VRRPLab.driver(settings, on: segment.hosts[0])
            defer { strict.stop() }
            let other = try VRRPLab.driver(
                Self.four.settings(1, priority: 100), on: segment.hosts[1])
            defer { other.stop() }
            #expect(VRRPLab.waits { (other.status.first?.received.withoutPseudoHeader ?? 0) > 3 })
            #expect(other.status.first?.role == .backup)
        }
    }

    @Test("a client that waits for an answer is reset, and reaches the successor at once")
    func reset() throws {
        try NamespaceSegment.with(hosts: 3) { segment in
            let endpoint = Endpoint(address: VRRPLab.virtual, port: 6379)
            let listeners = try segment.hosts.prefix(2).map { host in
                try host.run { try TCPSocket.listen(family: .v4, port: 6379) }
            }
            let active = try VRRPLab.driver(
                Self.four.settings(0, priority: 200), on: segment.hosts[0])
            defer { active.stop() }
            let backup = try VRRPLab.driver(
                Self.four.settings(1, priority: 100), on: segment.hosts[1])
            defer { backup.stop() }
            #expect(try takes(segment.hosts[0]))
            #expect(VRRPLab.waits { (backup.status.first?.received.accepted ?? 0) > 1 })
            let client = try segment.hosts[2].run { try TCPSocket.connect(to: endpoint) }
            #expect(client.errno == 0)
            let accepted = try listeners[0].accept()
            active.stop()
            #expect(client.0.readErrno() == ECONNRESET)
            let again = try segment.hosts[2].run {
                try TCPSocket.connect(to: endpoint, limitMilliseconds: 200)
            }
            #expect(again.errno == 0)
            #expect(try takes(segment.hosts[1]))
            withExtendedLifetime((accepted, listeners)) {}
        }
    }

    @Test("clients hardly notice when the active host is shut down", arguments: [true, false])
    func seamless(isPulled: Bool) throws {
        try NamespaceSegment.with(hosts: 3) { segment in
            let active = try VRRPLab.driver(
                Self.four.settings(0, priority: 200), on: segment.hosts[0])
            defer { active.stop() }
            let backup = try VRRPLab.driver(
                Self.four.settings(1, priority: 100), on: segment.hosts[1])
            defer { backup.stop() }
            #expect(try takes(segment.hosts[0]))
            #expect(VRRPLab.waits { (backup.status.first?.received.accepted ?? 0) > 1 })
            let stopper = try Stopper(active)
            defer { stopper.end() }
            let gap = try Prober.gap(to: VRRPLab.virtual, in: segment) {
                if isPulled { try segment.connect(0, false) } else { stopper.begin() }
            }
            #expect(gap < .milliseconds(isPulled ? 500 : 150))
            #expect(try VRRPLab.has(segment.hosts[1], VRRPLab.virtual))
        }
    }

    @Test("what a former life left is removed at start; the write address is not taken for it")
    func leftovers() throws {
        try NamespaceSegment.with(hosts: 1) { segment in
            let host = segment.hosts[0]
            let write = try #require(Prefix("10.18.14.94/20"))
            let former = try #require(Prefix("10.18.14.96/20"))
            let keeper = try host.run { try AddressKeeper() }
            _ = try keeper.take(write, on: "eth0").get()
            try host.run {
                let placement = try AddressPlacement(mark: ConfiguredAddress.virtualRouterMark)
                let link = try placement.findInterface(for: former.address, named: nil).get()
                _ = try placement.add(former, on: link, validSeconds: 60).get()
            }
            try host.ip("addr add 10.18.14.95/32 dev eth0")
            var settings = Self.four.settings(0, priority: 100)
            settings.interval = .seconds(10)
            let driver = try VRRPLab.driver(settings, on: host)
            defer { driver.stop() }
            #expect(try !VRRPLab.has(host, VRRPLab.virtual))
            #expect(try !VRRPLab.has(host, former.address))
            #expect(try VRRPLab.has(host, write.address))
        }
    }

    @Test("and the other way round: the write address's keeper leaves a virtual router's alone")
    func othersLeftovers() throws {
        try NamespaceSegment.with(hosts: 1) { segment in
            let driver = try VRRPLab.driver(
                Self.four.settings(0, priority: 100), on: segment.hosts[0])
            defer { driver.stop() }
            #expect(try takes(segment.hosts[0]))
            let keeper = try segment.hosts[0].run { try AddressKeeper() }
            let leftovers = keeper.removeLeftovers([])
            #expect(leftovers.removed.isEmpty && leftovers.failures.isEmpty)
            #expect(try VRRPLab.has(segment.hosts[0], VRRPLab.virtual))
        }
    }

    @Test("an address that somebody removes is put back, and outlives its lifetime while held")
    func restored() throws {
        try NamespaceSegment.with(hosts: 1) { segment in
            let host = segment.hosts[0]
            let notices = Notices()
            let driver = try VRRPLab.driver(Self.four.settings(0, priority: 100), on: host, notices)
            defer { driver.stop() }
            #expect(try takes(host))
            try host.ip("addr del 10.18.14.95/32 dev eth0")
            #expect(try VRRPLab.waits(for: .seconds(2)) { try VRRPLab.has(host, VRRPLab.virtual) })
            #expect(VRRPLab.waits { notices.all.contains(.restored(VRRPLab.virtual)) })
            // Longer than the kernel would keep it unasked.
            let end = BootTime.now() + .seconds(Int(VRRPInstance.validSeconds) + 3)
            while BootTime.now() < end {
                #expect(try VRRPLab.has(host, VRRPLab.virtual))
                usleep(200_000)
            }
            #expect(notices.all.count { $0 == .restored(VRRPLab.virtual) } == 1)
        }
    }

    @Test("priority follows health, and a hand-over needs no waiting")
    func priority() throws {
        try NamespaceSegment.with(hosts: 2) { segment in
            let (near, far) = (segment.hosts[0], segment.hosts[1])
            let one = try VRRPLab.driver(Self.four.settings(0, priority: 200), on: near)
            defer { one.stop() }
            let two = try VRRPLab.driver(Self.four.settings(1, priority: 100), on: far)
            defer { two.stop() }
            #expect(try takes(near))
            #expect(VRRPLab.waits { (two.status.first?.received.accepted ?? 0) > 1 })
            one.setPriority(50, of: "read")
            #expect(VRRPLab.waits { one.status.first?.role == .backup })
            #expect(try takes(far))
            one.setPriority(200, of: "read")
            #expect(VRRPLab.waits { one.status.first?.role == .active })
            one.handOver("read")
            #expect(VRRPLab.waits { two.status.first?.role == .active })
            #expect(VRRPLab.waits { one.status.first?.role == .backup })
            usleep(600_000)
            #expect(one.status.first?.role == .backup)
        }
    }

    @Test("a host without its interface takes no part, and begins again when it is back")
    func interface() throws {
        try NamespaceSegment.with(hosts: 1) { segment in
            let host = segment.hosts[0]
            try host.ip("link set eth0 down")
            let notices = Notices()
            let driver = try VRRPLab.driver(Self.four.settings(0, priority: 100), on: host, notices)
            defer { driver.stop() }
            #expect(VRRPLab.waits { driver.status.first?.failure != nil })
            try host.ip("link set eth0 up")
            #expect(try takes(host))
            #expect(driver.status.first?.failure == nil)
            try segment.connect(0, false)
            #expect(VRRPLab.waits { driver.status.first?.role == .initialise })
            #expect(try !VRRPLab.has(host, VRRPLab.virtual))
            try segment.connect(0, true)
            #expect(try takes(host))
        }
    }

    @Test("a packet that is refused is told of once, and counted")
    func refused() throws {
        try NamespaceSegment.with(hosts: 2) { segment in
            let notices = Notices()
            let driver = try VRRPLab.driver(
                Self.four.settings(0, priority: 100), on: segment.hosts[0], notices)
            defer { driver.stop() }
            var other = Self.four.settings(1, priority: 200)
            other.version = .two
            other.interval = .seconds(1)
            let two = try VRRPLab.driver(other, on: segment.hosts[1])
            defer { two.stop() }
            #expect(VRRPLab.waits { (driver.status.first?.received.refused(.version) ?? 0) > 1 })
            #expect(
                notices.all.filter {
                    if case .refused = $0 { true } else { false }
                } == [.refused(.version(2), from: Self.four.source(1))])
        }
    }

    @Test("whoever owns the addresses keeps them when he stops")
    func owner() throws {
        try NamespaceSegment.with(hosts: 1) { segment in
            let host = segment.hosts[0]
            try host.ip("addr add 10.18.14.95/20 dev eth0")
            let driver = try VRRPLab.driver(Self.four.settings(0, priority: 255), on: host)
            #expect(VRRPLab.waits { driver.status.first?.role == .active })
            driver.stop()
            #expect(try host.ip("addr show dev eth0").contains("10.18.14.95/20"))
        }
    }

    @Test("settings that cannot work are refused before anything is done")
    func objection() throws {
        try NamespaceSegment.with(hosts: 1) { segment in
            var settings = Self.four.settings(0, priority: 100)
            settings.virtualRouterID = 0
            let refused = settings
            try segment.hosts[0].run {
                #expect(throws: AddressFailure.self) {
                    try VRRPDriver([VRRPAssignment(name: "read", settings: refused)]) { _, _ in }
                }
                let good = VRRPAssignment(
                    name: "read", settings: Self.four.settings(0, priority: 100))
                #expect(throws: AddressFailure.self) { try VRRPDriver([good, good]) { _, _ in } }
            }
        }
    }
}
