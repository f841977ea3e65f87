import LeaseCore
import MonotonicTime
import NodeCore
import SentinelCore
import Stage
import Testing

@Suite("The write address")
struct AddressTests {
    // MARK: Taking

    @Test("is taken by the host of the primary, once a majority agrees on it")
    func majority() {
        let stage = Stage.withAddressUnsettled()
        for host in 1...3 { stage.isolate(host: host) }
        stage.run(.seconds(30))
        #expect(stage.holders == [])
        stage.join(1, 2)
        stage.run(.seconds(3))
        #expect(stage.holders == [1])
        #expect(stage.count(.addressTaken) == 1)
        #expect(
            stage.lines(by: 1).contains("+address master orders 10.0.0.1 6379 held by this host"))
    }

    @Test("is not taken before the server says itself that it is a primary")
    func role() {
        let stage = Stage.withAddressUnsettled()
        stage.hosts[0].server?.infoError = "LOADING Redis is loading the dataset in memory"
        stage.run(.seconds(30))
        #expect(stage.holders == [])
        stage.hosts[0].server?.infoError = nil
        stage.run(.seconds(2))
        #expect(stage.holders == [1])
    }

    @Test("is cleared from every host before anything else is done with it")
    func clear() {
        let stage = Stage.withAddress()
        stage.stopNode(1)
        stage.hosts[0].address.holdsSteps = true
        stage.startNode(1)
        stage.settle(.seconds(5))
        stage.finishSteps(on: 1)
        #expect(stage.addressSteps(on: 1) == [.clear])
        stage.finishSteps(on: 1)
        stage.run(.milliseconds(50))
        #expect(stage.holders == [])
        #expect(stage.addressSteps(on: 1) == [.clear, .take])
        stage.finishSteps(on: 1)
        #expect(stage.holders == [1])
    }

    @Test("is looked for as the very first thing that a node wants")
    func first() {
        for number in 1...3 {
            let stage = Stage.withAddressUnsettled()
            #expect(stage.addressSteps(on: number).first == .inspect)
            #expect(stage.addressLog.allSatisfy { $0.effect == .inspect(group: Stage.group) })
        }
    }

    @Test("is carried on by a daemon that starts again within the lease, with nothing reset")
    func restart() {
        let stage = Stage.withAddress()
        stage.stopNode(1)
        stage.run(.milliseconds(500))
        stage.startNode(1)
        let isGone = stage.run(atMost: .seconds(20)) { stage.holders != [1] }
        #expect(!isGone)
        #expect(stage.addressSteps(on: 1) == [.inspect])
        #expect(stage.count(.tryFailover) == 0)
    }

    @Test("falls silent by itself where the daemon died, and another host takes over")
    func daemonDies() {
        let stage = Stage.withAddress()
        stage.stopNode(1)
        let isSilent = stage.run(atMost: stage.shape.terms.use) { stage.holders == [] }
        #expect(isSilent)
        #expect(stage.run(atMost: .seconds(2)) { stage.holders == [2] })
        #expect(stage.time <= stage.shape.terms.promise + .milliseconds(600))
    }

    @Test("is announced again at growing intervals, then every 30 seconds")
    func announcements() throws {
        let stage = Stage.withAddressUnsettled()
        stage.run(until: .addressTaken)
        stage.restartClock()
        stage.run(.seconds(70))
        let times = stage.addressLog.filter { $0.effect.step == .announce }.map(\.at)
        let due = [100, 300, 1100, 2200, 3300, 5000, 35_000, 65_000].map(Interval.milliseconds)
        try #require(times.count == due.count)
        for (time, due) in zip(times, due) {
            #expect(time >= due && time <= due + .milliseconds(100))
        }
    }

    @Test("is taken again, and the trouble told, when somebody removes it")
    func vanished() {
        let stage = Stage.withAddress()
        stage.removeAddress(on: 1)
        #expect(stage.addressSteps(on: 1) == [.take])
        stage.run(.milliseconds(10))
        #expect(stage.holders == [1])
        #expect(stage.names(by: 1) == [.addressTrouble, .addressTaken])
    }

    @Test("is nobody's business on a host that does not hold it when it vanishes there")
    func vanishedElsewhere() {
        let stage = Stage.withAddress()
        stage.give(AddressEvent.vanished(group: Stage.group), to: 2)
        #expect(stage.log.isEmpty && stage.addressLog.isEmpty)
    }

    // MARK: Giving up

    @Test("is barred, then its connections are reset, then it is removed")
    func order() {
        let stage = Stage.withAddress()
        stage.orderFailover(on: 3)
        stage.run(.seconds(1))
        #expect(stage.addressSteps(on: 1) == [.bar, .reset, .remove])
        #expect(stage.addressSteps(on: 2).first == .take)
        #expect(stage.holders == [2])
        #expect(stage.count(.addressGivenUp, by: 1) == 1)
        #expect(stage.count(.addressTaken, by: 2) == 1)
    }

    @Test("is given up at once when the primary's process ends")
    func killed() throws {
        let stage = Stage.withAddress()
        stage.kill(server: 1)
        stage.run(.milliseconds(10))
        #expect(stage.holders == [])
        stage.run(.seconds(1))
        #expect(stage.holders == [2])
    }

    @Test("is given up by a host that lost the majority, before the others look for a new primary")
    func isolated() throws {
        let stage = Stage.withAddress()
        stage.isolate(host: 1)
        stage.run(until: .addressGivenUp, by: 1)
        #expect(stage.time < .milliseconds(1300))
        #expect(stage.count(.tryFailover) == 0)
        #expect(stage.holders == [])
        stage.run(.seconds(10))
        #expect(stage.holders == [2])
        // Nobody came for two seconds while it was barred there.
        #expect(stage.addressSteps(on: 1) == [.bar, .reset, .remove])
    }

    @Test("is opened again when the majority answers before another host needed it")
    func contactAgain() {
        let stage = Stage.withAddress()
        stage.isolate(host: 1)
        stage.run(until: .addressGivenUp, by: 1)
        stage.heal(host: 1)
        stage.run(.milliseconds(1500))
        #expect(stage.addressSteps(on: 1).prefix(3) == [.bar, .reset, .take])
        #expect(stage.holders == [1])
    }

    @Test("stays where it is when a failover that an operator ordered finds no majority")
    func failoverFails() {
        let stage = Stage.withAddress()
        stage.losesReply = { _, reply in
            guard case .answer(let answer) = reply else { return false }
            return answer.kind == .vote
        }
        stage.orderFailover(on: 1)
        let isGone = stage.run(atMost: .seconds(20)) { stage.holders != [1] }
        #expect(!isGone)
        #expect(stage.count(.abortNotElected, by: 1) == 1)
    }

    @Test("comes back to the present primary when the chosen one can't be promoted")
    func promotionFails() {
        let stage = Stage.withAddress()
        stage.hosts[1].server?.orderError = "NOPERM this user has no permissions"
        stage.hosts[2].server?.orderError = "NOPERM this user has no permissions"
        stage.orderFailover(on: 3)
        stage.run(.milliseconds(200))
        #expect(stage.holders == [])
        #expect(stage.run(atMost: .seconds(10)) { stage.holders == [1] })
        stage.run(.seconds(20))
        #expect(stage.holders == [1])
        #expect(stage.view(1).primaryEndpoint == Stage.server(1))
        #expect(stage.count(.switchPrimary) == 0)
    }

    @Test("comes to the promoted replica's host also when another host leads")
    func otherLeader() {
        let stage = Stage.withAddress()
        stage.orderFailover(on: 3)
        #expect(stage.run(until: .promotedReplica, by: 3, atMost: .milliseconds(100)))
        #expect(stage.run(until: .addressTaken, by: 2, atMost: .milliseconds(30)))
    }
}
