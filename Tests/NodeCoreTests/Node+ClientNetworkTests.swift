import Addressing
import MonotonicTime
import NodeCore
import SentinelCore
import Stage
import Testing

@Suite("A holder that its clients do not reach")
struct ClientNetworkTests {
    private static func address(_ number: Int) -> IPAddress {
        .v4(IPv4Address(10, 18, 14, UInt8(number)))
    }

    private static func tell(_ stage: Stage, _ number: Int, isReached: Bool) {
        stage.give(
            .network(group: Stage.group, own: address(number), isReached: isReached), to: number)
    }

    /// All three hosts are heard on the clients' network.
    private static func stage() -> Stage {
        let stage = Stage.withAddress()
        for number in 1...3 { tell(stage, number, isReached: true) }
        stage.run(.milliseconds(100))
        return stage
    }

    @Test("hands the address over to one that they reach, without loss")
    func handsOver() {
        let stage = Self.stage()
        Self.tell(stage, 1, isReached: false)
        stage.run(.seconds(3))
        #expect(stage.holders == [2])
        #expect(stage.addressSteps(on: 1).contains(.hush))
        #expect(stage.count(.writesPaused) == 1)
        #expect(stage.records.contains { $0.record.cause == .clientNetwork })
    }

    @Test("passes over a host that they do not reach either")
    func choice() {
        let stage = Self.stage()
        Self.tell(stage, 2, isReached: false)
        Self.tell(stage, 1, isReached: false)
        stage.run(.seconds(3))
        #expect(stage.holders == [3])
    }

    @Test("keeps it while nobody else reaches them: the trouble is the network's")
    func everybody() {
        let stage = Self.stage()
        for number in 1...3 { Self.tell(stage, number, isReached: false) }
        stage.run(.seconds(10))
        #expect(stage.holders == [1])
        #expect(stage.count(.tryFailover) == 0)
    }

    @Test("keeps it while it can't tell whether they reach it, and is passed over by others")
    func unknown() {
        let stage = Self.stage()
        for number in 1...2 {
            stage.give(
                .network(group: Stage.group, own: nil, isReached: nil), to: number)
        }
        stage.run(.seconds(5))
        #expect(stage.holders == [1])
        #expect(stage.count(.tryFailover) == 0)
        stage.orderFailover(on: 3)
        stage.run(.seconds(3))
        #expect(stage.holders == [3])
    }

    @Test("keeps it through a moment without a word")
    func moment() {
        let stage = Self.stage()
        Self.tell(stage, 1, isReached: false)
        stage.run(.milliseconds(400))
        Self.tell(stage, 1, isReached: true)
        stage.run(.seconds(5))
        #expect(stage.holders == [1])
        #expect(stage.count(.tryFailover) == 0)
    }

    @Test("has the others' addresses watched, as they tell them")
    func neighbours() {
        let stage = Self.stage()
        let watched = stage.addressLog.last { entry in
            if case .watch = entry.effect { entry.node == 1 } else { false }
        }
        #expect(
            watched?.effect
                == .watch(
                    group: Stage.group, neighbours: [Self.address(2), Self.address(3)]))
    }
}
