import Addressing
import MonotonicTime
import SentinelCore
import Stage
import Testing

@Suite("Selection of a replica")
struct SelectionTests {
    /// What makes a replica unfit, in words, and how to make it so.
    struct Flaw: CustomTestStringConvertible, Sendable {
        var words: String
        var wait: Interval = .seconds(2)
        var make: @Sendable (Stage) -> Void

        var testDescription: String { words }
    }

    private static let flaws: [Flaw] = [
        Flaw(words: "priority 0") { $0.hosts[1].server?.priority = 0 },
        Flaw(words: "loading") { $0.hosts[1].server?.isLoading = true },
        Flaw(words: "syncing") { $0.hosts[1].server?.isSyncing = true },
        Flaw(words: "another replication history") {
            $0.hosts[1].server?.history = RunID(high: 6, middle: 6, low: 6)
        },
        Flaw(words: "no report for five seconds", wait: .seconds(7)) {
            $0.hosts[1].server?.infoError = "NOPERM no INFO for this user"
        },
        Flaw(words: "its link was down for long before the primary was") {
            $0.hosts[1].server?.isSynced = false
            $0.hosts[1].server?.linkDownSeconds = 60
        },
        Flaw(words: "its link was down for longer than any clock counts") {
            $0.hosts[1].server?.isSynced = false
            $0.hosts[1].server?.linkDownSeconds = .max
        },
        Flaw(words: "down", wait: .seconds(7)) { $0.hang(server: 2) },
        Flaw(words: "ended") { $0.kill(server: 2) },
        Flaw(words: "takes itself for a primary", wait: .milliseconds(1100)) {
            $0.hosts[1].server?.orderError = "NOPERM"
            $0.hosts[1].server?.role = .primary
        },
        Flaw(words: "no node answers on its host", wait: .seconds(6)) { $0.stopNode(2) },
        Flaw(words: "the node on its host has just ended", wait: .milliseconds(500)) {
            $0.stopNode(2)
        },
        Flaw(words: "the node on its host can't trust its memory, nor write it") {
            $0.hosts[1].disk = .fails("damaged")
            $0.stopNode(2)
            $0.startNode(2, mayVote: false)
        },
        Flaw(words: "the node on its host can't save anything") {
            $0.hosts[1].disk = .fails("no space left on device")
        },
    ]

    @Test("is not made of a replica with this flaw", arguments: flaws)
    func excluded(flaw: Flaw) {
        var shape = Stage.Shape()
        shape.hasWriteAddress = true
        let stage = Stage(shape)
        // Without the flaw it would be the best.
        stage.hosts[1].server?.priority = 1
        stage.settle()
        flaw.make(stage)
        stage.settle(flaw.wait)
        stage.kill(server: 1)
        stage.run(until: .promotedReplica, atMost: .seconds(8))
        #expect(stage.hosts[2].server?.isPrimary == true)
    }

    @Test("without a flaw it is made of the replica with the lowest priority number")
    func priority() {
        let stage = Stage()
        stage.hosts[2].server?.priority = 1
        stage.hosts[1].server?.offset += 1000
        stage.settle()
        expectChoice(of: 3, stage)
    }

    @Test("at equal priority it is made of the replica that has more data")
    func offset() {
        let stage = Stage()
        stage.settle()
        stage.hosts[2].server?.offset += 1
        expectChoice(of: 3, stage)
    }

    @Test("at equal data it is made of the replica with the smaller run id")
    func runID() {
        let stage = Stage()
        stage.hosts[2].server?.runID = RunID(high: 0, middle: 0, low: 1)
        stage.settle()
        expectChoice(of: 3, stage)
    }

    @Test("the offsets that count are asked for at the choice, not remembered")
    func freshOffsets() {
        let stage = Stage()
        stage.settle()
        // Host 2 is best by what is known, and its node begins; but server 3 has more by now.
        stage.hosts[1].server?.offset += 1
        stage.run(.seconds(2))
        stage.hosts[2].server?.offset += 2
        expectChoice(of: 3, stage)
    }

    @Test("a replica that does not answer at the choice is passed over for one that does")
    func answering() {
        let stage = Stage()
        stage.settle()
        stage.kill(server: 1)
        stage.hang(server: 2)
        #expect(stage.run(until: .promotedReplica, atMost: .seconds(1)))
        #expect(stage.hosts[2].server?.isPrimary == true)
    }

    @Test("without a fit replica the attempt ends and is made again until there is one")
    func none() {
        let stage = Stage()
        stage.hosts[1].server?.priority = 0
        stage.hosts[2].server?.priority = 0
        stage.settle()
        stage.kill(server: 1)
        #expect(stage.run(until: .abortNoGoodReplica, atMost: .seconds(1)))
        stage.run(.seconds(2))
        #expect(stage.count(.promotedReplica) == 0)
        stage.hosts[2].server?.priority = 100
        #expect(stage.run(until: .promotedReplica, atMost: .seconds(8)))
    }

    @Test("a primary that was lost before any voter heard it is replaced by one with its history")
    func unheardPrimary() throws {
        let stage = Stage()
        stage.hosts[1].server?.priority = 1
        stage.settle()
        stage.kill(server: 1)
        #expect(stage.run(until: .promotedReplica, atMost: .seconds(3)))
        stage.hosts[1].server?.infoError = "NOPERM no INFO for this user"
        #expect(stage.run(until: .switchPrimary, by: 3, atMost: .seconds(3)))
        stage.start(server: 1)
        stage.pointServer(1, at: Stage.server(2))
        stage.run(.seconds(1))
        stage.write(to: 2, bytes: 100)
        stage.run(.seconds(1))
        // One of the two was away at the end, and has the history in which the voters heard it.
        let promoted = try #require(stage.hosts[1].server)
        let (former, present) = (try #require(promoted.formerHistory), promoted.history)
        #expect(stage.hosts[0].server?.history == present)
        stage.hosts[2].server?.history = former
        stage.hosts[2].server?.formerHistory = nil
        stage.hosts[2].server?.offset += 1000
        stage.crash(host: 2)
        stage.restartClock()
        #expect(stage.run(until: .promotedReplica, atMost: .seconds(20)))
        #expect(stage.hosts[0].server?.isPrimary == true)
        #expect(stage.hosts[0].server?.formerHistory == present)
    }

    private func expectChoice(of number: Int, _ stage: Stage) {
        stage.restartClock()
        stage.kill(server: 1)
        stage.run(until: .selectedReplica, atMost: .seconds(3))
        let chosen = stage.lines().first { $0.hasPrefix("+selected-slave") }
        #expect(
            chosen == "+selected-slave slave 10.0.0.\(number):6379 10.0.0.\(number) 6379"
                + " @ orders 10.0.0.1 6379")
    }
}
