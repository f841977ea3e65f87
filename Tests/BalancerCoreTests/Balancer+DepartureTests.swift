import MonotonicTime
import Testing

@testable import BalancerCore

@Suite("Departure of a balancer")
struct BalancerDepartureTests {
    private static let moving = ">4\r\n$6\r\nMOVING\r\n:1\r\n:2\r\n_\r\n"

    /// A client of the newer protocol that has asked to be told.
    private func told(_ scene: Scene, _ kind: String = "none") throws -> ClientID {
        let client = scene.client(.read)
        scene.send("HELLO 3", from: client)
        scene.reply("%0\r\n", from: try #require(scene.upstream(of: client)))
        scene.send("CLIENT MAINT_NOTIFICATIONS ON moving-endpoint-type \(kind)", from: client)
        return client
    }

    @Test("who asked for it is told once to come back, to no other address than before")
    func told() throws {
        let scene = Scene(serverCount: 1)
        let clients = try [told(scene), told(scene, "internal-ip")]
        scene.announceDeparture(of: clients)
        scene.announceDeparture(of: clients)
        scene.pass(.seconds(1))
        for client in clients {
            #expect(scene.heard(client) == "%0\r\n+OK\r\n" + Self.moving)
        }
        #expect(scene.balancer.statistics.departingCount == 2)
        scene.leave(clients[0])
        #expect(scene.balancer.statistics.departingCount == 1)
    }

    @Test("it is served as before until it goes")
    func served() throws {
        let scene = Scene(serverCount: 1)
        let client = try told(scene)
        scene.announceDeparture(of: [client])
        scene.send("GET a", from: client)
        scene.reply("$1\r\nv\r\n", from: try #require(scene.upstream(of: client)))
        #expect(scene.heard(client).hasSuffix(Self.moving + "$1\r\nv\r\n"))
        #expect(!scene.isClosed(client))
    }

    @Test("nobody else is told: not who did not ask, nor who came by an address that stays")
    func others() throws {
        let scene = Scene(serverCount: 1)
        let silent = scene.client()
        let staying = try told(scene)
        scene.announceDeparture(of: [silent])
        scene.pass(.seconds(1))
        #expect(scene.heard(silent).isEmpty)
        #expect(scene.heard(staying) == "%0\r\n+OK\r\n")
        #expect(scene.balancer.statistics.departingCount == 0)
    }

    @Test("who asks when it is under way is told at the next occasion")
    func late() throws {
        let scene = Scene(serverCount: 1)
        let client = scene.client()
        scene.announceDeparture(of: [client])
        scene.send("HELLO 3", from: client)
        scene.reply("%0\r\n", from: try #require(scene.upstream(of: client)))
        scene.send("CLIENT MAINT_NOTIFICATIONS ON", from: client)
        scene.pass(.milliseconds(100))
        #expect(scene.heard(client) == "%0\r\n+OK\r\n" + Self.moving)
    }

    @Test("not in the middle of a reply, but when it is over")
    func middle() throws {
        var settings = BalancerSettings()
        settings.partByteCountMin = 4
        let scene = Scene(serverCount: 1, settings: settings)
        let client = try told(scene)
        scene.send("GET a", from: client)
        let upstream = try #require(scene.upstream(of: client))
        scene.reply("$10\r\n12345", from: upstream)
        scene.announceDeparture(of: [client])
        scene.pass(.milliseconds(100))
        scene.reply("67890\r\n", from: upstream)
        #expect(scene.heard(client) == "%0\r\n+OK\r\n$10\r\n1234567890\r\n")
        scene.pass(.milliseconds(100))
        #expect(scene.heard(client).hasSuffix("67890\r\n" + Self.moving))
    }
}
