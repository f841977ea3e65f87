import Addressing
import Glibc
import Laboratory
import MonotonicTime
import RESP
import Testing

extension EndToEnd {
    /// A debug build has a tenth of the speed: a thousand groups has `make bench-sentinel`, beside
    /// a real Sentinel.
    @Suite("Many groups watched by one drop-in Sentinel", .timeLimit(.minutes(2)))
    struct DropInScaleTests {
        private static let groupCount = 200
        private static let downAfter = Interval.seconds(3)
        /// Of an answer on its port, while it watches all these servers.
        private static let patience = Interval.seconds(2)

        @Test("links to all, lets none go unasked, answers meanwhile, and replaces fifty at once")
        func manyGroups() throws {
            let laboratory = try Laboratory.build()
            defer { laboratory.close() }
            let host = laboratory.host("redis01")
            let server = try laboratory.startServer(on: host)
            let likeness = try #require(try server.connect().command("INFO").text)
            server.kill()
            let crowd = try ServerCrowd(
                on: host, groupCount: Self.groupCount, port: 20_000, likeness: likeness)
            defer { crowd.close() }
            let watcher = try CrowdWatcher(
                .baton(try #require(BatonExecutable.find())), on: host, laboratory,
                watching: crowd, downAfter: Self.downAfter)
            let linkCount = 2 * ServerCrowd.memberCount * Self.groupCount
            try #require(
                wait(.seconds(60)) { crowd.census.connectionCount == linkCount },
                "\(crowd.census.connectionCount) of \(linkCount) links")
            let client = try RedisClient(
                from: host, to: watcher.endpoint, timeout: Self.patience)
            #expect(wait(.seconds(30)) { isWhole(client) })

            crowd.beginCensus()
            var slowest = Interval.zero
            for _ in 0..<20 {
                usleep(200_000)
                let asked = Laboratory.now
                #expect(
                    try client.command("SENTINEL", "MASTERS").elements?.count == Self.groupCount)
                slowest = max(slowest, Laboratory.now - asked)
            }
            #expect(crowd.census.longestSilence < Self.downAfter)
            print(
                "longest silence \(crowd.census.longestSilence.milliseconds) ms, SENTINEL MASTERS"
                    + " at most \(slowest.milliseconds) ms")

            for group in 0..<50 { crowd.kill(group: group, member: 0) }
            #expect(
                wait(.seconds(30)) {
                    (0..<50).allSatisfy { crowd.primaries(of: $0).contains { $0 != 0 } }
                })
            #expect((50..<Self.groupCount).allSatisfy { crowd.primaries(of: $0) == [0] })
            #expect(crowd.census.longestSilence < Self.downAfter + .seconds(1))
            #expect(watcher.program.isRunning)
        }

        /// Whether it knows both replicas of each group.
        private func isWhole(_ client: RedisClient) -> Bool {
            guard let masters = try? client.command("SENTINEL", "MASTERS").elements else {
                return false
            }
            return masters.allSatisfy { master in
                let words = (master.elements ?? []).map { $0.text ?? "" }
                guard let place = words.firstIndex(of: "num-slaves") else { return false }
                return words[place + 1] == "2"
            }
        }

        private func wait(_ limit: Interval, for condition: () -> Bool) -> Bool {
            let deadline = Laboratory.now + limit
            while !condition() {
                guard Laboratory.now < deadline else { return false }
                usleep(50_000)
            }
            return true
        }
    }
}
