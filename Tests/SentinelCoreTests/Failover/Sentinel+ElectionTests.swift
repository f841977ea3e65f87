import MonotonicTime
import SentinelCore
import Stage
import Testing

@Suite("Elections")
struct ElectionTests {
    private func settled(_ shape: Stage.Shape = Stage.Shape()) -> Stage {
        let stage = Stage(shape)
        stage.settle()
        return stage
    }

    /// Node 2 hears nothing of server 1; everybody else does.
    private func confuse(_ stage: Stage) {
        stage.loses = { node, target, request in
            guard case .ping = request else { return false }
            return node == 2 && target == .server(Stage.server(1), group: Stage.group)
        }
    }

    @Test("the host of the best replica begins", arguments: [2, 3])
    func rank(best: Int) {
        let stage = settled()
        stage.hosts[best - 1].server?.offset += 100
        stage.settle(.seconds(2))
        stage.kill(server: 1)
        stage.run(.seconds(1))
        #expect(stage.count(.tryFailover) == 1)
        #expect(stage.count(.tryFailover, by: best) == 1)
        #expect(stage.hosts[best - 1].server?.isPrimary == true)
    }

    @Test("when the first in rank is dead the next begins, 50 ms later")
    func nextRank() {
        let stage = settled()
        stage.stopNode(2)
        stage.settle(.seconds(6))
        stage.kill(server: 1)
        stage.run(until: .electedLeader)
        #expect(stage.log.last?.node == 3)
        #expect(stage.time >= .milliseconds(50) && stage.time < .milliseconds(100))
    }

    @Test("one confused node spends no epoch and does no harm, however long it is confused")
    func confused() {
        let stage = settled(Stage.Shape(hosts: 3, quorum: 1))
        confuse(stage)
        stage.run(.seconds(60))
        #expect(stage.count(.objectivelyDown, by: 2) == 1)
        #expect(stage.count(.newEpoch) == 0)
        #expect(stage.count(.tryFailover) == 0)
        #expect((1...3).allSatisfy { stage.sentinel($0).currentEpoch == 0 })
    }

    @Test("a confused node asks again with growing pauses, at most every five seconds")
    func backOff() throws {
        let stage = settled(Stage.Shape(hosts: 3, quorum: 1))
        confuse(stage)
        stage.run(until: .objectivelyDown, by: 2)
        stage.run(.seconds(120))
        let rounds = stage.sent.filter { $0.node == 2 && $0.3.isPreVote }.map(\.at)
        let times = rounds.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        let pauses = zip(times, times.dropFirst()).map { $1 - $0 }
        try #require(pauses.count > 10)
        #expect(pauses[0] < .milliseconds(300))
        #expect(pauses[1] > .milliseconds(390))
        #expect(pauses.allSatisfy { $0 < .milliseconds(6500) })
        #expect(pauses.last ?? .zero >= .seconds(5))
    }

    @Test(
        "candidates that split the votes try again soon, each time further apart",
        arguments: [110, 150, 200])
    func splitVote(oneWayMilliseconds: Int) throws {
        let stage = Stage()
        stage.delay = .milliseconds(oneWayMilliseconds)
        stage.settle(.seconds(10))
        // Without host 1 it takes both of the others.
        stage.crash(host: 1)
        #expect(stage.run(until: .abortNotElected, atMost: .seconds(10)))
        stage.restartClock()
        // Never only after the patience with a candidate, which is four seconds.
        #expect(stage.run(until: .electedLeader, atMost: .milliseconds(3500)))
        #expect(stage.run(until: .failoverEnd, atMost: .seconds(5)))
    }

    @Test("a leader that dies before it promotes is replaced after four seconds")
    func deadLeader() {
        let stage = settled()
        stage.kill(server: 1)
        stage.run(until: .electedLeader, by: 2)
        stage.crash(host: 2)
        stage.restartClock()
        #expect(stage.run(until: .promotedReplica, by: 3, atMost: .seconds(10)))
        #expect(stage.time > .seconds(4) && stage.time < .seconds(6))
        #expect(stage.hosts[2].server?.isPrimary == true)
    }

    @Test("without the votes of a majority there is no leader, however low the quorum")
    func majority() {
        let stage = settled(Stage.Shape(hosts: 5, quorum: 1))
        for host in [1, 4, 5] { stage.crash(host: host) }
        stage.run(.seconds(60))
        #expect(stage.count(.objectivelyDown) == 2)
        #expect(stage.count(.electedLeader) == 0)
        #expect(stage.count(.newEpoch) == 0)
    }

    @Test("without a quorum that sees it there is no leader, however many could vote")
    func quorum() {
        let stage = settled(Stage.Shape(hosts: 5, quorum: 5))
        stage.crash(host: 1)
        stage.run(.seconds(60))
        #expect(stage.count(.subjectivelyDown, by: 2) == 2)
        #expect(stage.count(.objectivelyDown) == 0)
    }

    @Test("a candidate whose votes get lost gives up and tries a newer epoch")
    func lostVotes() {
        let stage = settled()
        stage.losesReply = { _, reply in
            guard case .answer(let answer) = reply else { return false }
            return answer.kind == .vote
        }
        stage.kill(server: 1)
        #expect(stage.run(until: .abortNotElected, by: 2, atMost: .seconds(2)))
        #expect(stage.count(.electedLeader) == 0)
        stage.losesReply = nil
        #expect(stage.run(until: .switchPrimary, atMost: .seconds(5)))
        stage.run(.milliseconds(20))
        #expect(stage.view(2).configEpoch > 1)
    }

    @Test("a candidate whose disk hangs asks for no vote")
    func hangingDisk() {
        let stage = settled()
        stage.hosts[1].disk = .hangs
        stage.kill(server: 1)
        stage.run(.milliseconds(400))
        #expect(stage.count(.tryFailover, by: 2) == 1)
        #expect(!stage.sent.contains { $0.node == 2 && $0.3.isVote })
    }

    @Test("all elections of one outage have different epochs and one leader each")
    func leaders() {
        let stage = Stage(Stage.Shape(hosts: 5, quorum: 2))
        stage.delay = .milliseconds(55)
        stage.settle(.seconds(10))
        stage.crash(host: 1)
        stage.run(.seconds(20))
        var epochs: [Epoch: Int] = [:]
        for number in 2...5 {
            let state = stage.hosts[number - 1].state.groups[0]
            #expect(state.primary == stage.view(2).primaryEndpoint)
            epochs[state.configEpoch, default: 0] += 1
        }
        #expect(epochs.values.sorted() == [4])
        #expect(stage.hosts.count { $0.server?.isPrimary == true && $0.node != nil } == 1)
    }

    // MARK: By order

    @Test("an operator's failover replaces a healthy primary and keeps it as a replica")
    func ordered() {
        let stage = settled()
        let query = stage.orderFailover(on: 3)
        #expect(stage.responses[query] == .some(nil))
        stage.run(.seconds(5))
        #expect(stage.count(.failoverEnd, by: 3) == 1)
        #expect((1...3).allSatisfy { stage.view($0).primaryEndpoint == Stage.server(2) })
        #expect(stage.hosts[0].server?.role == .replica(of: Stage.server(2)))
        #expect(stage.count(.subjectivelyDown) == 0)
    }

    @Test("an operator's failover while one is under way is refused")
    func inProgress() {
        let stage = settled()
        stage.orderFailover(on: 3)
        let again = stage.orderFailover(on: 3)
        #expect(stage.responses[again] == .some("INPROG Failover already in progress"))
        stage.run(until: .electedLeader, by: 3)
        let elsewhere = stage.orderFailover(on: 1)
        #expect(stage.responses[elsewhere] == .some("INPROG Failover already in progress"))
    }

    @Test("an operator's failover without a fit replica is refused")
    func noReplica() {
        let stage = Stage()
        stage.hosts[1].server?.priority = 0
        stage.hosts[2].server?.priority = 0
        stage.settle()
        let query = stage.orderFailover(on: 1)
        #expect(stage.responses[query] == .some("NOGOODSLAVE No suitable replica to promote"))
        #expect(stage.log.isEmpty)
    }

    @Test("an operator's failover of an unknown group is refused")
    func unknownGroup() {
        let stage = settled()
        let query = stage.orderFailover(on: 1, group: "mymaster")
        #expect(stage.responses[query] == .some("ERR No such master with that name"))
    }

    @Test("an operator's failover on a node that can't save is refused")
    func unsaved() {
        let stage = settled()
        stage.stopNode(1)
        stage.startNode(1, mayVote: false)
        stage.settle(.seconds(3))
        let query = stage.orderFailover(on: 1)
        #expect(
            stage.responses[query]
                == .some("ERR This node can't vote: its state is not durable"))
    }

    @Test("an operator's failover without a majority ends without a trace")
    func orderedAlone() {
        let stage = settled()
        stage.isolate(host: 1)
        let query = stage.orderFailover(on: 1)
        #expect(stage.responses[query] == .some(nil))
        stage.run(.seconds(2))
        #expect(stage.count(.newEpoch) == 0)
        #expect(stage.view(1).failover == .none)
    }

    // MARK: Exhaustive

    @Test(
        "a leader needs a quorum that sees the primary down and a majority of the votes",
        arguments: [2, 4])
    func everyOutcome(peers: Int) {
        for quorum in 1...(peers + 1) {
            for voters in Solo.assignments(peers) {
                var solo = Solo(voters: voters, quorum: quorum)
                solo.run()
                let needed = max((peers + 1) / 2 + 1, quorum)
                let isLeader =
                    1 + voters.count(where: \.seesDown) >= quorum
                    && 1 + voters.count(where: \.wouldVote) >= needed
                    && 1 + voters.count(where: \.votes) >= needed
                #expect(
                    solo.names.contains(.electedLeader) == isLeader,
                    "quorum \(quorum), voters \(voters)")
                // An epoch is spent only where a majority said that it would vote.
                let isCandidate =
                    1 + voters.count(where: \.seesDown) >= quorum
                    && 1 + voters.count(where: \.wouldVote) >= needed
                #expect(
                    (solo.sentinel.currentEpoch > 0) == isCandidate,
                    "quorum \(quorum), voters \(voters)")
            }
        }
    }
}

extension Request {
    var isPreVote: Bool { questionKind == .preVote }
    var isVote: Bool { questionKind == .vote }

    private var questionKind: Question.Kind? {
        switch self {
        case .tell(.question(let question), _): question.kind
        case .tell, .ping, .info, .publish, .promote, .follow, .pauseWrites, .resumeWrites,
            .limitWrites:
            nil
        }
    }
}
