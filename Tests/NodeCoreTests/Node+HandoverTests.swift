import MonotonicTime
import NodeCore
import SentinelCore
import Stage
import Testing

@Suite("A coordinated failover")
struct HandoverTests {
    static let order = FailoverOrder(isCoordinated: true)

    @Test("goes in this order: paused, caught up, silent, taken elsewhere, reset, removed")
    func order() throws {
        let stage = Stage.withAddress()
        stage.orderFailover(on: 3, Self.order)
        stage.run(.seconds(5))
        #expect(stage.holders == [2])
        #expect(stage.addressSteps(on: 1) == [.hush, .reset, .remove])
        let silent = try #require(stage.firstStep(.hush, on: 1))
        let taken = try #require(stage.firstStep(.take, on: 2))
        let reset = try #require(stage.firstStep(.reset, on: 1))
        #expect(silent < taken && taken < reset)
        #expect(stage.hosts[0].server?.role == .replica(of: Stage.server(2)))
        #expect(stage.hosts[0].server?.isPaused == false)
    }

    @Test("resets its clients at once also when the next holder's word overtakes its older answer")
    func overtaken() throws {
        let stage = Stage.withAddress()
        // The address is taken between the answer and its arrival.
        stage.answerDelays[2] = .milliseconds(8)
        stage.hosts[1].address.stepDelay = .milliseconds(6)
        stage.orderFailover(on: 3, Self.order)
        stage.run(.seconds(5))
        #expect(stage.addressSteps(on: 1) == [.hush, .reset, .remove])
        let taken = try #require(stage.firstStep(.take, on: 2))
        let reset = try #require(stage.firstStep(.reset, on: 1))
        #expect(reset - taken < .milliseconds(50))
    }

    @Test("is announced before writes are paused, by the holder alone, and writes go on meanwhile")
    func notice() throws {
        let stage = Stage.withAddress()
        stage.orderFailover(on: 3, Self.order)
        let isAnnounced = stage.run(atMost: .seconds(1)) { stage.count(.switchoverBegin) == 1 }
        #expect(isAnnounced)
        #expect(stage.hosts[0].server?.isPaused == false)
        stage.run(.milliseconds(20))
        #expect(stage.hosts[0].server?.isPaused == false)
        stage.run(.seconds(5))
        #expect(stage.holders == [2])
        let announced = try #require(stage.firstTime(.switchoverBegin, by: 1))
        let pauses = stage.sent.filter { $0.3.pauseLength != nil }
        let paused = try #require(pauses.first)
        #expect(pauses.count == 1 && paused.node == 1)
        #expect(paused.at - announced >= .milliseconds(25))
        #expect(paused.at - announced <= .milliseconds(35))
        #expect(stage.count(.switchoverBegin) == 1 && stage.count(.abortHandover) == 0)
        #expect(
            stage.lines(by: 1).contains(
                "+switchover-begin master orders 10.0.0.1 6379 to 10.0.0.2:6379"))
    }

    @Test("has a pause of the full length, however long it was announced before")
    func pauseLength() throws {
        let stage = Stage.withAddress()
        stage.orderFailover(on: 3, Self.order)
        stage.run(.seconds(1))
        let paused = try #require(stage.sent.compactMap { $0.3.pauseLength }.first)
        #expect(paused == stage.view(1).tenure.leaseUse + .seconds(1))
    }

    @Test("leaves no pause when the server ends between the announcement and the pause")
    func lostDuringNotice() {
        let stage = Stage.withAddress()
        stage.orderFailover(on: 3, Self.order)
        let isAnnounced = stage.run(atMost: .seconds(1)) { stage.count(.switchoverBegin) == 1 }
        #expect(isAnnounced)
        stage.kill(server: 1)
        stage.run(.milliseconds(100))
        #expect(stage.count(.abortHandover, by: 1) == 1)
        #expect(stage.count(.writesPaused) == 0)
        let orders = stage.sent.filter { $0.3.pauseLength != nil || $0.3.isResumption }
        #expect(orders.isEmpty)
        stage.run(.seconds(5))
        #expect(stage.holders.count == 1 && stage.holders != [1])
    }

    @Test("is called off once nobody has taken the address that the holder gave away")
    func nobodyTakes() {
        let stage = Stage.withAddress()
        stage.orderFailover(on: 3, Self.order)
        let isGiven = stage.run(atMost: .seconds(1)) { stage.addressSteps(on: 1) == [.hush] }
        #expect(isGiven)
        stage.crash(host: 2)
        stage.run(.seconds(4))
        #expect(stage.holders == [1])
        #expect(stage.count(.abortHandover, by: 1) == 1)
        let words = "no other host took the write address"
        #expect(stage.lines(by: 1).contains { $0.hasSuffix(words) })
    }

    @Test("goes to the server that the operator names")
    func target() {
        let stage = Stage.withAddress()
        stage.orderFailover(
            on: 1, FailoverOrder(target: Stage.server(3), isCoordinated: true))
        stage.run(.seconds(5))
        #expect(stage.holders == [3])
    }

    @Test("leaves everything as it was when the replica does not catch up")
    func lagging() {
        let stage = Stage.withAddress()
        // A last write right before the pause, which never reaches the replica.
        stage.loses = { _, _, request in
            if case .pauseWrites = request { stage.hosts[0].server?.offset += 50 }
            return false
        }
        stage.orderFailover(on: 2, Self.order)
        stage.run(.seconds(3))
        #expect(stage.holders == [1])
        #expect(stage.addressSteps(on: 1) == [])
        #expect(stage.hosts[0].server?.isPaused == false)
        #expect(stage.hosts[1].server?.isPrimary == false)
        #expect(stage.count(.abortHandover, by: 1) == 1)
        #expect(stage.count(.switchPrimary) == 0)
        let failed = stage.records.first { $0.node == 2 }?.record
        #expect(failed?.failure == "-failover-abort-handover")
    }

    @Test("leaves everything as it was when the server does not let its writes be paused")
    func refused() {
        let stage = Stage.withAddress()
        stage.hosts[0].server?.orderError = "NOPERM this user has no permissions to run 'client'"
        stage.orderFailover(on: 3, Self.order)
        stage.run(.seconds(3))
        #expect(stage.holders == [1])
        #expect(stage.hosts[1].server?.isPrimary == false)
        #expect(
            stage.lines(by: 1).contains { $0.contains("NOPERM") && $0.contains("+client|pause") })
    }

    @Test("lets writes go on where they were when the leader dies behind the pause")
    func leaderDies() {
        let stage = Stage.withAddress()
        stage.loses = { _, _, request in
            if case .tell(.paused, _) = request { return true }
            return false
        }
        stage.orderFailover(on: 3, Self.order)
        let isPaused = stage.run(atMost: .seconds(1)) { stage.hosts[0].server?.isPaused == true }
        #expect(isPaused)
        stage.stopNode(3)
        stage.run(.seconds(2))
        #expect(stage.hosts[0].server?.isPaused == false)
        #expect(stage.holders == [1])
    }

    @Test(
        "is refused with the reason when it can't be without loss",
        arguments: [
            (Trouble.old, "6.2"), (.detached, "not attached"),
            (.itself, "is the primary already"), (.stranger, "no server of this group"),
        ])
    func refusal(trouble: Trouble, words: String) throws {
        let stage = Stage.withAddress()
        var order = Self.order
        switch trouble {
        case .old: stage.hosts[0].server?.version = "5.0.7"
        case .detached:
            for number in 1...2 { stage.hosts[number].server?.isSynced = false }
        case .itself: order.target = Stage.server(1)
        case .stranger: order.target = Stage.server(9)
        }
        // Long enough for a report, too short for a failover.
        stage.run(.milliseconds(2_000))
        let query = stage.orderFailover(on: 3, order)
        let answer = try #require(stage.responses[query])
        #expect(answer?.contains(words) == true, "\(answer ?? "accepted")")
    }

    enum Trouble: CaseIterable { case old, detached, itself, stranger }

    @Test("says that the stream ends behind the last write that the pause let through")
    func lastWrite() throws {
        let stage = Stage.withAddress()
        // Acknowledged while the order to pause was on its way.
        stage.loses = { _, _, request in
            if case .pauseWrites = request { stage.write(to: 1, bytes: 70) }
            return false
        }
        let before = try #require(stage.hosts[0].server?.offset)
        stage.orderFailover(on: 1, Self.order)
        stage.run(.seconds(3))
        #expect(stage.holders == [2])
        #expect(stage.lines(by: 1).contains { $0.hasSuffix("offset \(before + 70)") })
    }

    @Test("is given up when the server that was paused begins anew")
    func serverRestarts() {
        let stage = Stage.withAddress()
        stage.hosts[0].seesProcesses = false
        stage.loses = { _, _, request in
            if case .tell(.paused, _) = request { return true }
            return false
        }
        stage.orderFailover(on: 3, Self.order)
        let isPaused = stage.run(atMost: .seconds(1)) { stage.count(.writesPaused) == 1 }
        #expect(isPaused)
        stage.kill(server: 1)
        stage.start(server: 1)
        stage.run(.milliseconds(100))
        #expect(stage.count(.abortHandover, by: 1) == 1)
    }

    @Test("is told in the journal of every node, with its phases and no loss")
    func journal() throws {
        let stage = Stage.withAddress()
        stage.orderFailover(on: 3, Self.order)
        stage.run(.seconds(5))
        let record = try #require(stage.records.last { $0.node == 3 }?.record)
        #expect(record.cause == .switchover)
        #expect(record.leader == "redis03" || record.leader == "n3")
        #expect(record.votes.count >= 2)
        #expect(record.from == Stage.server(1) && record.to == Stage.server(2))
        #expect(
            record.steps.map(\.phase)
                == [.begun, .elected, .chosen, .paused, .caughtUp, .inForce, .held, .followed])
        let unheld = try #require(record.unheld)
        #expect(unheld > .zero && unheld < .milliseconds(50))
        #expect(record.failure == nil)
        #expect(Set(stage.records.map(\.node)) == [1, 2, 3])
    }
}

extension Request {
    /// How long an order to pause writes lasts.
    fileprivate var pauseLength: Interval? {
        switch self {
        case .pauseWrites(let length, _): length
        case .ping, .info, .publish, .promote, .follow, .resumeWrites, .limitWrites, .tell: nil
        }
    }

    fileprivate var isResumption: Bool {
        switch self {
        case .resumeWrites: true
        case .ping, .info, .publish, .promote, .follow, .pauseWrites, .limitWrites, .tell: false
        }
    }
}
