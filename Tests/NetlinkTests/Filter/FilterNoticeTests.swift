import Addressing
import Glibc
import NamespaceFixture
import Testing

@testable import Netlink

@Suite("Notices of changes of the packet filter")
struct FilterNoticeTests {
    private var reader = FilterNoticeReader(tableName: "baton", ownPorts: [7])

    @Test("a change of our table by another is told once, with the program's name")
    mutating func foreign() {
        #expect(reader.read(Samples.tableGone + Samples.tableGone) == [])
        #expect(reader.read(Samples.generation) == [.filterChanged(by: "nft")])
        #expect(reader.read(Samples.generation) == [])
    }

    @Test("our own changes are no news, nor are those of other tables")
    mutating func own() {
        var bytes = Samples.tableGone
        bytes[12] = 7
        #expect(reader.read(bytes + Samples.generation) == [])
        bytes = Samples.tableGone
        bytes[24] = 0x42
        #expect(reader.read(bytes + Samples.generation) == [])
        #expect(reader.read(Samples.link) == [])
    }

    @Test("what cannot be read may have been about us")
    mutating func malformed() {
        #expect(
            reader.read([1, 0, 0, 0] + Samples.tableGone.dropFirst(4))
                == [.filterChanged(by: nil)])
        var bytes = Samples.tableGone
        bytes[20] = 1  // An attribute shorter than its header.
        #expect(reader.read(bytes + Samples.generation) == [.filterChanged(by: "nft")])
    }

    @Test(
        "the kernel tells a flushed ruleset, and a thousand renewals not at all",
        .enabled(if: NamespacePair.isPermitted, "\(NamespacePair.needs)"))
    func kernel() throws {
        try NamespacePair.with { pair in
            let trial = try Trial(pair)
            let port = trial.filter.port
            let watch = try pair.near.run { Watch(try FilterNoticeSocket(ownPorts: [port])) }
            _ = try trial.open(60_000)
            for _ in 0..<1000 {
                _ = try trial.renew(60_000)
                #expect(watch.waiting() == [])
            }
            try trial.filter.close(trial.address, .barring)
            try pair.near.command("nft add table inet other")
            #expect(watch.waiting() == [])
            for damage in ["flush ruleset", "add rule inet baton input accept"] {
                try pair.near.command("nft \(damage)")
                #expect(watch.waiting() == [.filterChanged(by: "nft")])
                _ = try trial.open(60_000)
                #expect(watch.waiting() == [])
            }
        }
    }

    private final class Watch {
        private let socket: FilterNoticeSocket

        init(_ socket: consuming FilterNoticeSocket) { self.socket = socket }

        /// What is there now; the kernel tells a change before it answers the request for it.
        func waiting() -> [Notice] {
            var notices: [Notice] = []
            var waited = [pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)]
            while poll(&waited, 1, 0) > 0, let received = try? socket.receive() {
                notices += received
            }
            return notices
        }
    }
}
