import Addressing
import Glibc
import Laboratory
import MonotonicTime
import RESP
import Testing

@Suite("A crowd of servers that are not there", .needsRoot, .timeLimit(.minutes(1)))
struct ServerCrowdTests {
    private static let port: UInt16 = 20_000
    private static let sentinelPort: UInt16 = 26_379

    @Test("a real Sentinel links to all of them, and replaces a primary that is killed")
    func watchedByARealSentinel() throws {
        let laboratory = try Laboratory.build()
        defer { laboratory.close() }
        let host = laboratory.host("redis01")
        let server = try laboratory.startServer(on: host)
        let likeness = try #require(try server.connect().command("INFO").text)
        server.kill()
        let crowd = try ServerCrowd(on: host, groupCount: 3, port: Self.port, likeness: likeness)
        defer { crowd.close() }

        let watcher = try CrowdWatcher(
            on: host, laboratory, watching: crowd, downAfter: .milliseconds(500))
        #expect(wait { crowd.census.connectionCount == 18 })
        crowd.kill(group: 1, member: 0)
        #expect(wait { crowd.primaries(of: 1).contains { $0 != 0 } })
        let client = try RedisClient(from: host, to: watcher.endpoint)
        let lost = crowd.endpoint(group: 1, member: 0)
        #expect(
            wait {
                let reply = try? client.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "group1")
                return reply?.elements?.first?.text.map { $0 != "\(lost.address)" } ?? false
            })
        #expect(crowd.primaries(of: 0) == [0])

        crowd.revive(group: 1, member: 0)
        #expect(wait { crowd.primaries(of: 1).count == 1 }, "it follows the new primary")
        #expect(crowd.census.helloCount > 0)
    }

    private func wait(_ condition: () -> Bool) -> Bool {
        let deadline = Laboratory.now + .seconds(30)
        while !condition() {
            guard Laboratory.now < deadline else { return false }
            pause()
        }
        return true
    }

    private func pause() {
        usleep(20_000)
    }
}
