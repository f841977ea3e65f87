import Addressing
import Glibc
import NamespaceFixture
import Netlink
import Synchronization
import Testing

@testable import AddressDriver

/// Serialized, since these tests count the process's watching threads.
@Suite(
    "Watching interfaces and addresses", .serialized,
    .enabled(if: NamespacePair.isPermitted, "\(NamespacePair.needs)"))
struct AddressWatchTests {
    @Test(
        "notices an address that somebody else removes",
        arguments: ["10.18.14.94/20", "fd18::94/64"])
    func foreignRemoval(text: String) throws {
        let prefix = try #require(Prefix(text))
        try NamespacePair.with { pair in
            let keeper = try pair.near.run { try AddressKeeper() }
            _ = try keeper.take(prefix, on: "near0").get()
            let inbox = try Inbox()
            let watch = try pair.near.run { try AddressWatch { inbox.deliver($0) } }
            try pair.near.ip("addr del \(prefix.address)/\(prefix.address.bitCount) dev near0")
            let gone = inbox.first { notice in
                if case .addressGone(let address) = notice { address } else { nil }
            }
            watch.stop()
            #expect(gone?.address == prefix.address)
            #expect(gone?.ownershipMark == ConfiguredAddress.batonMark)
        }
    }

    @Test("notices an interface that loses its carrier, and one that goes down")
    func link() throws {
        try NamespacePair.with { pair in
            let inbox = try Inbox()
            let watch = try pair.near.run { try AddressWatch { inbox.deliver($0) } }
            try pair.far.ip("link set far0 down")
            let unplugged = inbox.first { notice in
                if case .linkChanged(let link) = notice, !link.hasCarrier { link } else { nil }
            }
            #expect(unplugged?.name == "near0")
            #expect(unplugged?.isUp == true)
            try pair.near.ip("link set near0 down")
            let down = inbox.first { notice in
                if case .linkChanged(let link) = notice, !link.isUp { link } else { nil }
            }
            #expect(down?.name == "near0")
            try pair.near.ip("link del near0")
            let gone = inbox.first { notice in
                if case .linkGone(let link) = notice { link } else { nil }
            }
            watch.stop()
            #expect(gone?.name == "near0")
        }
    }

    @Test("notices who lays hands on the tables in the packet filter, but for ourselves")
    func filter() throws {
        let address = try #require(IPAddress("10.18.14.94"))
        try NamespacePair.with { pair in
            let keeper = try pair.near.run { try AddressKeeper() }
            let inbox = try Inbox()
            let port = keeper.filterPort
            let watch = try pair.near.run {
                try AddressWatch(filterPorts: [port]) { inbox.deliver($0) }
            }
            try keeper.bar(address).get()
            _ = try keeper.admit(address).get()
            try pair.near.command("nft flush ruleset")
            let first = inbox.first { notice in
                if case .filterChanged = notice { notice } else { nil }
            }
            watch.stop()
            #expect(first == .filterChanged(by: "nft"))
        }
    }

    @Test("stopping ends the thread; stopping again, and letting go, do nothing more")
    func stopped() throws {
        try NamespacePair.with { pair in
            let watch = try pair.near.run { try AddressWatch { _ in } }
            watch.stop()
            #expect(try watchingThreads() == 0)
            watch.stop()
        }
    }

    @Test("letting go of the last reference ends the thread")
    func released() throws {
        try NamespacePair.with { pair in
            var watches = try (0..<5).map { _ in
                try pair.near.run { try AddressWatch { _ in } }
            }
            #expect(watches.count == 5)
            watches = []
            #expect(try watchingThreads() == 0)
        }
    }

    /// Threads of this process that carry the watch's name.
    private func watchingThreads() throws -> Int {
        try Command.run(["ps", "-L", "-o", "comm=", "-p", "\(getpid())"])
            .split(separator: "\n").filter { $0 == "baton-watch" }.count
    }
}

/// Hands notices from the watching thread to the test, through a pipe that says how many wait.
private final class Inbox: Sendable {
    private let notices = Mutex<[Notice]>([])
    private let wakeup: Int32
    private let waiting: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        waiting = ends[0]
        wakeup = ends[1]
    }

    deinit {
        _ = close(waiting)
        _ = close(wakeup)
    }

    func deliver(_ delivered: [Notice]) {
        notices.withLock { $0 += delivered }
        _ = write(wakeup, [0], 1)
    }

    /// The first notice, of those not looked at yet, that `wanted` makes something of; `nil` if no
    /// further notice comes within three seconds.
    func first<Value>(_ wanted: (Notice) -> Value?) -> Value? {
        var waited = [pollfd(fd: waiting, events: Int16(POLLIN), revents: 0)]
        while true {
            let next = notices.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            if let next {
                if let value = wanted(next) { return value }
                continue
            }
            guard poll(&waited, 1, 3000) > 0 else { return nil }
            var octet: UInt8 = 0
            _ = read(waiting, &octet, 1)
        }
    }
}
