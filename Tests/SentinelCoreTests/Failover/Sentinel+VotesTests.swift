import MonotonicTime
import SentinelCore
import Stage
import Testing

@Suite("Votes")
struct VotesTests {
    private func settled(quorum: Int = 2) -> Stage {
        let stage = Stage(Stage.Shape(hosts: 3, quorum: quorum))
        stage.settle()
        return stage
    }

    private func question(
        _ kind: Question.Kind, epoch: Epoch = 1, for candidate: Int = 2, primary: Int = 1,
        isForced: Bool = false
    ) -> PeerMessage {
        .question(
            Question(
                kind: kind, group: Stage.group, primary: Stage.server(primary), epoch: epoch,
                candidate: Stage.nodeID(candidate), isForced: isForced))
    }

    /// What node 3 answers; `nil` while it has not.
    private func answer(_ stage: Stage, _ query: QueryID) -> Answer? {
        guard case .answer(let answer) = stage.replies[query] else { return nil }
        return answer
    }

    /// Asks node 3 and gives it the time to save.
    private func ask(_ stage: Stage, _ message: PeerMessage) throws -> Answer {
        let query = stage.ask(3, message)
        stage.run(.milliseconds(5))
        return try #require(answer(stage, query))
    }

    @Test("a voter that sees the primary healthy votes for nobody")
    func healthy() throws {
        let stage = settled()
        for kind in [Question.Kind.preVote, .vote] {
            #expect(try !ask(stage, question(kind)).isGranted)
        }
        #expect(stage.view(3).configEpoch == 0)
        #expect(stage.sentinel(3).currentEpoch == 0)
    }

    @Test("an operator's order needs no primary that is down")
    func forced() throws {
        let stage = settled()
        #expect(try ask(stage, question(.vote, isForced: true)).isGranted)
        #expect(stage.lines(by: 3) == ["+new-epoch 1", "+vote-for-leader n2 1"])
    }

    @Test("a pre-vote costs neither an epoch nor the vote")
    func preVote() throws {
        let stage = settled()
        #expect(try ask(stage, question(.preVote, isForced: true)).isGranted)
        #expect(try ask(stage, question(.preVote, for: 1, isForced: true)).isGranted)
        #expect(stage.sentinel(3).currentEpoch == 0)
        #expect(stage.hosts[2].state.groups[0].votedEpoch == 0)
    }

    @Test("one vote an epoch, also across a restart")
    func onePerEpoch() throws {
        let stage = settled()
        #expect(try ask(stage, question(.vote, for: 2, isForced: true)).isGranted)
        let second = try ask(stage, question(.vote, for: 1, isForced: true))
        #expect(!second.isGranted && second.votedFor == Stage.nodeID(2) && second.votedEpoch == 1)
        stage.stopNode(3)
        stage.startNode(3)
        stage.run(.seconds(10))
        let third = try ask(stage, question(.vote, for: 1, isForced: true))
        #expect(!third.isGranted && third.votedFor == Stage.nodeID(2) && third.votedEpoch == 1)
        // The one that has it may hear of it again.
        #expect(try ask(stage, question(.vote, for: 2, isForced: true)).isGranted)
    }

    @Test("a vote is not sent before it is durable")
    func durable() {
        let stage = settled()
        stage.hosts[2].persistDelay = .milliseconds(50)
        let query = stage.ask(3, question(.vote, isForced: true))
        stage.run(.milliseconds(49))
        #expect(answer(stage, query) == nil)
        stage.run(.milliseconds(2))
        #expect(answer(stage, query)?.isGranted == true)
        #expect(stage.hosts[2].state.groups[0].votedEpoch == 1)
    }

    @Test("a vote that died with the daemon before it was durable was never given")
    func lost() throws {
        let stage = settled()
        stage.hosts[2].disk = .hangs
        let query = stage.ask(3, question(.vote, for: 2, isForced: true))
        stage.run(.seconds(1))
        #expect(answer(stage, query) == nil)
        stage.stopNode(3)
        stage.hosts[2].disk = .works
        stage.startNode(3)
        stage.run(.seconds(5))
        #expect(try ask(stage, question(.vote, for: 1, isForced: true)).isGranted)
    }

    @Test("a node that can't save votes for nobody, says so once, and votes again when it can")
    func failingDisk() throws {
        let stage = settled()
        stage.hosts[2].disk = .fails("No space left on device")
        let query = stage.ask(3, question(.vote, isForced: true))
        stage.run(.seconds(10))
        #expect(answer(stage, query) == nil)
        #expect(stage.count(.alarm, by: 3) == 1)
        #expect(stage.sentinel(3).mayVote == false)
        stage.hosts[2].disk = .works
        stage.run(.seconds(2))
        #expect(stage.lines(by: 3).last == "The state is saved again: this node votes.")
        #expect(try ask(stage, question(.vote, epoch: 2, isForced: true)).isGranted)
    }

    @Test("a node whose state file is damaged watches and never votes")
    func damaged() throws {
        let stage = settled()
        stage.stopNode(3)
        stage.startNode(3, mayVote: false)
        stage.run(.seconds(2))
        #expect(try !ask(stage, question(.vote, isForced: true)).isGranted)
        stage.stopNode(1)
        stage.kill(server: 1)
        stage.run(.seconds(30))
        #expect(stage.count(.tryFailover, by: 3) == 0)
        #expect(stage.count(.objectivelyDown, by: 3) == 1)
    }

    @Test("a node that is not in the configuration gets no answer to its question")
    func stranger() {
        let stage = settled()
        let query = stage.ask(3, question(.vote, for: 9, isForced: true))
        #expect(stage.replies[query] == .refused(.stranger))
    }

    @Test("a question about a group that is not watched here is refused")
    func unknownGroup() {
        let stage = settled()
        var wanted = Question(
            kind: .vote, group: "invoices", primary: Stage.server(1), epoch: 1,
            candidate: Stage.nodeID(2))
        wanted.isForced = true
        let query = stage.ask(3, .question(wanted))
        #expect(stage.replies[query] == .refused(.unknownGroup))
    }

    @Test("a voter leaves the candidate that it voted for four seconds")
    func patience() throws {
        let stage = settled()
        #expect(try ask(stage, question(.vote, for: 2, isForced: true)).isGranted)
        stage.run(.milliseconds(3900))
        #expect(try !ask(stage, question(.preVote, epoch: 2, for: 1, isForced: true)).isGranted)
        #expect(try !ask(stage, question(.vote, epoch: 2, for: 1, isForced: true)).isGranted)
        stage.run(.milliseconds(100))
        #expect(try ask(stage, question(.vote, epoch: 2, for: 1, isForced: true)).isGranted)
    }

    @Test("an epoch that no cluster gets to gets no vote", arguments: [Epoch.max, 1 << 40])
    func absurd(epoch: Epoch) throws {
        let stage = settled()
        #expect(try !ask(stage, question(.vote, epoch: epoch, isForced: true)).isGranted)
        #expect(stage.sentinel(3).currentEpoch == 0)
        #expect(try ask(stage, question(.vote, epoch: 1, isForced: true)).isGranted)
    }

    // MARK: Exhaustive

    /// One voter's situation; every combination is tried.
    struct Situation: CustomStringConvertible {
        var kind: Question.Kind
        var isDown: Bool
        var isForced: Bool
        var isSamePrimary: Bool
        /// 4, 5, 6 where the voter is in epoch 5.
        var epoch: Epoch
        /// Whom the voter voted for in epoch 5, less than four seconds ago.
        var votedFor: Int?

        var description: String {
            "\(kind) down=\(isDown) forced=\(isForced) same=\(isSamePrimary) epoch=\(epoch) "
                + "voted=\(votedFor.map(String.init) ?? "-")"
        }

        /// The rule, in the words of the specification.
        var isGranted: Bool {
            let isReason = isSamePrimary && (isDown || isForced)
            let isFree = votedFor == nil || votedFor == 2
            switch kind {
            case .opinion: return false
            case .preVote: return epoch > 5 && isReason && isFree
            case .vote:
                if epoch == 5, votedFor != nil { return votedFor == 2 }
                return epoch >= 5 && isReason && isFree
            }
        }

        static var all: [Situation] {
            var all: [Situation] = []
            for kind in Question.Kind.allCases {
                for isDown in [false, true] {
                    for isForced in [false, true] {
                        for isSamePrimary in [false, true] {
                            for epoch in [Epoch(4), 5, 6] {
                                for votedFor in [nil, 1, 2, 3] {
                                    all.append(
                                        Situation(
                                            kind: kind, isDown: isDown, isForced: isForced,
                                            isSamePrimary: isSamePrimary, epoch: epoch,
                                            votedFor: votedFor))
                                }
                            }
                        }
                    }
                }
            }
            return all
        }
    }

    @Test("a vote goes only to one that means the same primary, for a reason, when it is free")
    func everySituation() throws {
        for isDown in [false, true] {
            for votedFor in [nil, 1, 2, 3] as [Int?] {
                let situations = Situation.all.filter {
                    $0.isDown == isDown && $0.votedFor == votedFor
                }
                for situation in situations {
                    let answer = try answer(in: situation)
                    #expect(answer.isGranted == situation.isGranted, "\(situation)")
                    #expect(answer.isDown == (isDown && situation.isSamePrimary), "\(situation)")
                }
            }
        }
    }

    private func answer(in situation: Situation) throws -> Answer {
        var shape = Stage.Shape(hosts: 3, quorum: 3)
        shape.settings.downAfter = .milliseconds(300)
        let stage = Stage(shape)
        stage.run(.milliseconds(50))
        if situation.isDown {
            stage.loses = { node, target, request in
                guard case .ping = request else { return false }
                return node == 3 && target == .server(Stage.server(1), group: Stage.group)
            }
            stage.run(until: .subjectivelyDown, by: 3)
        }
        stage.stopNode(3)
        stage.hosts[2].state.currentEpoch = 5
        stage.hosts[2].state.groups[0].votedEpoch = situation.votedFor == nil ? 0 : 5
        stage.hosts[2].state.groups[0].votedFor = situation.votedFor.map(Stage.nodeID)
        stage.startNode(3)
        stage.run(.milliseconds(situation.isDown ? 600 : 50))
        return try ask(
            stage,
            question(
                situation.kind, epoch: situation.epoch, for: 2,
                primary: situation.isSamePrimary ? 1 : 2, isForced: situation.isForced))
    }
}
