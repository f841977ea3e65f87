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
