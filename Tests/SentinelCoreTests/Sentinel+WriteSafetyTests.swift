import MonotonicTime
import Stage
import Testing

@testable import SentinelCore

@Suite("Write safety")
struct WriteSafetyTests {
    private static let limit = WriteLimit(replicas: 1, lagSeconds: 3)

    private func bounded(_ prepare: (Stage) -> Void = { _ in }) -> Stage {
        var shape = Stage.Shape()
        shape.hasWriteAddress = true
        shape.settings.writeSafety = .bounded(seconds: 5)
        let stage = Stage(shape)
        prepare(stage)
        stage.settle()
        return stage
    }

    private func limits(_ stage: Stage) -> [Int] {
        stage.sent.filter {
            if case .limitWrites = $0.3 { true } else { false }
        }.map(\.node)
    }

    @Test("every server is told in advance, each by its own host")
    func inAdvance() {
        let stage = bounded()
        for host in stage.hosts { #expect(host.server?.limit == Self.limit) }
        stage.run(.seconds(15))
        #expect(Set(limits(stage)) == [1, 2, 3])
        for sent in stage.sent {
            guard case .limitWrites = sent.3 else { continue }
            #expect(sent.target == .server(Stage.server(sent.node), group: Stage.group))
        }
    }

    @Test("async puts the limit to nothing, and without the line nobody touches it")
    func otherPolicies() {
        var shape = Stage.Shape()
        shape.settings.writeSafety = .asynchronous
        let stage = Stage(shape)
        stage.hosts[0].server?.limit = Self.limit
        stage.settle()
        #expect(stage.hosts[0].server?.limit == WriteLimit(replicas: 0, lagSeconds: nil))

        let silent = Stage()
        silent.hosts[0].server?.limit = Self.limit
        silent.settle()
        #expect(silent.hosts[0].server?.limit == Self.limit)
    }

    @Test("a limit that somebody took away is back within two reports, another figure in ten s")
    func changed() {
        let stage = bounded()
        stage.run(.seconds(2))
        stage.hosts[0].server?.limit = WriteLimit(replicas: 0, lagSeconds: 3)
        stage.run(.seconds(2))
        #expect(stage.hosts[0].server?.limit == Self.limit)
        stage.hosts[0].server?.limit = WriteLimit(replicas: 1, lagSeconds: 900)
        stage.run(.seconds(11))
        #expect(stage.hosts[0].server?.limit == Self.limit)
    }

    @Test("a server that starts anew is told at once, and a promoted one before it is a primary")
    func order() throws {
        let stage = bounded()
        stage.hosts[1].server?.limit = WriteLimit(replicas: 0, lagSeconds: nil)
        stage.kill(server: 1)
        stage.run(until: .switchPrimary)
        let toSecond = stage.sent.filter { $0.target == .server(Stage.server(2), group: "orders") }
        let limited = try #require(
            toSecond.firstIndex { if case .limitWrites = $0.3 { true } else { false } })
        let promoted = try #require(
            toSecond.firstIndex { if case .promote = $0.3 { true } else { false } })
        #expect(limited < promoted)
        #expect(stage.hosts[1].server?.limit == Self.limit)

        stage.hosts[0].server?.limit = WriteLimit(replicas: 0, lagSeconds: nil)
        stage.start(server: 1)
        stage.run(.milliseconds(300))
        #expect(stage.hosts[0].server?.limit == Self.limit)
    }

    @Test("a server that knows the former names only is told by those")
    func formerNames() {
        let stage = bounded {
            $0.hosts[1].server?.limitError = "ERR Unsupported CONFIG parameter"
        }
        #expect(stage.hosts[1].server?.limit == Self.limit)
        #expect(stage.count(.alarm) == 0)
    }

    @Test("a server that refuses is complained of once, and told again and again")
    func refused() {
        let stage = bounded()
        stage.hosts[1].server?.limitError = "NOPERM this user has no permissions"
        stage.hosts[1].server?.oldLimitError = "NOPERM this user has no permissions"
        stage.run(.seconds(35))
        #expect(stage.count(.alarm, by: 2) == 1)
        #expect(stage.lines(by: 2).contains { $0.contains("+config|set") })
        stage.hosts[1].server?.limitError = nil
        stage.hosts[1].server?.limit = WriteLimit(replicas: 0, lagSeconds: nil)
        stage.run(.seconds(11))
        #expect(stage.hosts[1].server?.limit == Self.limit)
    }

    @Test("a replica that lacks what a lost one was known to have is not promoted but by force")
    func tooFarBehind() {
        let stage = bounded()
        // Server 3 is stuck, server 2 is not; then 1 and 2 go together.
        stage.hosts[2].server?.isSynced = false
        stage.write(to: 1, bytes: 500)
        stage.run(.seconds(4))
        stage.hosts[2].server?.isSynced = true
        stage.kill(server: 2)
        stage.kill(server: 1)
        stage.run(.seconds(20))
        #expect(stage.hosts[2].server?.isPrimary == false)
        #expect(stage.count(.abortNoGoodReplica) > 0)
        stage.orderFailover(on: 3)
        stage.run(.seconds(20))
        #expect(stage.hosts[2].server?.isPrimary == true)
    }

    /// The primary is lost, then every voter that is left is started anew: none has heard it.
    private func strangersToPrimary(_ prepare: (Stage) -> Void = { _ in }) -> Stage {
        let stage = bounded()
        prepare(stage)
        stage.crash(host: 1)
        for node in 2...3 { stage.stopNode(node) }
        stage.run(.milliseconds(100))
        for node in 2...3 { stage.startNode(node) }
        return stage
    }

    @Test("voters that never heard the primary promote what has most, if no replica is missing")
    func unheard() {
        let stage = strangersToPrimary {
            $0.hosts[2].server?.isSynced = false
            $0.write(to: 1, bytes: 500)
            $0.run(.milliseconds(100))
            $0.hosts[2].server?.isSynced = true
        }
        #expect(stage.run(until: .switchPrimary, atMost: .seconds(20)))
        #expect(stage.hosts[1].server?.isPrimary == true)
    }

    @Test("voters that never heard the primary promote nobody while a replica is missing")
    func unheardAndMissing() {
        let stage = strangersToPrimary { $0.kill(server: 3) }
        stage.run(.seconds(20))
        #expect(stage.hosts[1].server?.isPrimary == false)
        #expect(stage.count(.abortNoGoodReplica) > 0)
        stage.start(server: 3)
        #expect(stage.run(until: .switchPrimary, atMost: .seconds(20)))
    }

    @Test(
        "nor does what a disk of any age says count, the candidate's or another's",
        arguments: [1, 2])
    func unheardAndStale(host: Int) {
        let stage = strangersToPrimary { $0.hosts[host].server?.hasFollowed = false }
        stage.run(.seconds(20))
        #expect(stage.hosts[1].server?.isPrimary == false)
        #expect(stage.hosts[2].server?.isPrimary == false)
        stage.hosts[host].server?.hasFollowed = true
        #expect(stage.run(until: .switchPrimary, atMost: .seconds(20)))
    }

    @Test("what was unbounded is promoted as ever")
    func unbounded() {
        var shape = Stage.Shape()
        shape.hasWriteAddress = true
        let stage = Stage(shape)
        stage.settle()
        stage.hosts[2].server?.isSynced = false
        stage.write(to: 1, bytes: 500)
        stage.run(.seconds(4))
        stage.hosts[2].server?.isSynced = true
        stage.kill(server: 2)
        stage.kill(server: 1)
        #expect(stage.run(until: .switchPrimary, atMost: .seconds(20)))
    }

    @Test("a switchover goes on, and the new primary has a replica soon")
    func switchover() {
        let stage = bounded()
        stage.orderFailover(on: 2, FailoverOrder(target: Stage.server(2), isCoordinated: true))
        #expect(stage.run(until: .switchPrimary, atMost: .seconds(5)))
        stage.run(.milliseconds(200))
        #expect(stage.report(2)?.goodReplicas ?? 0 > 0)
    }

    @Test("voters that renew the lease of a primary they don't hear promote nobody but the best")
    func blind() {
        let stage = bounded()
        // Nodes 2 and 3 get no word of server 1 any more; server 3 is stuck, server 2 is not.
        stage.loses = { node, target, request in
            guard node != 1, target == .server(Stage.server(1), group: Stage.group) else {
                return false
            }
            return if case .info = request { true } else { false }
        }
        stage.hosts[2].server?.isSynced = false
        stage.run(.seconds(6))
        stage.write(to: 1, bytes: 500)
        stage.hosts[2].server?.isSynced = true
        stage.kill(server: 2)
        stage.crash(host: 1)
        stage.run(.seconds(20))
        #expect(stage.hosts[2].server?.isPrimary == false)
        #expect(stage.count(.abortNoGoodReplica) > 0)
        stage.start(server: 2)
        #expect(stage.run(until: .switchPrimary, atMost: .seconds(20)))
        #expect(stage.hosts[1].server?.isPrimary == true)
    }

    @Test("nor those that renewed it in a former life, and have not heard it in this one")
    func blindByRestart() {
        let stage = bounded()
        // Node 3 is cut off, and so has no part in the lease; server 2 keeps server 1 writing.
        stage.isolate(host: 3)
        stage.run(.seconds(6))
        stage.write(to: 1, bytes: 500)
        stage.kill(server: 2)
        stage.stopNode(2)
        stage.heal(host: 3)
        stage.crash(host: 1)
        stage.run(.milliseconds(100))
        stage.startNode(2)
        stage.run(.seconds(20))
        #expect(stage.hosts[2].server?.isPrimary == false)
        #expect(stage.count(.abortNoGoodReplica) > 0)
    }

    /// Server 1 begins a new history with its data, as by a restart, while nobody can take its
    /// place; server 2 follows that. Host 3 was cut off before.
    private func rebornAndFollowed() -> Stage {
        let stage = bounded()
        stage.isolate(host: 3)
        stage.write(to: 1, bytes: 500)
        stage.run(.seconds(6))
        stage.hosts[0].seesProcesses = false
        stage.hosts[1].server?.isSyncing = true
        stage.run(.seconds(1))
        stage.kill(server: 1)
        stage.hosts[0].server?.history = RunID(high: 0xB0, middle: 0, low: 0)
        stage.hosts[0].server?.offset = 100
        stage.start(server: 1)
        stage.run(.milliseconds(300))
        stage.hosts[1].server?.isSyncing = false
        stage.pointServer(2, at: Stage.server(1))
        return stage
    }

    @Test("a primary is not replaced for the history that a replica has from it")
    func accepted() {
        let stage = rebornAndFollowed()
        stage.run(.seconds(20))
        #expect(stage.report(2)?.replicationID == stage.report(1)?.replicationID)
        #expect(stage.hosts[0].server?.isPrimary == true)
        #expect(stage.count(.switchPrimary) == 0)
    }

    @Test(
        "nor, when it is lost, by one that has the former history while another is known to have it"
    )
    func otherHistory() {
        let stage = rebornAndFollowed()
        stage.run(.seconds(4))
        stage.hosts[1].server?.priority = 0
        stage.run(.seconds(2))
        stage.heal(host: 3)
        stage.crash(host: 1)
        stage.run(.seconds(20))
        #expect(stage.hosts[2].server?.isPrimary == false)
        #expect(stage.count(.abortNoGoodReplica) > 0)
    }

    @Test("how long replicas have been without their primary matters not to voters started since")
    func lostLongAgo() {
        let stage = strangersToPrimary {
            for host in 1...2 { $0.hosts[host].server?.linkDownSeconds = 3600 }
        }
        #expect(stage.run(until: .switchPrimary, atMost: .seconds(20)))
    }
}
