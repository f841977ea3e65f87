import Addressing
import MonotonicTime
import NodeCore
import SentinelCore
import Stage
import Testing

@Suite("The write address seen from other hosts")
struct SightingTests {
    private static func address(_ number: Int) -> IPAddress {
        .v4(IPv4Address(10, 18, 14, UInt8(number)))
    }

    private static func hardware(_ number: Int) -> String { "02:00:00:00:00:0\(number)" }

    /// All hosts have told their addresses on the clients' network.
    private static func stage() -> Stage {
        let stage = Stage.withAddress()
        for number in 1...3 {
            stage.give(
                .network(group: Stage.group, own: address(number), isReached: true), to: number)
        }
        stage.run(.milliseconds(100))
        return stage
    }

    /// What a node last wanted looked for.
    private static func search(_ stage: Stage, by number: Int) -> (epoch: Epoch, holder: IPAddress)?
    {
        let last = stage.addressLog.last { $0.node == number && $0.effect.step == .verify }
        guard case .verify(_, let epoch, let holder)? = last?.effect else { return nil }
        return (epoch, holder)
    }

    private static func answer(
        _ stage: Stage, _ number: Int, by hardware: String?, holder: String?
    ) throws {
        let sought = try #require(Self.search(stage, by: number))
        stage.give(
            .sighted(
                group: Stage.group, epoch: sought.epoch,
                Sighting(answering: hardware, holder: holder, after: .milliseconds(12))),
            to: number)
        stage.run(.milliseconds(10))
    }

    private static func status(_ stage: Stage, _ number: Int) -> NodeStatus.Group? {
        stage.node(number)?.status(at: stage.now).groups.first
    }

    @Test("each other host looks for it once when it learns of a holder, the holder never")
    func once() throws {
        let stage = Self.stage()
        stage.run(.seconds(5))
        for number in 2...3 {
            #expect(
                stage.addressLog.count { $0.node == number && $0.effect.step == .verify } == 1)
            #expect(Self.search(stage, by: number)?.holder == Self.address(1))
        }
        #expect(Self.search(stage, by: 1) == nil)
    }

    @Test("one that sees it says so, everybody learns it, and the journal has it")
    func verified() throws {
        let stage = Self.stage()
        stage.kill(server: 1)
        stage.run(until: .addressTaken)
        let holder = try #require(stage.holders.first)
        stage.run(.milliseconds(20))
        let search = try #require(Self.search(stage, by: 3))
        #expect(holder == 2 && search.holder == Self.address(2))
        try Self.answer(stage, 3, by: Self.hardware(2), holder: Self.hardware(2))
        #expect(
            stage.lines(by: 3).contains(
                "+address-verified master orders 10.0.0.2 6379 answered by "
                    + "\(Self.hardware(2)) (n2) after 12 ms"))
        let peer = try #require(Self.status(stage, 2)?.peers.first { $0.name == "n3" })
        #expect(peer.addressSeenAfter == .milliseconds(12))
        for number in 2...3 {
            let record = try #require(stage.records.last { $0.node == number }?.record)
            #expect(record.seen == .init(by: "n3", after: .milliseconds(12)))
        }
    }

    @Test("one that hears another host, or nobody, says which, once, and looks again")
    func unverified() throws {
        let stage = Self.stage()
        try Self.answer(stage, 2, by: Self.hardware(9), holder: Self.hardware(1))
        #expect(stage.count(.addressUnverified, by: 2) == 1)
        #expect(stage.lines(by: 2).last?.contains("instead of \(Self.hardware(1)) (n1)") == true)
        #expect(Self.status(stage, 2)?.sighting?.answering == Self.hardware(9))
        #expect(Self.status(stage, 1)?.peers.allSatisfy { $0.addressSeenAfter == nil } == true)
        stage.restartClock()
        stage.run(.seconds(11))
        try Self.answer(stage, 2, by: Self.hardware(9), holder: Self.hardware(1))
        #expect(stage.count(.addressUnverified) == 0)
        stage.run(.seconds(11))
        try Self.answer(stage, 2, by: nil, holder: Self.hardware(1))
        #expect(stage.count(.addressUnverified, by: 2) == 1)
        stage.run(.seconds(11))
        try Self.answer(stage, 2, by: Self.hardware(1), holder: Self.hardware(1))
        #expect(stage.count(.addressVerified, by: 2) == 1)
    }

    @Test("a host that is not heard on that network does not judge")
    func unreached() {
        let stage = Stage.withAddress()
        for number in 1...3 {
            stage.give(
                .network(group: Stage.group, own: Self.address(number), isReached: number != 3),
                to: number)
        }
        stage.run(.seconds(3))
        #expect(Self.search(stage, by: 2) != nil)
        #expect(Self.search(stage, by: 3) == nil)
    }

    @Test("what was seen of one holder says nothing of the next")
    func nextHolder() throws {
        let stage = Self.stage()
        try Self.answer(stage, 3, by: Self.hardware(1), holder: Self.hardware(1))
        stage.kill(server: 1)
        stage.run(until: .addressTaken)
        stage.run(.milliseconds(20))
        #expect(Self.status(stage, 3)?.sighting == nil)
        #expect(Self.status(stage, 2)?.peers.allSatisfy { $0.addressSeenAfter == nil } == true)
    }
}
