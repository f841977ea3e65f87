import Addressing
import Glibc
import LeaseCore
import MonotonicTime
import NamespaceFixture
import Netlink
import NodeCore
import Synchronization
import Testing

@testable import AddressDriver

@Suite("Whole seconds of an address's lifetime")
struct LifetimeKeeperTests {
    private static let start = Instant(nanoseconds: 1_000_000_000_000)

    @Test("what is left of a lease is rounded down, so that the lifetime ends before it")
    func rounding() {
        func seconds(_ rest: Int) -> UInt32? {
            LifetimeKeeper.wholeSeconds(until: Self.start + .milliseconds(rest), from: Self.start)
        }
        #expect(seconds(2331) == 2)
        #expect(seconds(2000) == 2)
        #expect(seconds(1999) == 1)
        #expect(seconds(999) == nil)
        #expect(seconds(-3000) == nil)
    }

    @Test("at any moment of a renewal the kernel, as late as it may be, is in time for D + e")
    func inTime() throws {
        let terms = LeaseTerms(promise: .milliseconds(4500), enforcement: .addressLifetime)
        #expect(terms.objection == nil)
        for answered in stride(from: 0, to: terms.use.milliseconds, by: 1) {
            let now = Self.start + .milliseconds(answered)
            let deadline = Self.start + terms.use
            guard let seconds = LifetimeKeeper.wholeSeconds(until: deadline, from: now) else {
                #expect(deadline - now < .seconds(1))
                continue
            }
            // The commit may be late by the tolerance, the kernel's look by a second.
            let last =
                now + LifetimeKeeper.tolerance + .seconds(Int(seconds)) + .seconds(1)
            #expect(last < deadline + terms.lateness)
            // While voters answer within a tenth of a second, two renewals may be lost.
            if answered <= 300 { #expect(seconds == 2) }
        }
    }
}

@Suite(
    "Keeping an address by its lifetime",
    .enabled(if: NamespacePair.isPermitted, "\(NamespacePair.needs)"))
struct LifetimeKeeperKernelTests {
    private static let texts = ["10.18.14.94/20", "fd18::94/64"]

    /// CLOCK_BOOTTIME, ahead by so much from the given reading on.
    private static func clock(
        ahead: Interval, from reading: Int
    ) -> @Sendable () -> Instant {
        let readings = Mutex(0)
        return {
            let count = readings.withLock { count in
                defer { count += 1 }
                return count
            }
            return BootTime.now() + (count >= reading ? ahead : .zero)
        }
    }

    private static func isThere(_ prefix: Prefix, _ pair: NamespacePair) throws -> Bool {
        try pair.near.ip("addr show dev near0").contains("\(prefix.address)/")
    }

    @Test(
        "with the daemon's hands off, the kernel ends the lease no later than D + e",
        arguments: texts)
    func ends(text: String) throws {
        let prefix = try #require(Prefix(text))
        let lateness = LeaseEnforcement.addressLifetime.lateness
        try NamespacePair.with { pair in
            let inbox = NeighbourWatchTests.Inbox()
            let driver = try pair.near.run {
                try AddressDriver(
                    [.init(group: "orders", prefix: prefix)], enforcement: .addressLifetime,
                    notice: inbox.add)
            }
            defer { driver.stop() }
            let begin = BootTime.now()
            let until = begin + .milliseconds(2331)
            driver.carry(.take(group: "orders", port: 6379, until: until), report: inbox.add)
            let isTaken = inbox.first { $0 == .done(group: "orders", .take) ? true : nil }
            #expect(isTaken == true)
            #expect(try Self.isThere(prefix, pair))
            // The end of its lease, and not somebody else's doing.
            let isOver = inbox.first(atMost: .seconds(5)) {
                $0 == .lapsed(group: "orders") ? true : nil
            }
            let end = BootTime.now()
            #expect(isOver == true)
            #expect(end > begin + .milliseconds(1900))
            #expect(end <= until + lateness)
            print("measured: \(text) gone \((end - until).milliseconds) ms after D")
            #expect(!(try Self.isThere(prefix, pair)))
        }
    }

    @Test(
        "a renewal puts the end off; one that comes too late to do so leaves it", arguments: texts)
    func renewal(text: String) throws {
        let prefix = try #require(Prefix(text))
        try NamespacePair.with { pair in
            let keeper = try pair.near.run { try LifetimeKeeper() }
            let now = BootTime.now()
            let taking = try keeper.take(
                prefix, port: nil, on: "near0", until: now + .milliseconds(2300)
            ).get()
            #expect(taking.addition == .added)
            let late = try keeper.renew(
                prefix.address, port: nil, until: now + .milliseconds(2400)
            ).get()
            #expect(late == .renewed)
            let renewed = try keeper.renew(
                prefix.address, port: nil, until: now + .milliseconds(9500)
            ).get()
            #expect(renewed == .renewed)
            let shown = try pair.near.ip("addr show dev near0")
            #expect(shown.contains("valid_lft 9sec"))
            #expect(try keeper.remainingLease(prefix.address).get() == .seconds(8))
            #expect(!keeper.hasLapsed(prefix.address, at: BootTime.now()))
        }
    }

    @Test("what has gone is not put back by a renewal", arguments: texts)
    func gone(text: String) throws {
        let prefix = try #require(Prefix(text))
        try NamespacePair.with { pair in
            let keeper = try pair.near.run { try LifetimeKeeper() }
            let now = BootTime.now()
            _ = try keeper.take(prefix, port: nil, on: "near0", until: now + .seconds(3)).get()
            let alone = "\(prefix.address)/\(prefix.address.bitCount)"
            try pair.near.ip("addr del \(alone) dev near0")
            let renewal = try keeper.renew(
                prefix.address, port: nil, until: now + .seconds(5)
            ).get()
            #expect(renewal == .lapsed)
            #expect(!(try Self.isThere(prefix, pair)))
        }
    }

    @Test("a daemon that was frozen before the commit takes the address back at once")
    func frozen() throws {
        let prefix = try #require(Prefix("10.18.14.94/20"))
        try NamespacePair.with { pair in
            let keeper = try pair.near.run {
                try LifetimeKeeper(clock: Self.clock(ahead: .seconds(5), from: 1))
            }
            let taking = keeper.take(
                prefix, port: nil, on: "near0", until: BootTime.now() + .seconds(3))
            guard case .failure(let failure) = taking else {
                Issue.record("taken")
                return
            }
            #expect(failure.reason.contains("less than a second"))
            #expect(!(try Self.isThere(prefix, pair)))

            let renewing = try pair.near.run {
                try LifetimeKeeper(clock: Self.clock(ahead: .seconds(5), from: 3))
            }
            let now = BootTime.now()
            _ = try renewing.take(prefix, port: nil, on: "near0", until: now + .seconds(2)).get()
            let renewal = try renewing.renew(
                prefix.address, port: nil, until: now + .seconds(4)
            ).get()
            #expect(renewal == .lapsed)
            #expect(!(try Self.isThere(prefix, pair)))
        }
    }

    @Test("a late announcement is not sent")
    func announcement() throws {
        let prefix = try #require(Prefix("10.18.14.94/20"))
        try NamespacePair.with { pair in
            let keeper = try pair.near.run {
                try LifetimeKeeper(clock: Self.clock(ahead: .seconds(5), from: 3))
            }
            let deadline = BootTime.now() + .seconds(2)
            _ = try keeper.take(prefix, port: nil, on: "near0", until: deadline).get()
            func announce() -> Result<Int, AddressFailure> {
                keeper.announce(prefix.address, on: "near0", until: deadline)
            }
            #expect(try announce().get() > 0)
            guard case .failure = announce() else {
                Issue.record("announced")
                return
            }
        }
    }

    @Test("giving up, and falling silent too, resets the clients and removes the address")
    func givingUp() throws {
        let prefix = try #require(Prefix("10.18.14.94/20"))
        try NamespacePair.with { pair in
            let keeper = try pair.near.run { try LifetimeKeeper() }
            let listener = try pair.near.run { try TCPSocket.listen(family: .v4, port: 6379) }
            let giveUps = [keeper.bar, keeper.hush]
            for giveUp in giveUps {
                _ = try keeper.take(
                    prefix, port: nil, on: "near0", until: BootTime.now() + .seconds(5)
                ).get()
                let (client, errno) = try pair.far.run {
                    try TCPSocket.connect(to: Endpoint(address: prefix.address, port: 6379))
                }
                try #require(errno == 0)
                let server = try listener.accept()
                try giveUp(prefix.address, 6379).get()
                #expect(client.readErrno() == ECONNRESET)
                #expect(server.readErrno() != 0)
                #expect(!(try Self.isThere(prefix, pair)))
            }
        }
    }

    @Test("a former life with the packet filter leaves neither guard nor address")
    func formerLife() throws {
        let prefix = try #require(Prefix("10.18.14.94/20"))
        try NamespacePair.with { pair in
            let former = try pair.near.run { try AddressKeeper() }
            _ = try former.take(prefix, on: "near0").get()
            let keeper = try pair.near.run { try LifetimeKeeper() }
            try pair.near.run { try keeper.begin([prefix.address]).get() }
            #expect(!(try pair.near.command("nft list tables").contains("baton")))
            #expect(!(try Self.isThere(prefix, pair)))
            #expect(try keeper.remainingLease(prefix.address).get() == nil)
        }
    }

    @Test("a former life's last second, and somebody's own lifetime, are no lease to carry on")
    func restart() throws {
        let prefix = try #require(Prefix("10.18.14.94/20"))
        try NamespacePair.with { pair in
            let keeper = try pair.near.run { try LifetimeKeeper() }
            for seconds in ["1", "600", "forever"] {
                try pair.near.ip(
                    "addr replace 10.18.14.94/32 dev near0 preferred_lft 0 valid_lft \(seconds)")
                #expect(try keeper.remainingLease(prefix.address).get() == nil)
            }
            try pair.near.ip("addr replace 10.18.14.94/32 dev near0 preferred_lft 0 valid_lft 3")
            #expect(try keeper.remainingLease(prefix.address).get() == .seconds(2))
            let leftovers = keeper.removeLeftovers([prefix.address])
            #expect(leftovers.removed == [prefix.address])
            #expect(!(try Self.isThere(prefix, pair)))
        }
    }
}
