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
        #expect(stage.holders == [])
        #expect(stage.addressSteps(on: 1) == [.take])
        stage.finishSteps(on: 1)
        #expect(stage.holders == [1])
    }

    @Test("is cleared as the very first thing that a node wants")
    func first() {
        for number in 1...3 {
            let stage = Stage.withAddressUnsettled()
            #expect(stage.addressSteps(on: number).first == .clear)
            #expect(stage.addressLog.allSatisfy { $0.effect == .clear(group: Stage.group) })
        }
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
        #expect(stage.time < .seconds(4))
        #expect(stage.count(.subjectivelyDown) == 0)
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

    @Test("is opened again when the failover for which it was barred fails")
    func failoverFails() {
        let stage = Stage.withAddress()
        stage.losesReply = { _, reply in
            guard case .answer(let answer) = reply else { return false }
            return answer.kind == .vote
        }
        stage.orderFailover(on: 1)
        stage.run(.milliseconds(100))
        #expect(stage.holders == [])
        stage.run(.milliseconds(600))
        #expect(stage.count(.abortNotElected, by: 1) == 1)
        #expect(stage.addressSteps(on: 1).prefix(3) == [.bar, .reset, .take])
        #expect(stage.holders == [1])
    }

    @Test("comes to the promoted replica's host also when another host leads")
    func otherLeader() {
        let stage = Stage.withAddress()
        stage.orderFailover(on: 3)
        stage.run(until: .promotedReplica, by: 3)
        let promoted = stage.time
        stage.run(until: .addressTaken, by: 2)
        #expect(stage.time - promoted < .milliseconds(300))
    }

    // MARK: Votes

    private func forcedVote(for candidate: Int) -> PeerMessage {
        .question(
            Question(
                kind: .vote, group: Stage.group, primary: Stage.server(1), epoch: 1,
                candidate: Stage.nodeID(candidate), isForced: true))
    }

    @Test("keeps its holder's vote back until no connection through it is left")
    func voteWithheld() {
        let stage = Stage.withAddress()
        stage.hosts[0].address.holdsSteps = true
        let query = stage.ask(1, forcedVote(for: 2))
        stage.run(.milliseconds(100))
        #expect(stage.addressSteps(on: 1) == [.bar])
        #expect(stage.replies[query] == nil)
        stage.finishSteps(on: 1)
        stage.run(.milliseconds(100))
        #expect(stage.addressSteps(on: 1) == [.bar, .reset])
        #expect(stage.replies[query] == nil)
        stage.finishSteps(on: 1)
        guard case .answer(let answer) = stage.replies[query] else {
            Issue.record("no answer")
            return
        }
        #expect(answer.isGranted)
    }

    @Test("keeps its holder's own candidacy back until no connection through it is left")
    func candidacyWithheld() {
        let stage = Stage.withAddress()
        stage.hosts[0].address.holdsSteps = true
        stage.orderFailover(on: 1)
        stage.run(.milliseconds(100))
        #expect(stage.count(.tryFailover, by: 1) == 1)
        #expect(!stage.sent.contains { $0.node == 1 && $0.3.isVote })
        stage.finishSteps(on: 1)
        #expect(!stage.sent.contains { $0.node == 1 && $0.3.isVote })
        stage.finishSteps(on: 1)
        #expect(stage.sent.count { $0.node == 1 && $0.3.isVote } == 2)
    }

    @Test("keeps no vote back on a host that does not hold it")
    func voteElsewhere() {
        let stage = Stage.withAddress()
        let query = stage.ask(3, forcedVote(for: 2))
        stage.run(.milliseconds(5))
        #expect(stage.replies[query] != nil)
    }

    @Test("keeps a vote back while leftovers of a former life may still serve")
    func voteWhileClearing() {
        let stage = Stage.withAddress()
        stage.stopNode(3)
        stage.hosts[2].address.holdsSteps = true
        stage.startNode(3)
        stage.run(.seconds(3))
        let query = stage.ask(3, forcedVote(for: 2))
        stage.run(.milliseconds(100))
        #expect(stage.replies[query] == nil)
        stage.finishSteps(on: 3)
        #expect(stage.replies[query] != nil)
    }

    @Test("a refusal is not kept back, since it gives nothing away")
    func refusal() {
        let stage = Stage.withAddress()
        stage.hosts[0].address.holdsSteps = true
        stage.ask(1, forcedVote(for: 2))
        let query = stage.ask(1, forcedVote(for: 3))
        stage.run(.milliseconds(5))
        guard case .answer(let answer) = stage.replies[query] else {
            Issue.record("no answer")
            return
        }
        #expect(!answer.isGranted)
    }
}

extension Request {
    fileprivate var isVote: Bool {
        switch self {
        case .tell(.question(let question), _): question.kind == .vote
        case .tell, .ping, .info, .publish, .promote, .follow: false
        }
    }
}
