import MonotonicTime
import SentinelCore
import Testing

@testable import DropInCore

@Suite("A vote")
struct VotesTests {
    private let first = RunID(high: 7, middle: 7, low: 7)
    private let second = RunID(high: 8, middle: 8, low: 8)

    private func answer(
        _ stage: Stage, epoch: Epoch, _ candidate: RunID?, server: Int = 1
    ) -> DownAnswer? {
        let question = DownQuestion(
            primary: Place(Stage.server(server)), currentEpoch: epoch, candidate: candidate)
        let query = stage.ask(question, of: 1)
        stage.run(.milliseconds(10))
        return stage.answers[query]
    }

    @Test("is given once an epoch, to whoever asks first")
    func once() {
        let stage = Stage()
        stage.settle()
        let given = DownAnswer(isDown: false, leader: first, leaderEpoch: 9)
        #expect(answer(stage, epoch: 9, first) == given)
        #expect(answer(stage, epoch: 9, second) == given)
        #expect(answer(stage, epoch: 8, second) == given)
        #expect(answer(stage, epoch: 10, second)?.leader == second)
        #expect(stage.lines(of: 1).contains("+new-epoch 9"))
        #expect(stage.lines(of: 1).contains("+vote-for-leader \(first) 9"))
    }

    @Test("leaves only once it is durable")
    func durable() {
        let stage = Stage()
        stage.settle()
        stage.persistDelay = .seconds(1)
        let question = DownQuestion(
            primary: Place(Stage.server(1)), currentEpoch: 9, candidate: first)
        let query = stage.ask(question, of: 1)
        stage.run(.milliseconds(900))
        #expect(stage.answers[query] == nil)
        stage.run(.milliseconds(200))
        #expect(stage.answers[query]?.leader == first)
        #expect(stage.nodes[0].durable.entries[0].leaderEpoch == 9)
    }

    @Test("is not given while nothing can be saved, and is again once it can")
    func unsaved() {
        let stage = Stage()
        stage.settle()
        stage.nodes[0].canSave = false
        #expect(
            answer(stage, epoch: 9, first)
                == DownAnswer(isDown: false, leader: nil, leaderEpoch: 0))
        let refused = answer(stage, epoch: 10, first)
        #expect(refused == DownAnswer(isDown: false, leader: nil, leaderEpoch: 0))
        #expect(
            stage.lines(of: 1).contains(
                "WARNING: Sentinel was not able to save the new configuration on disk!!!:"
                    + " No space left on device"))
        let order = stage.order(.flush, to: 1)
        stage.run(.milliseconds(10))
        #expect(stage.outcomes[order] == .refused(.notSaved))
        stage.nodes[0].canSave = true
        stage.run(.seconds(2))
        #expect(answer(stage, epoch: 11, first)?.leader == first)
    }

    @Test("is not asked for by who only wants an opinion, nor given for a server nobody watches")
    func opinion() {
        let stage = Stage()
        stage.settle()
        let none = DownAnswer(isDown: false, leader: nil, leaderEpoch: 0)
        #expect(answer(stage, epoch: 9, nil) == none)
        #expect(answer(stage, epoch: 9, first, server: 2) == none)
        #expect(stage.nodes[0].core.currentEpoch == 0)
    }

    @Test("leaves the epochs room to grow, whatever a peer sends")
    func hostileEpoch() {
        let stage = Stage()
        stage.settle()
        _ = answer(stage, epoch: .max, first)
        #expect(stage.nodes[0].core.currentEpoch == 0)
    }
}
