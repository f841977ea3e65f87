import LeaseCore
import MonotonicTime
import NodeCore
import SentinelCore
import Stage
import Testing

@Suite("Somebody else has the address before it is taken")
struct InquiryTests {
    private static let stranger = "02:00:00:00:00:66"

    private static func setStranger(_ stage: Stage, _ hardware: String?) {
        for index in stage.hosts.indices { stage.hosts[index].address.stranger = hardware }
    }

    private static func questions(_ stage: Stage, by number: Int) -> [Interval] {
        stage.addressLog.filter { $0.node == number && $0.effect.step == .probe }.map(\.at)
    }

    private static func status(_ stage: Stage, _ number: Int) -> NodeStatus.Group? {
        stage.node(number)?.status(at: stage.now).groups.first
    }

    @Test("the network is asked right before the address is taken for the first time")
    func asked() throws {
        let stage = Stage.withAddressUnsettled()
        stage.run(until: .addressTaken)
        let steps = stage.addressLog.filter { $0.node == 1 }
        let asked = try #require(steps.last { $0.effect.step == .probe }).at
        let taken = try #require(steps.first { $0.effect.step == .take }).at
        #expect(taken - asked >= .milliseconds(20))
        #expect(taken - asked <= .milliseconds(100))
    }

    @Test("it is not taken while a stranger answers, who is named once, and at most once a second")
    func refused() throws {
        let stage = Stage.withAddressUnsettled()
        Self.setStranger(stage, Self.stranger)
        stage.run(.seconds(10))
        #expect(stage.holders == [])
        #expect(!stage.addressSteps(on: 1).contains(.take))
        let lines = stage.lines(by: 1).filter { $0.hasPrefix("!address") }
        #expect(lines.count == 1)
        #expect(try #require(lines.first).contains("\(Self.stranger) answers for it"))
        #expect((8...11).contains(Self.questions(stage, by: 1).count))
        #expect(Self.status(stage, 1)?.stranger == Self.stranger)
        #expect(Self.status(stage, 1)?.address == .released)
        #expect(stage.count(.tryFailover) == 0, "it would be no better off elsewhere")
    }

    @Test("it is taken within a second after the stranger has gone")
    func gone() {
        let stage = Stage.withAddressUnsettled()
        Self.setStranger(stage, Self.stranger)
        stage.run(.seconds(10))
        Self.setStranger(stage, nil)
        #expect(stage.run(atMost: .milliseconds(1200)) { stage.holders == [1] })
        stage.run(.milliseconds(10))
        #expect(Self.status(stage, 1)?.stranger == nil)
    }

    @Test("the next holder asks during the election, so that nobody waits for the answer")
    func alongside() throws {
        let stage = Stage.withAddress()
        stage.kill(server: 1)
        stage.run(until: .addressTaken)
        let heir = try #require(stage.holders.first)
        let asked = try #require(Self.questions(stage, by: heir).first)
        let switched = try #require(stage.firstTime(.switchPrimary, by: heir))
        #expect(asked < switched)
        #expect(Self.questions(stage, by: heir).count == 1)
    }

    @Test("a failover does not take what a stranger has, and the lease is kept until he goes")
    func failover() throws {
        let stage = Stage.withAddress()
        Self.setStranger(stage, Self.stranger)
        stage.kill(server: 1)
        stage.run(.seconds(10))
        #expect(stage.holders == [])
        #expect(stage.count(.addressTrouble) == 1)
        #expect(stage.count(.switchPrimary) == 3, "one failover, seen by three")
        Self.setStranger(stage, nil)
        #expect(stage.run(atMost: .milliseconds(1200)) { !stage.holders.isEmpty })
    }

    @Test("the former holder's answer to a question of before the lease is not a stranger's")
    func formerHolder() throws {
        let stage = Stage.withAddress()
        stage.orderFailover(on: 1, FailoverOrder(isCoordinated: true))
        stage.run(.seconds(3))
        #expect(stage.holders == [2])
        #expect(stage.count(.addressTrouble) == 0)
        #expect(Self.questions(stage, by: 2).count == 1, "it is no reason to ask again")
    }

    @Test("a stranger is found behind the former holder's answer")
    func both() {
        let stage = Stage.withAddress()
        Self.setStranger(stage, Self.stranger)
        stage.orderFailover(on: 1, FailoverOrder(isCoordinated: true))
        stage.run(.seconds(3))
        #expect(stage.holders == [])
        #expect(stage.count(.addressTrouble) == 1)
    }

    @Test("a peer that answers although this host has the lease is a stranger like any other")
    func peerWithoutLease() {
        let stage = Stage.withAddress()
        stage.kill(server: 1)
        stage.run(atMost: .seconds(1)) { !Self.questions(stage, by: 2).isEmpty }
        stage.run(.milliseconds(2))
        stage.give(.claimed(group: Stage.group, by: Self.stranger, isPeer: false), to: 2)
        stage.run(atMost: .seconds(1)) { Self.questions(stage, by: 2).count == 2 }
        stage.run(.milliseconds(2))
        stage.give(
            .claimed(group: Stage.group, by: "02:00:00:00:00:01", isPeer: true), to: 2)
        stage.run(.milliseconds(500))
        #expect(stage.holders == [])
        #expect(stage.count(.addressTrouble, by: 2) == 1)
    }

    @Test("who cannot ask says so, and takes it after the third attempt")
    func cannotAsk() {
        let stage = Stage.withAddressUnsettled()
        stage.hosts[0].address.failures[.probe] = "the interface is down"
        stage.run(.seconds(3))
        #expect(stage.holders == [1])
        #expect(stage.count(.addressTrouble, by: 1) == 1)
    }

    @Test("silence of long ago counts for nothing: the network is asked again")
    func stale() {
        let stage = Stage.withAddressUnsettled()
        stage.hosts[0].server?.infoError = "LOADING Redis is loading the dataset in memory"
        stage.run(.seconds(1))
        Self.setStranger(stage, Self.stranger)
        stage.run(.seconds(5))
        stage.hosts[0].server?.infoError = nil
        stage.run(.seconds(3))
        #expect(stage.holders == [])
    }

    @Test("an answer that comes while the address is being taken is a claim like any other")
    func late() {
        let stage = Stage.withAddressUnsettled()
        stage.run(atMost: .seconds(10)) { stage.addressSteps(on: 1).last == .take }
        stage.give(.claimed(group: Stage.group, by: Self.stranger, isPeer: false), to: 1)
        let before = stage.addressLog.count { $0.effect.step == .announce }
        stage.run(.milliseconds(80))
        #expect(stage.holders == [1])
        #expect(stage.count(.addressTrouble, by: 1) == 1)
        #expect(stage.addressLog.count { $0.effect.step == .announce } > before)
    }
}
