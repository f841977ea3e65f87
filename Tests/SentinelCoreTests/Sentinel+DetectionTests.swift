import MonotonicTime
import SentinelCore
import Stage
import Testing

@Suite("Detection")
struct DetectionTests {
    private let downAfter = Interval.seconds(5)

    @Test("a server is down after down-after of silence, and not before")
    func silence() throws {
        let stage = Stage()
        stage.settle()
        stage.hang(server: 1)
        #expect(!stage.run(until: .subjectivelyDown, atMost: downAfter))
        #expect(stage.run(until: .subjectivelyDown, atMost: .milliseconds(1200)))
    }

    @Test("a server that answers pings with an error is down after down-after, and said to be ill")
    func invalidAnswers() {
        let stage = Stage()
        stage.settle()
        stage.hosts[0].server?.pingError = "BUSY Redis is busy running a script"
        #expect(!stage.run(until: .subjectivelyDown, atMost: downAfter))
        #expect(stage.run(until: .subjectivelyDown, atMost: .milliseconds(1200)))
        #expect(stage.count(.alarm, by: 2) == 1)
    }

    @Test("answers to INFO do not put off the limit")
    func reportsAreNoAnswers() {
        let stage = Stage()
        stage.settle()
        stage.loses = { _, target, request in
            guard case .ping = request, case .server(Stage.server(1), _) = target else {
                return false
            }
            return true
        }
        #expect(stage.run(until: .subjectivelyDown, atMost: .milliseconds(6200)))
    }

    @Test("a primary that reports itself a replica is down two seconds after down-after")
    func wrongRole() throws {
        let stage = Stage()
        stage.settle()
        stage.pointServer(1, at: Stage.server(2))
        stage.run(.seconds(10))
        let at = try #require(stage.firstTime(.subjectivelyDown, by: 2))
        #expect(at > .seconds(7) && at < .milliseconds(8300))
    }

    @Test("a server is up again at its first valid answer, not at an accepted connection")
    func up() {
        let stage = withoutGoodReplica()
        stage.hosts[0].seesProcesses = false
        stage.kill(server: 1)
        stage.run(until: .subjectivelyDown)
        stage.start(server: 1)
        stage.hang(server: 1)
        #expect(!stage.run(until: .subjectivelyUp, atMost: .seconds(4)))
        stage.resume(server: 1)
        #expect(stage.run(until: .subjectivelyUp, atMost: .seconds(3)))
    }

    @Test("a node that is silent for down-after is said to be down, and up when it answers")
    func peers() throws {
        let stage = Stage()
        stage.settle()
        stage.isolate(host: 3)
        stage.run(.seconds(7))
        let line = "+sdown sentinel n3 10.0.0.3 26379 @ orders 10.0.0.1 6379"
        #expect(stage.lines(by: 2).contains(line))
        stage.heal(host: 3)
        #expect(stage.run(until: .subjectivelyUp, by: 2, atMost: .seconds(3)))
    }

    // MARK: Objectively

    @Test("a primary is objectively down when a quorum sees it down, until it no longer does")
    func quorum() throws {
        let stage = withoutGoodReplica()
        stage.cut(1, 2)
        stage.run(.seconds(8))
        #expect(stage.count(.subjectivelyDown, by: 2) == 2)  // The server, and the node beside it.
        #expect(stage.count(.objectivelyDown) == 0)
        stage.cut(1, 3)
        #expect(stage.run(until: .objectivelyDown, by: 2, atMost: .seconds(7)))
        #expect(stage.lines(by: 2).contains("+odown master orders 10.0.0.1 6379 #quorum 2/2"))
        stage.heal(host: 1)
        #expect(stage.run(until: .objectivelyUp, by: 2, atMost: .seconds(3)))
        #expect(stage.lines(by: 2).contains("-odown master orders 10.0.0.1 6379"))
    }

    @Test("the opinion of a node that fell silent counts for five seconds")
    func opinionsExpire() throws {
        let stage = withoutGoodReplica()
        stage.isolate(host: 1)
        stage.run(until: .objectivelyDown, by: 2)
        stage.run(.seconds(1))
        stage.restartClock()
        stage.cut(2, 3)
        stage.run(until: .objectivelyUp, by: 2)
        #expect(stage.time > .milliseconds(4800) && stage.time < .milliseconds(5200))
    }

    @Test("while the primary seems down the others are asked ten times a second, later once")
    func asking() {
        let stage = Stage(Stage.Shape(hosts: 3, quorum: 3))
        stage.settle()
        stage.cut(1, 2)
        stage.run(atMost: .seconds(10)) { stage.view(2).servers[0].isDown }
        stage.restartClock()
        stage.run(.seconds(2))
        #expect((19...22).contains(opinionsAsked(stage)))
        stage.run(.seconds(10))
        stage.restartClock()
        stage.run(.seconds(5))
        #expect((5...6).contains(opinionsAsked(stage)))
    }

    @Test("nobody is asked about a primary that is well")
    func notAsking() {
        let stage = Stage()
        stage.settle()
        stage.run(.seconds(10))
        #expect(opinionsAsked(stage) == 0)
    }

    // MARK: Evidence

    @Test("the end of the primary's process, seen by its own host, leads to failover at once")
    func evidence() throws {
        let stage = Stage()
        stage.settle()
        stage.kill(server: 1)
        stage.run(.seconds(1))
        for node in 1...3 {
            #expect(stage.count(.evidence, by: node) == 1)
            let at = try #require(stage.firstTime(.switchPrimary, by: node))
            #expect(at < .milliseconds(200))
        }
    }

    @Test("the end of a replica's process is evidence as well, and no reason for a failover")
    func evidenceOfReplica() throws {
        let stage = Stage()
        stage.settle()
        stage.kill(server: 3)
        stage.run(.seconds(1))
        #expect(stage.count(.subjectivelyDown) == 3)
        #expect(stage.count(.tryFailover) == 0)
    }

    @Test("an answer to a ping that was sent on an evidence refutes it")
    func refuted() throws {
        let stage = Stage()
        stage.settle()
        let runID = try #require(stage.hosts[0].server?.runID)
        stage.ask(
            2, .evidence(Evidence(group: Stage.group, server: Stage.server(1), runID: runID)))
        #expect(stage.count(.evidence, by: 2) == 1)
        stage.run(.seconds(10))
        #expect(stage.count(.subjectivelyDown) == 0)
    }

    @Test("evidence waits 50 ms for a connection that still stands, no longer")
    func lostReset() throws {
        let stage = withoutGoodReplica()
        stage.hang(server: 1)
        let runID = try #require(stage.hosts[0].server?.runID)
        stage.ask(
            2, .evidence(Evidence(group: Stage.group, server: Stage.server(1), runID: runID)))
        stage.run(until: .subjectivelyDown, by: 2)
        #expect(stage.time >= .milliseconds(50) && stage.time <= .milliseconds(150))
    }

    @Test("evidence about another life of the server says nothing")
    func otherLife() {
        let stage = Stage()
        stage.settle()
        stage.ask(
            2,
            .evidence(
                Evidence(
                    group: Stage.group, server: Stage.server(1),
                    runID: RunID(high: 7, middle: 7, low: 7))))
        stage.run(.seconds(1))
        #expect(stage.log.isEmpty)
    }

    @Test("a process that is not the server's is none of the node's business")
    func otherProcess() {
        let stage = Stage()
        stage.settle()
        stage.give(Event.processEnded(Stage.server(1), processID: 4), to: 1)
        stage.give(Event.processEnded(Stage.server(1), processID: 1000), to: 2)
        stage.run(.seconds(1))
        #expect(stage.log.isEmpty)
    }

    @Test("evidence can be turned off")
    func untrusted() {
        var shape = Stage.Shape()
        shape.settings.trustsEvidence = false
        let stage = Stage(shape)
        stage.settle()
        stage.kill(server: 1)
        #expect(!stage.run(until: .subjectivelyDown, atMost: .milliseconds(3900)))
        #expect(stage.count(.evidence) == 0)
        #expect(stage.run(until: .switchPrimary, atMost: .seconds(3)))
    }

    @Test("reset and refused connections, seen from afar alone, are no evidence")
    func resetFromAfar() {
        let stage = Stage()
        stage.settle()
        stage.hosts[0].seesProcesses = false
        stage.kill(server: 1)
        #expect(!stage.run(until: .subjectivelyDown, atMost: .milliseconds(3900)))
    }

    @Test("a primary that comes back at once without its data is replaced, not followed")
    func reborn() {
        let stage = Stage()
        stage.settle()
        stage.hosts[0].seesProcesses = false
        stage.kill(server: 1)
        stage.start(server: 1)
        stage.hosts[0].server?.history = RunID(high: 0xE117, middle: 0, low: 0)
        stage.hosts[0].server?.offset = 0
        stage.run(.seconds(4))
        #expect(stage.hosts[0].server?.isPrimary == false)
        #expect(stage.records.contains { $0.record.cause == .reborn })
    }

    @Test("one that comes back without its data stays when no replica could replace it")
    func rebornAlone() {
        let stage = withoutGoodReplica()
        stage.hosts[0].seesProcesses = false
        stage.kill(server: 1)
        stage.start(server: 1)
        stage.hosts[0].server?.history = RunID(high: 0xE117, middle: 0, low: 0)
        stage.hosts[0].server?.offset = 0
        stage.run(.seconds(10))
        #expect(stage.hosts[0].server?.isPrimary == true)
        #expect(stage.count(.tryFailover) == 0)
    }

    @Test("a failover that needs a second attempt is told from its beginning")
    func secondAttempt() throws {
        let stage = Stage()
        stage.settle()
        let begin = stage.time
        stage.loses = { _, _, request in
            if case .tell(.question(let question), _) = request, question.kind == .vote {
                return stage.time - begin < .milliseconds(900)
            }
            return false
        }
        stage.kill(server: 1)
        stage.run(.seconds(10))
        let leaders = stage.records.filter { $0.record.leader != nil && !$0.record.votes.isEmpty }
        let record = try #require(leaders.last?.record)
        #expect(record.cause == .evidence)
        #expect(record.moment(of: .begun) != nil && record.moment(of: .elected) != nil)
    }

    // MARK: -

    /// Nothing comes of an objective down.
    private func withoutGoodReplica() -> Stage {
        let stage = Stage()
        stage.hosts[1].server?.priority = 0
        stage.hosts[2].server?.priority = 0
        stage.settle()
        return stage
    }

    private func opinionsAsked(_ stage: Stage) -> Int {
        stage.sent.count { entry in
            guard entry.node == 2, entry.target == .peer(Stage.node(3)),
                case .tell(.question(let question), _) = entry.3
            else { return false }
            return question.kind == .opinion
        }
    }
}
