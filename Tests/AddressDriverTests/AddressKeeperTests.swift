import Addressing
import Glibc
import MonotonicTime
import NamespaceFixture
import Netlink
import Testing

@testable import AddressDriver

@Suite(
    "Keeping an address in the kernel",
    .enabled(if: NamespacePair.isPermitted, "\(NamespacePair.needs)"))
struct AddressKeeperTests {
    static let prefixes = ["10.18.14.94/20", "fd18::94/64"]

    @Test(
        "takes the address alone on the interface of its network, and removes it",
        arguments: prefixes)
    func takeAndRemove(text: String) throws {
        let prefix = try #require(Prefix(text))
        try NamespacePair.with { pair in
            let keeper = try pair.near.run { try AddressKeeper() }
            let link = try keeper.findInterface(for: prefix.address).get()
            #expect(link.name == "near0")
            let taking = try keeper.take(prefix, on: link.name).get()
            #expect(taking.addition == .added)
            #expect(taking.announcementFailure == nil)
            let alone = "\(prefix.address)/\(prefix.address.bitCount)"
            let shown = try pair.near.ip("addr show dev near0 to \(alone) deprecated")
            #expect(shown.contains("\(alone) scope global"))
            #expect(!shown.contains("tentative"))

            let removed = try keeper.remove(prefix.address).get()
            #expect(removed == [link.index])
            #expect(!(try pair.near.ip("addr show dev near0")).contains(alone))
            let again = try keeper.remove(prefix.address).get()
            #expect(again.isEmpty)
        }
    }

    @Test("leaves the host's own address alone where promote_secondaries is off")
    func hostAddressStays() throws {
        let prefix = try #require(Prefix("10.18.14.94/20"))
        try NamespacePair.with { pair in
            try pair.near.command("sysctl -qw net.ipv4.conf.near0.promote_secondaries=0")
            let keeper = try pair.near.run { try AddressKeeper() }
            _ = try keeper.take(prefix, on: "near0").get()
            _ = try keeper.remove(prefix.address).get()
            #expect(try pair.near.ip("addr show dev near0").contains("10.18.13.1/20"))
        }
    }

    @Test(
        "connections of the host's own do not start from a held address",
        arguments: zip(prefixes, [["10.18.14.95", "10.99.0.1"], ["fd18::95", "fd99::1"]]))
    func source(text: String, destinations: [String]) throws {
        let prefix = try #require(Prefix(text))
        let isIPv4 = prefix.address.bitCount == 32
        try NamespacePair.with { pair in
            try pair.near.ip("route add default via \(isIPv4 ? "10.18.13.2" : "fd18::2")")
            let keeper = try pair.near.run { try AddressKeeper() }
            _ = try keeper.take(prefix, on: "near0").get()
            for destination in destinations {
                let route = try pair.near.ip("route get \(destination)")
                #expect(route.contains("src \(isIPv4 ? "10.18.13.1" : "fd18::1") "))
            }
        }
    }

    @Test("a host that was suspended while it took the address gives it up", arguments: prefixes)
    func suspendedWhileTaking(text: String) throws {
        let prefix = try #require(Prefix(text))
        try NamespacePair.with { pair in
            // The filter's own look was before that.
            let keeper = try pair.near.run {
                try AddressKeeper(clock: { BootTime.now() + .seconds(3600) })
            }
            try keeper.guardAddresses([(prefix, "near0")], trusted: []).get()
            let taking = keeper.take(prefix, on: "near0", until: BootTime.now() + .seconds(30))
            #expect(throws: AddressFailure.self) { try taking.get() }
            #expect(try keeper.remainingLease(prefix.address).get() == nil)
        }
    }

    @Test("nothing is announced after the deadline, although the kernel's count still runs")
    func announceLate() throws {
        let prefix = try #require(Prefix("10.18.14.94/20"))
        try NamespacePair.with { pair in
            let keeper = try pair.near.run { try AddressKeeper() }
            _ = try keeper.take(prefix, on: "near0").get()
            let now = BootTime.now()
            let sent = keeper.announce(prefix.address, on: "near0", until: now + .seconds(60))
            #expect(try sent.get() > 0)
            let late = keeper.announce(prefix.address, on: "near0", until: now)
            #expect(throws: AddressFailure.self) { try late.get() }
        }
    }

    @Test("taking twice is taking once", arguments: prefixes)
    func takeTwice(text: String) throws {
        let prefix = try #require(Prefix(text))
        try NamespacePair.with { pair in
            let keeper = try pair.near.run { try AddressKeeper() }
            _ = try keeper.take(prefix, on: "near0").get()
            let again = try keeper.take(prefix, on: "near0").get()
            #expect(again.addition == .alreadyPresent)
            #expect(again.announcements > 0)
        }
    }

    @Test("makes an address that an operator put there by hand as it should be")
    func corrected() throws {
        try NamespacePair.with { pair in
            let keeper = try pair.near.run { try AddressKeeper() }
            for text in Self.prefixes {
                let prefix = try #require(Prefix(text))
                let alone = "\(prefix.address)/\(prefix.address.bitCount)"
                try pair.near.ip("addr add \(alone) dev near0")
                let taking = try keeper.take(prefix, on: "near0").get()
                #expect(taking.addition == .corrected)
                let shown = try pair.near.ip("addr show dev near0 to \(alone) deprecated")
                #expect(shown.contains("\(alone) scope global"))
                #expect(!shown.contains("tentative"))
            }
        }
    }

    @Test("refuses an IPv6 address that the host has with its network's length, and says so")
    func conflict() throws {
        let prefix = try #require(Prefix("fd18::94/64"))
        try NamespacePair.with { pair in
            try pair.near.ip("addr add fd18::94/64 dev near0 nodad")
            let keeper = try pair.near.run { try AddressKeeper() }
            guard case .failure(let failure) = keeper.take(prefix, on: "near0") else {
                Issue.record("taken")
                return
            }
            #expect(failure.source == .configuration)
            #expect(failure.advice.contains("ip address del fd18::94/64 dev near0"))
        }
    }

    @Test(
        "neighbours that knew another owner send to us after one announcement", arguments: prefixes)
    func announcement(text: String) throws {
        let prefix = try #require(Prefix(text))
        try NamespacePair.with { pair in
            try pair.far.ip(
                "neigh replace \(prefix.address) lladdr 02:00:00:00:00:99 dev far0 nud reachable")
            let capture = try pair.far.run { try PacketCapture(interface: "far0") }
            let keeper = try pair.near.run { try AddressKeeper() }
            let link = try keeper.findInterface(for: prefix.address).get()
            let taking = try keeper.take(prefix, on: "near0").get()
            let hardware = try #require(link.hardwareAddress)
            let sent = Announcement.frames(for: prefix.address, at: hardware)
            #expect(taking.announcements == sent.count)
            let captured = capture.frames(sent.count) { sent.contains($0) }
            #expect(captured == sent)
            #expect(
                try pair.far.ip("neigh show \(prefix.address)").contains("lladdr \(hardware)"))
        }
    }

    @Test("a connected client is reset at once, others are not", arguments: [false, true])
    func reset(isDual: Bool) throws {
        let address = IPAddress.v4(IPv4Address(10, 18, 14, 94))
        let own = IPAddress.v4(IPv4Address(10, 18, 13, 1))
        try NamespacePair.with { pair in
            let keeper = try pair.near.run { try AddressKeeper() }
            _ = try keeper.take(try #require(Prefix("10.18.14.94/20")), on: "near0").get()
            let listener = try pair.near.run {
                try TCPSocket.listen(family: isDual ? .dual : .v4, port: 6379)
            }
            let clients = try (0..<10).map { _ in
                try connect(pair.far, to: Endpoint(address: address, port: 6379), listener)
            }
            let other = try connect(pair.far, to: Endpoint(address: own, port: 6379), listener)

            let count = try keeper.resetConnections(address).get()
            #expect(count == 10)
            for client in clients { #expect(client.near.readErrno() == ECONNRESET) }
            #expect(other.near.writeErrno() == 0)
            #expect(other.far.readErrno() == 0)
            let none = try keeper.resetConnections(address).get()
            #expect(none == 0)
        }
    }

    @Test("an IPv6 client is reset as well")
    func resetIPv6() throws {
        let prefix = try #require(Prefix("fd18::94/64"))
        try NamespacePair.with { pair in
            let keeper = try pair.near.run { try AddressKeeper() }
            _ = try keeper.take(prefix, on: "near0").get()
            let listener = try pair.near.run { try TCPSocket.listen(family: .dual, port: 6379) }
            let client = try connect(
                pair.far, to: Endpoint(address: prefix.address, port: 6379), listener)
            let count = try keeper.resetConnections(prefix.address).get()
            #expect(count == 1)
            #expect(client.near.readErrno() == ECONNRESET)
        }
    }

    @Test(
        "a new connection to a barred address is refused at once, to another is not",
        arguments: prefixes)
    func bar(text: String) throws {
        let prefix = try #require(Prefix(text))
        let barred = Endpoint(address: prefix.address, port: 6379)
        let own = Endpoint(
            address: try #require(
                IPAddress(prefix.address.bitCount == 32 ? "10.18.13.1" : "fd18::1")),
            port: 6379)
        try NamespacePair.with { pair in
            let keeper = try pair.near.run { try AddressKeeper() }
            _ = try keeper.take(prefix, on: "near0").get()
            let listener = try pair.near.run { try TCPSocket.listen(family: .dual, port: 6379) }
            let established = try connect(pair.far, to: barred, listener)

            try keeper.bar(prefix.address).get()
            let refused = try pair.far.run { try TCPSocket.connect(to: barred).errno }
            #expect(refused == ECONNREFUSED)
            let admitted = try pair.far.run { try TCPSocket.connect(to: own).errno }
            #expect(admitted == 0)
            // Without the lease nothing of it leaves the host, not even an answer.
            #expect(established.near.writeErrno() == 0)
            #expect(established.far.readErrno() == EAGAIN)

            let wasBarred = try keeper.admit(prefix.address).get()
            #expect(wasBarred)
            let silent = try pair.far.run { try TCPSocket.connect(to: barred).errno }
            #expect(silent == EINPROGRESS)
        }
    }

    @Test("taking an address opens its barrier")
    func takeUnbars() throws {
        let prefix = try #require(Prefix("10.18.14.94/20"))
        try NamespacePair.with { pair in
            let keeper = try pair.near.run { try AddressKeeper() }
            try keeper.bar(prefix.address).get()
            _ = try keeper.take(prefix, on: "near0").get()
            let wasBarred = try keeper.admit(prefix.address).get()
            #expect(!wasBarred)
        }
    }

    @Test("what a former life left is gone: ours by name, ours by mark, clients and barriers")
    func leftovers() throws {
        let named = try #require(Prefix("10.18.14.94/20"))
        let marked = try #require(Prefix("10.18.14.97/20"))
        let stranger = try #require(IPAddress("10.18.14.98"))
        try NamespacePair.with { pair in
            let listener = try pair.near.run { try TCPSocket.listen(family: .v4, port: 6379) }
            var former: AddressKeeper? = try pair.near.run { try AddressKeeper() }
            _ = try former?.take(named, on: "near0").get()
            _ = try former?.take(marked, on: "near0").get()
            try former?.bar(stranger).get()
            former = nil
            let client = try connect(
                pair.far, to: Endpoint(address: named.address, port: 6379), listener)

            let keeper = try pair.near.run { try AddressKeeper() }
            let leftovers = keeper.removeLeftovers([named.address])
            #expect(leftovers.removed == [named.address, marked.address])
            #expect(leftovers.unbarred == [stranger])
            #expect(leftovers.failures.isEmpty)
            #expect(client.near.readErrno() == ECONNRESET)
            let shown = try pair.near.ip("addr show dev near0")
            #expect(!shown.contains("10.18.14."))
            #expect(shown.contains("10.18.13.1/20"))
            #expect(
                !(try pair.near.command("nft list set inet baton barred4")).contains("10.18.14."))

            let again = keeper.removeLeftovers([named.address])
            #expect(again == AddressLeftovers())
        }
    }

    @Test("removing one group's leftovers leaves alone what another group has taken or barred")
    func leftoversOfOneGroup() throws {
        let taken = try #require(Prefix("10.18.14.94/20"))
        let barred = try #require(IPAddress("10.18.14.97"))
        let leftover = try #require(IPAddress("10.18.14.98"))
        try NamespacePair.with { pair in
            let keeper = try pair.near.run { try AddressKeeper() }
            _ = try keeper.take(taken, on: "near0").get()
            try keeper.bar(barred).get()
            try pair.near.ip("addr add \(leftover)/32 dev near0")
            let leftovers = keeper.removeLeftovers([leftover])
            #expect(leftovers.removed == [leftover])
            #expect(leftovers.unbarred.isEmpty)
            #expect(try pair.near.ip("addr show dev near0").contains("10.18.14.94/32"))
            #expect(try pair.near.command("nft list ruleset").contains("{ 10.18.14.97 }"))

            // Its own, it may remove: it is asked to by name.
            let own = keeper.removeLeftovers([taken.address, barred])
            #expect(own.removed == [taken.address])
            #expect(own.unbarred == [barred])
        }
    }

    @Test("an interface that is down: the address is held, the announcement's failure is told")
    func interfaceDown() throws {
        let prefix = try #require(Prefix("10.18.14.94/20"))
        try NamespacePair.with { pair in
            try pair.near.ip("link set near0 down")
            let keeper = try pair.near.run { try AddressKeeper() }
            let taking = try keeper.take(prefix, on: "near0").get()
            let failure = try #require(taking.announcementFailure)
            #expect(failure.source == .interface)
            #expect(failure.advice == "switch it on: ip link set near0 up")
        }
    }

    @Test("an interface that is gone is named")
    func interfaceGone() throws {
        let prefix = try #require(Prefix("10.18.14.94/20"))
        try NamespacePair.with { pair in
            let keeper = try pair.near.run { try AddressKeeper() }
            guard case .failure(let failure) = keeper.take(prefix, on: "eth7") else {
                Issue.record("taken")
                return
            }
            #expect(failure.what == "cannot add 10.18.14.94/32 to eth7")
            #expect(failure.source == .interface)
        }
    }

    private func connect(
        _ client: Namespace, to endpoint: Endpoint, _ listener: TCPSocket
    ) throws -> (near: TCPSocket, far: TCPSocket) {
        let (socket, errno) = try client.run { try TCPSocket.connect(to: endpoint) }
        try #require(errno == 0)
        return (socket, try listener.accept())
    }
}
