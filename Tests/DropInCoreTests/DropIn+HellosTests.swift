import Addressing
import MonotonicTime
import SentinelCore
import Testing

@testable import DropInCore

@Suite("A hello")
struct HellosTests {
    private let stranger = RunID(high: 7, middle: 7, low: 7)

    private func hello(
        _ id: RunID, host: String = "10.0.9.9", primary: String = "10.0.0.1", config: Epoch = 0,
        current: Epoch = 0
    ) -> String {
        HelloText(
            host: host, port: 26379, id: id, currentEpoch: current, group: "orders",
            primaryHost: primary, primaryPort: 6379, configEpoch: config
        ).text
    }

    @Test("is eight fields with the address that others reach this Sentinel at")
    func text() {
        let stage = Stage()
        stage.settle()
        stage.run(.seconds(3))
        let text = stage.sent.compactMap { sent -> String? in
            guard sent.node == 1, case .publish(let text) = sent.request else { return nil }
            return text
        }.first
        #expect(text == "10.0.1.1,26379,\(Stage.nodeID(1)),0,orders,10.0.0.1,6379,0")
        let announced = Stage(globals: {
            $0.announceHost = "192.0.2.7"
            $0.announcePort = 7777
        })
        announced.run(.seconds(5))
        #expect(announced.portrait(1)?.sentinels.first?.host == "192.0.2.7")
        #expect(announced.portrait(1)?.sentinels.first?.port == 7777)
    }

    @Test("goes every two seconds through every server and to every Sentinel")
    func period() {
        let stage = Stage()
        stage.settle()
        stage.run(.seconds(20))
        let count = stage.sent.count { sent in
            guard sent.node == 1, sent.server == 2, case .publish = sent.request else {
                return false
            }
            return true
        }
        #expect((9...11).contains(count))
    }

    @Test("of a newer configuration moves the primary, of an equal or older one never")
    func configuration() {
        let stage = Stage()
        stage.settle()
        stage.servers[1].following = nil
        stage.servers[2].following = 2
        stage.deliver(
            .published(hello(Stage.nodeID(2), host: "10.0.1.2", primary: "10.0.0.2")), to: 1)
        #expect(stage.portrait(1)?.master.host == "10.0.0.1")
        let newer = hello(
            Stage.nodeID(2), host: "10.0.1.2", primary: "10.0.0.2", config: 5, current: 5)
        stage.deliver(.published(newer), to: 1)
        #expect(stage.portrait(1)?.master.host == "10.0.0.2")
        stage.run(.milliseconds(20))
        let lines = stage.lines(of: 1)
        #expect(
            lines.contains(
                "+config-update-from sentinel \(Stage.nodeID(2)) 10.0.1.2 26379"
                    + " @ orders 10.0.0.1 6379"))
        #expect(lines.contains("+switch-master orders 10.0.0.1 6379 10.0.0.2 6379"))
        let older = hello(Stage.nodeID(2), host: "10.0.1.2", config: 4)
        stage.deliver(.published(older), to: 1)
        #expect(stage.portrait(1)?.master.host == "10.0.0.2")
        #expect(stage.portrait(1)?.replicas.map(\.host) == ["10.0.0.3", "10.0.0.1"])
    }

    @Test("from another place moves a Sentinel, in every group")
    func addressSwitch() {
        let stage = Stage()
        stage.settle()
        stage.deliver(.published(hello(Stage.nodeID(2), host: "10.0.9.9")), to: 1)
        #expect(
            stage.lines(of: 1).contains(
                "+sentinel-address-switch master orders 10.0.0.1 6379 ip 10.0.9.9 port 26379 for"
                    + " \(Stage.nodeID(2))"))
        #expect(stage.portrait(1)?.sentinels.count == 2)
        #expect(stage.portrait(1)?.sentinels.last?.host == "10.0.9.9")
    }

    @Test("of a new Sentinel in the place of a known one makes that one invalid")
    func invalidAddress() {
        let stage = Stage()
        stage.settle()
        stage.deliver(.published(hello(stranger, host: "10.0.1.2")), to: 1)
        #expect(
            stage.lines(of: 1).contains(
                "+sentinel-invalid-addr sentinel \(Stage.nodeID(2)) 10.0.1.2 26379"
                    + " @ orders 10.0.0.1 6379"))
        #expect(stage.portrait(1)?.sentinels.map(\.runID) == [Stage.nodeID(3), stranger])
    }

    @Test(
        "that is none changes nothing",
        arguments: [
            "", ",,,,,,,", "a,b,c,d,e,f,g,h", "10.0.0.9,0,x,0,orders,10.0.0.1,6379,0",
        ])
    func garbage(_ text: String) {
        let stage = Stage()
        stage.settle()
        stage.deliver(.published(text), to: 1)
        stage.deliver(.published(hello(stranger, config: .max, current: .max)), to: 1)
        stage.deliver(.published(hello(stranger, host: "no.such.name")), to: 1)
        #expect(stage.portrait(1)?.sentinels.count == 2)
        #expect(stage.nodes[0].core.currentEpoch == 0)
    }

    @Test("through names waits until they are resolved, and blocks nobody")
    func names() {
        let stage = Stage(globals: {
            $0.resolvesHostnames = true
            $0.announcesHostnames = true
        })
        stage.settle()
        stage.names["redis02.example"] = Stage.server(2).address
        stage.servers[1].following = nil
        let newer = hello(
            Stage.nodeID(2), host: "10.0.1.2", primary: "redis02.example", config: 5)
        stage.deliver(.published(newer), to: 1)
        #expect(stage.portrait(1)?.master.host == "10.0.0.1")
        stage.run(.milliseconds(10))
        stage.deliver(.published(newer), to: 1)
        #expect(stage.portrait(1)?.master.host == "redis02.example")
        #expect(stage.nodes[0].core.ledger.entries[0].primary.address == Stage.server(2).address)
    }
}
