import MonotonicTime
import Testing

@testable import BalancerCore

@Suite("Notices of failovers")
struct BalancerNoticesTests {
    private static let begun = ">3\r\n$12\r\nFAILING_OVER\r\n:1\r\n:10\r\n"
    private static let ended = ">2\r\n$11\r\nFAILED_OVER\r\n:1\r\n"

    /// A client of the newer protocol that has asked to be told.
    private func told(_ scene: Scene, _ service: Service) throws -> ClientID {
        let client = scene.client(service)
        scene.send("HELLO 3", from: client)
        scene.reply("%0\r\n", from: try #require(scene.upstream(of: client)))
        scene.send("CLIENT MAINT_NOTIFICATIONS ON moving-endpoint-type none", from: client)
        return client
    }

    @Test("who asked for it is told when a planned move begins, and when it is over")
    func move() throws {
        let scene = Scene(serverCount: 1)
        scene.name("one", epoch: 1)
        let client = try told(scene, .write)
        scene.announceMove()
        scene.send("SET a v", from: client)
        scene.primary = "two"
        scene.name("two", epoch: 2)
        scene.reply("+OK\r\n", from: try #require(scene.upstream(of: client)))
        #expect(scene.heard(client) == "%0\r\n+OK\r\n" + Self.begun + Self.ended + "+OK\r\n")
    }

    @Test("the same when the primary dies")
    func death() throws {
        let scene = Scene(serverCount: 1)
        scene.name("one", epoch: 1)
        let client = try told(scene, .auto)
        scene.send("SET a v", from: client)
        scene.refusesConnections = true
        scene.lose(try #require(scene.upstream(of: client)), unsent: 0)
        scene.refusesConnections = false
        scene.primary = "two"
        scene.name("two", epoch: 2)
        scene.send("SET b v", from: client)
        #expect(scene.heard(client) == "%0\r\n+OK\r\n" + Self.begun + Refusal.unsure + Self.ended)
    }

    @Test("nobody else is told: not who did not ask, nor who only reads, nor in the older protocol")
    func others() throws {
        let scene = Scene(serverCount: 1)
        scene.name("one", epoch: 1)
        let reader = try told(scene, .read)
        let silent = scene.client(.write)
        let old = scene.client(.write)
        scene.send("CLIENT MAINT_NOTIFICATIONS ON", from: old)
        #expect(scene.heard(old) == Refusal.noPush)
        let changed = try told(scene, .write)
        scene.send("CLIENT MAINT_NOTIFICATIONS OFF", from: changed)
        scene.announceMove()
        #expect(scene.heard(reader) == "%0\r\n+OK\r\n")
        #expect(scene.heard(silent).isEmpty)
        #expect(scene.heard(old) == Refusal.noPush)
        #expect(scene.heard(changed) == "%0\r\n+OK\r\n+OK\r\n")
    }

    @Test("not in the middle of a reply")
    func middle() throws {
        var settings = BalancerSettings()
        settings.partByteCountMin = 4
        let scene = Scene(serverCount: 1, settings: settings)
        scene.name("one", epoch: 1)
        let client = try told(scene, .write)
        scene.send("GET a", from: client)
        let upstream = try #require(scene.upstream(of: client))
        scene.reply("$10\r\n12345", from: upstream)
        scene.announceMove()
        scene.reply("67890\r\n", from: upstream)
        #expect(scene.heard(client) == "%0\r\n+OK\r\n$10\r\n1234567890\r\n")
    }
}
