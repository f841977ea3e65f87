import Addressing
import MonotonicTime
import SentinelCore
import Testing

@testable import DropInCore

@Suite("Links")
struct ConnectionsTests {
    @Test("to another Sentinel are shared by all groups that know it")
    func shared() {
        let stage = Stage()
        for node in 1...3 {
            _ = stage.order(
                .monitor(name: "other", Place(Stage.server(2)), quorum: 2), to: node)
        }
        stage.run(.seconds(8))
        let portrait = stage.nodes[0].core.portrait(of: "other", at: stage.now)
        #expect(portrait?.sentinels.map(\.linkReferenceCount) == [2, 2])
        let toPeer = stage.connections.filter { key, connection in
            key.node == 1 && connection.target.endpoint == Stage.node(2)
        }
        #expect(toPeer.count == 1)
        _ = stage.order(.remove("other"), to: 1)
        stage.run(.seconds(3))
        #expect(stage.portrait(1)?.sentinels.map(\.linkReferenceCount) == [1, 1])
        #expect(stage.portrait(1)?.sentinels.map(\.flags) == [["sentinel"], ["sentinel"]])
    }

    @Test("on which nothing comes back are replaced, at most every fifteen seconds")
    func stuck() {
        let stage = Stage(quorum: 4)
        stage.settle(.seconds(20))
        func links() -> Set<UInt32> {
            let toServer = stage.connections.filter { key, connection in
                key.node == 1 && connection.target.endpoint == Stage.server(1)
            }
            return Set(toServer.keys.map(\.link))
        }
        let old = links()
        stage.cut(1, from: [Stage.server(1).address])
        stage.run(.seconds(8))
        let second = links()
        #expect(old.count == 2)
        #expect(second.isDisjoint(with: old))
        stage.run(.seconds(6))
        #expect(links() == second)
        stage.heal()
        #expect(stage.run(until: .subjectivelyUp, by: 1, atMost: .seconds(20)))
    }

    @Test("carry INFO every ten seconds, and every second to replicas of a lost primary")
    func reports() {
        let stage = Stage(quorum: 4)
        stage.settle()
        func count(_ server: Int) -> Int {
            stage.sent.count { $0.node == 1 && $0.server == server && $0.request == .info }
        }
        stage.run(.seconds(30))
        #expect((2...4).contains(count(1)))
        #expect((2...4).contains(count(2)))
        stage.kill(1)
        stage.run(.seconds(11))
        let before = count(2)
        stage.run(.seconds(10))
        #expect((8...11).contains(count(2) - before))
    }

    @Test("of a thousand groups are looked after in one pass, each once")
    func scale() {
        var ledger = Ledger()
        for number in 0..<1000 {
            let endpoint = Endpoint(
                address: .v4(IPv4Address(bits: 0x0A00_0000 + UInt32(number))), port: 6379)
            ledger.entries.append(
                .init(
                    settings: MasterSettings(name: "g\(number)", quorum: 2),
                    primary: Place(endpoint)))
        }
        var core = DropIn(
            id: Stage.nodeID(1), isNew: false, ledger: ledger, globals: GlobalSettings(),
            at: Stage.start, matches: { _, _ in false })
        var effects: [DropInEffect] = []
        core.handle(.started, at: Stage.start, effects: &effects)
        effects = []
        core.handle(.tick, at: Stage.start + .milliseconds(1), effects: &effects)
        let opened = effects.count { if case .open = $0 { true } else { false } }
        #expect(opened == 2000)
        effects = []
        core.handle(.tick, at: Stage.start + .milliseconds(11), effects: &effects)
        #expect(effects.isEmpty)
        let question = DownQuestion(
            primary: ledger.entries[999].primary, currentEpoch: 5, candidate: Stage.nodeID(2))
        core.handle(
            .asked(QueryID(number: 1), question), at: Stage.start + .milliseconds(12),
            effects: &effects)
        #expect(core.groups[999].leader == Stage.nodeID(2))
    }
}
