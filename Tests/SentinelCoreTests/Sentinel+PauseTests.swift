import MonotonicTime
import Stage
import Testing

@testable import SentinelCore

@Suite("A pause for maintenance")
struct PauseTests {
    private func stage() -> Stage {
        var shape = Stage.Shape()
        shape.hasWriteAddress = true
        let stage = Stage(shape)
        stage.settle()
        return stage
    }

    /// What the operator was answered; `nil` while he waits.
    private func order(_ stage: Stage, _ order: PauseOrder, on number: Int = 1) -> String?? {
        let query = stage.orderPause(on: number, order)
        stage.run(.seconds(2))
        return stage.responses[query]
    }

    @Test("is stored by all, survives restarts, and no failover begins while it lasts")
    func noFailover() {
        let stage = stage()
        #expect(order(stage, .pause(for: nil)) == .some(nil))
        for host in stage.hosts { #expect(host.state.groups[0].pause?.isPaused == true) }
        #expect(stage.count(.paused) == 3)
        stage.stopNode(2)
        stage.startNode(2)
        stage.kill(server: 1)
        stage.run(.seconds(30))
        #expect(stage.hosts[1].server?.isPrimary == false)
        #expect(stage.hosts[2].server?.isPrimary == false)
        #expect(stage.count(.tryFailover) == 0)
        #expect(stage.holders == [1], "the address stays with the host")
        stage.start(server: 1)
        stage.run(.seconds(10))
        #expect(stage.hosts[0].server?.isPrimary == true)
        #expect(stage.holders == [1])
        #expect(order(stage, .resume, on: 3) == .some(nil))
        stage.kill(server: 1)
        #expect(stage.run(until: .switchPrimary, atMost: .seconds(5)))
        stage.run(.seconds(2))
        #expect(stage.holders.count == 1)
        #expect(stage.holders != [1])
    }

    @Test("before the first voters are agreed on it is refused, with that as the reason")
    func nobodyVotes() {
        var shape = Stage.Shape()
        shape.hasWriteAddress = true
        shape.voters = VoterSet(names: ["n1", "n2", "n3"], promise: .milliseconds(1500))
        let stage = Stage(shape)
        stage.stopNode(3)
        stage.run(.seconds(3))
        let answer = order(stage, .pause(for: nil))
        #expect(answer??.contains("Nobody votes yet") == true)
        #expect(stage.count(.paused) == 0)
    }

    @Test("a primary that was down when the pause ends is replaced then")
    func resumeWhileDown() {
        let stage = stage()
        _ = order(stage, .pause(for: nil))
        stage.kill(server: 1)
        stage.run(.seconds(10))
        #expect(stage.count(.switchPrimary) == 0)
        _ = order(stage, .resume)
        #expect(stage.count(.switchPrimary) == 3)
    }

    @Test("ends by itself when its time is over, everywhere, and is not begun anew by a restart")
    func time() {
        let stage = stage()
        _ = order(stage, .pause(for: .seconds(20)))
        stage.run(.seconds(10))
        #expect(stage.count(.resumed) == 0)
        stage.run(.seconds(15))
        #expect(stage.count(.resumed) == 3)
        stage.stopNode(1)
        stage.startNode(1)
        #expect(stage.view(1).isPaused == false)
    }

    @Test("a node that starts in a pause counts its time anew, until it hears how much is left")
    func restart() {
        let stage = stage()
        _ = order(stage, .pause(for: .seconds(60)))
        stage.run(.seconds(40))
        stage.isolate(host: 3)
        stage.stopNode(3)
        stage.startNode(3)
        stage.run(.seconds(5))
        stage.heal(host: 3)
        stage.run(.seconds(20))
        #expect(stage.view(3).isPaused == false)
    }

    @Test("a majority must store it, or the operator is told how many did")
    func noMajority() throws {
        let stage = stage()
        stage.isolate(host: 1)
        let answer = try #require(order(stage, .pause(for: nil)))
        #expect(answer?.hasPrefix("NOQUORUM 1 of 3 voters") == true)
        stage.heal(host: 1)
        stage.run(.seconds(5))
        #expect(stage.view(3).isPaused, "it is told to whoever is reached later")
    }

    @Test("a node that was away learns the newest word, whichever it missed")
    func away() {
        let stage = stage()
        stage.isolate(host: 3)
        stage.run(.seconds(1))
        _ = order(stage, .pause(for: nil))
        stage.heal(host: 3)
        stage.run(.seconds(5))
        #expect(stage.view(3).isPaused)
        stage.isolate(host: 3)
        stage.run(.seconds(1))
        _ = order(stage, .resume)
        stage.heal(host: 3)
        stage.run(.seconds(5))
        #expect(!stage.view(3).isPaused)
    }

    @Test("of two orders at the same time one counts, on every node")
    func atOnce() {
        let stage = stage()
        let one = stage.orderPause(on: 1, .pause(for: nil))
        let other = stage.orderPause(on: 2, .resume)
        stage.run(.seconds(5))
        let words = (1...3).map { stage.view($0).pause?.word }
        #expect(words[0] == words[1] && words[1] == words[2])
        #expect(words[0]?.isPaused == false, "the greater author's")
        #expect(stage.responses[one]??.hasPrefix("INPROG") == true)
        #expect(stage.responses[other] == .some(nil))
    }

    @Test("an order of the operator is carried out in a pause")
    func ordered() {
        let stage = stage()
        _ = order(stage, .pause(for: nil))
        stage.orderFailover(
            on: 2, FailoverOrder(target: Stage.server(2), isCoordinated: true))
        #expect(stage.run(until: .switchPrimary, atMost: .seconds(5)))
        stage.run(.seconds(3))
        #expect(stage.holders == [2])
        #expect(stage.hosts[0].server?.role == .replica(of: Stage.server(2)))
        #expect(stage.view(1).isPaused)
    }

    @Test("the holder's host dies: nobody takes until the group is resumed")
    func hostDies() {
        let stage = stage()
        _ = order(stage, .pause(for: nil))
        stage.crash(host: 1)
        stage.run(.seconds(20))
        #expect(stage.holders == [])
        #expect(stage.view(2).isObjectivelyDown)
        _ = order(stage, .resume, on: 2)
        stage.run(.seconds(5))
        #expect(stage.holders.count == 1)
    }

    @Test("the holder's node starts anew: it takes the address again by the old lease")
    func nodeRestarts() {
        let stage = stage()
        _ = order(stage, .pause(for: nil))
        stage.stopNode(1)
        stage.run(.seconds(10))
        #expect(stage.holders == [])
        stage.startNode(1)
        stage.run(.seconds(5))
        #expect(stage.holders == [1])
        #expect(stage.count(.tryFailover) == 0)
    }

    @Test("an unknown group is refused")
    func unknown() {
        let stage = stage()
        let query = stage.orderPause(on: 1, group: "others", .resume)
        #expect(stage.responses[query] == "ERR No such master with that name")
    }
}
