import Addressing
import Glibc
import MonotonicTime
import NamespaceFixture
import Netlink
import NodeCore
import Synchronization
import Testing

@testable import AddressDriver

/// The near host watches; the far one is somebody else on its network.
@Suite(
    "Watching the clients' network",
    .enabled(if: NamespacePair.isPermitted, "\(NamespacePair.needs)"))
struct NeighbourWatchTests {
    static let addresses = ["10.18.14.94", "fd18::94"]

    /// What a watch has told, in order.
    final class Inbox: Sendable {
        private let events = Mutex<[AddressEvent]>([])

        func add(_ event: AddressEvent) { events.withLock { $0.append(event) } }

        func forget() { events.withLock { $0.removeAll() } }

        private var all: [AddressEvent] { events.withLock { $0 } }

        var claims: [String] {
            all.compactMap { if case .claimed(_, let hardware, _) = $0 { hardware } else { nil } }
        }

        func first<Found>(
            atMost limit: Interval = .seconds(2), _ find: (AddressEvent) -> Found?
        ) -> Found? {
            let deadline = BootTime.now() + limit
            while BootTime.now() < deadline {
                if let found = all.lazy.compactMap(find).first { return found }
                usleep(500)
            }
            return nil
        }

        /// What was told last.
        var isReached: Bool? {
            all.reversed().lazy.compactMap {
                if case .network(_, _, let isReached) = $0 { isReached } else { nil }
            }.first
        }

        var sighting: Sighting? {
            first { if case .sighted(_, _, let sighting) = $0 { sighting } else { nil } }
        }

        var isAsked: Bool {
            first { $0 == .done(group: "orders", .probe) ? true : nil } ?? false
        }
    }

    private static func watching(
        _ address: IPAddress, _ pair: NamespacePair,
        _ body: (NeighbourWatch, Inbox) throws -> Void
    ) throws {
        let inbox = Inbox()
        let watch = try pair.near.run {
            try NeighbourWatch(
                [NeighbourWatch.Place(group: "orders", address: address, interface: nil)],
                notice: inbox.add)
        }
        defer { watch.stop() }
        // It has looked at its interfaces.
        _ = inbox.first { if case .network = $0 { true } else { nil } }
        try body(watch, inbox)
    }

    private static func hardware(of pair: NamespacePair) throws -> String {
        let words = try pair.far.ip("-o link show dev far0").split(separator: " ").map(String.init)
        let index = try #require(words.firstIndex(of: "link/ether"))
        return words[index + 1]
    }

    @Test("a stranger that has the address answers the question", arguments: addresses)
    func stranger(text: String) throws {
        let address = try #require(IPAddress(text))
        try NamespacePair.with { pair in
            try pair.far.ip(
                "addr add \(text)/\(address.bitCount) dev far0"
                    + (address.bitCount == 128 ? " nodad" : ""))
            try Self.watching(address, pair) { watch, inbox in
                let begin = BootTime.now()
                watch.probe("orders", report: inbox.add)
                let claimant = inbox.first { event in
                    if case .claimed("orders", let hardware, false) = event {
                        hardware
                    } else {
                        nil
                    }
                }
                let stranger = try Self.hardware(of: pair)
                #expect(claimant == stranger)
                print("measured: a probe for \(text) is answered after \(BootTime.now() - begin)")
                #expect(inbox.isAsked)
            }
        }
    }

    @Test("a question that nobody answers is no claim, nor is one's own", arguments: addresses)
    func silence(text: String) throws {
        let address = try #require(IPAddress(text))
        try NamespacePair.with { pair in
            // Our own leftover: the kernel does not answer its own question.
            try pair.near.ip("addr add \(text)/\(address.bitCount) dev near0")
            try Self.watching(address, pair) { watch, inbox in
                watch.probe("orders", report: inbox.add)
                #expect(inbox.isAsked)
                usleep(100_000)
                #expect(inbox.claims.isEmpty)
            }
        }
    }

    @Test("a peer answers while its lease runs, and no longer", arguments: addresses)
    func peer(text: String) throws {
        let address = try #require(IPAddress(text))
        let prefix = try #require(
            Prefix(address: address, length: address.bitCount == 32 ? 20 : 64))
        try NamespacePair.with { pair in
            let keeper = try pair.far.run { try AddressKeeper() }
            try keeper.guardAddresses([(prefix, nil)], trusted: []).get()
            try Self.watching(address, pair) { watch, inbox in
                _ = try keeper.take(
                    prefix, on: "far0", until: BootTime.now() + .milliseconds(400)
                ).get()
                usleep(50_000)
                inbox.forget()
                watch.probe("orders", report: inbox.add)
                #expect(inbox.isAsked)
                usleep(50_000)
                let peer = try Self.hardware(of: pair)
                #expect(inbox.claims == [peer])
                // The lease ends by itself.
                usleep(400_000)
                inbox.forget()
                watch.probe("orders", report: inbox.add)
                #expect(inbox.isAsked)
                usleep(100_000)
                #expect(inbox.claims.isEmpty)
                #expect(try pair.far.ip("addr show dev far0").contains(text))
            }
        }
    }

    @Test("an announcement is a claim, asked or not", arguments: addresses)
    func announced(text: String) throws {
        let address = try #require(IPAddress(text))
        try NamespacePair.with { pair in
            let stranger = MACAddress(bits: 0x02_BA_DB_AD_BA_D0)
            let wire = try pair.far.run { try PacketCapture(interface: "far0") }
            try Self.watching(address, pair) { _, inbox in
                for frame in Announcement.frames(for: address, at: stranger) {
                    #expect(wire.send(frame) == 0)
                }
                let claimant = inbox.first { event in
                    if case .claimed(_, let hardware, _) = event { hardware } else { nil }
                }
                #expect(claimant == stranger.description)
            }
        }
    }

    @Test(
        "a neighbour is heard while it has its address, whatever the wire says",
        arguments: [("10.18.14.94", "10.18.13.2/20"), ("fd18::94", "fd18::2/64")])
    func neighbour(text: String, theirs: String) throws {
        let address = try #require(IPAddress(text))
        let neighbour = try #require(IPAddress(theirs.split(separator: "/").first ?? ""))
        try NamespacePair.with { pair in
            try Self.watching(address, pair) { watch, inbox in
                watch.watch("orders", [neighbour])
                usleep(1_500_000)
                #expect(inbox.isReached == true)
                try pair.far.ip("addr del \(theirs) dev far0")
                let begin = BootTime.now()
                let isLost = inbox.first { event in
                    if case .network(_, _, isReached: false) = event { true } else { nil }
                }
                #expect(isLost == true)
                print("measured: neighbour \(neighbour) missed after \(BootTime.now() - begin)")
                inbox.forget()
                try pair.far.ip(
                    "addr add \(theirs) dev far0" + (address.bitCount == 128 ? " nodad" : ""))
                let isFound = inbox.first { event in
                    if case .network(_, _, isReached: true) = event { true } else { nil }
                }
                #expect(isFound == true)
            }
        }
    }

    @Test("the address is seen at the holder that answers for it", arguments: addresses)
    func seen(text: String) throws {
        let address = try #require(IPAddress(text))
        let isIPv4 = address.bitCount == 32
        let prefix = try #require(Prefix(address: address, length: isIPv4 ? 20 : 64))
        let holder = try #require(IPAddress(isIPv4 ? "10.18.13.2" : "fd18::2"))
        try NamespacePair.with { pair in
            let keeper = try pair.far.run { try AddressKeeper() }
            try keeper.guardAddresses([(prefix, nil)], trusted: []).get()
            try Self.watching(address, pair) { watch, inbox in
                _ = try keeper.take(
                    prefix, on: "far0", until: BootTime.now() + .milliseconds(500)
                ).get()
                watch.seek("orders", epoch: 3, holder: holder, report: inbox.add)
                let sighting = try #require(inbox.sighting)
                let hardware = try Self.hardware(of: pair)
                #expect(sighting.isConfirmed && sighting.answering == hardware)
                print("measured: \(address) seen at its holder after \(sighting.after)")
                // The lease ends by itself.
                usleep(500_000)
                inbox.forget()
                watch.seek("orders", epoch: 4, holder: holder, report: inbox.add)
                let later = try #require(inbox.sighting)
                #expect(!later.isConfirmed && later.answering == nil)
                #expect(later.holder == hardware)
                #expect(later.after >= .seconds(1))
            }
        }
    }

    @Test("a question that cannot be asked is reported with the reason")
    func cannotAsk() throws {
        let address = try #require(IPAddress("10.18.14.94"))
        try NamespacePair.with { pair in
            try pair.near.ip("link set near0 down")
            try Self.watching(address, pair) { watch, inbox in
                watch.probe("orders", report: inbox.add)
                let reason = inbox.first { event in
                    if case .failed("orders", .probe, let reason) = event { reason } else { nil }
                }
                #expect(reason?.contains("near0") == true)
            }
        }
    }
}
