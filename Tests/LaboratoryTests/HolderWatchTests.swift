import Addressing
import Glibc
import MonotonicTime
import Testing

@testable import Laboratory

@Suite("Watching who has an address", .needsRoot, .timeLimit(.minutes(1)))
struct HolderWatchTests {
    @Test("notes each host that gets the address, and when it lost it")
    func holdings() throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let hosts = ["redis01", "redis02"].map(laboratory.host)
        let watch = HolderWatch(hosts)
        func change(_ verb: String, on host: Host) throws {
            let words = ["address", verb, "\(Plan.writeAddress)/32", "dev", "ens34"]
            #expect(try host.execute("ip", words).ending == .exited(0))
            let deadline = Laboratory.now + .seconds(2)
            let isHeld = verb == "add"
            func isSeen() -> Bool {
                watch.holdings.contains { $0.host == host.name && ($0.end == nil) == isHeld }
            }
            while !isSeen(), Laboratory.now < deadline { usleep(1_000) }
        }

        try change("add", on: hosts[0])
        #expect(hosts[0].has(Plan.writeAddress))
        #expect(!hosts[1].has(Plan.writeAddress))
        try change("del", on: hosts[0])
        let between = Laboratory.now
        try change("add", on: hosts[1])

        let seen = watch.stop()
        #expect(seen.map(\.host) == ["redis01", "redis02"])
        #expect(try #require(seen.first?.end) <= between)
        #expect(watch.holdings(of: hosts[0], since: between).isEmpty)
        #expect(watch.holdings(of: hosts[1], since: between).count == 1)
    }
}
