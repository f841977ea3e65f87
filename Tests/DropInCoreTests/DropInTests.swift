import Addressing
import MonotonicTime
import SentinelCore
import Testing

@testable import DropInCore

@Suite("Several Sentinels under virtual time")
struct DropInTests {
    @Test("find the replicas by the primary, and each other by hellos")
    func discovery() {
        let stage = Stage()
        stage.run(.seconds(5))
        for node in 1...3 {
            let portrait = stage.portrait(node)
            #expect(portrait?.replicas.map(\.host) == ["10.0.0.2", "10.0.0.3"])
            #expect(portrait?.sentinels.count == 2)
            #expect(portrait?.master.flags == ["master"])
            #expect(portrait?.usableSentinelCount == 3)
        }
        let lines = stage.lines(of: 1)
        #expect(lines.contains("+monitor master orders 10.0.0.1 6379 quorum 2"))
        #expect(
            lines.contains("+slave slave 10.0.0.2:6379 10.0.0.2 6379 @ orders 10.0.0.1 6379"))
        let other = "2222222222222222222222222222222222222222"
        #expect(
            lines.contains("+sentinel sentinel \(other) 10.0.1.2 26379 @ orders 10.0.0.1 6379"))
    }

    @Test("judge nothing while the time jumps, and say so")
    func tilt() {
        let stage = Stage()
        stage.settle()
        // The process stood still, and the primary died meanwhile.
        stage.freeze(1, for: .seconds(5))
        stage.kill(1)
        stage.run(.seconds(6))
        #expect(stage.lines(of: 1).contains("+tilt #tilt mode entered"))
        let question = DownQuestion(
            primary: Place(Stage.server(1)), currentEpoch: 0, candidate: nil)
        let query = stage.ask(question, of: 1)
        #expect(stage.answers[query]?.isDown == false)
        #expect(stage.run(until: .tiltEnd, by: 1))
        #expect((29_000...36_500).contains(stage.time.milliseconds))
    }

    @Test("save what is new once, however much of it there is")
    func coalescing() {
        let stage = Stage(servers: 6)
        stage.persistDelay = .milliseconds(50)
        stage.run(.seconds(10))
        let saves = stage.lines(of: 1).count { $0 == "Sentinel new configuration saved on disk" }
        #expect((1...4).contains(saves))
        #expect(stage.nodes[0].durable.entries[0].replicas.count == 5)
    }

    @Test("remember across a restart what they found and voted")
    func restart() {
        let stage = Stage()
        stage.settle()
        stage.kill(1)
        stage.run(until: .failoverEnd)
        stage.run(.seconds(1))
        let before = stage.nodes[1].core.ledger
        stage.crash(2)
        stage.restart(2)
        let after = stage.nodes[1].core.ledger
        #expect(after == before)
        #expect(after.entries[0].configEpoch == 1)
        #expect(after.entries[0].leaderEpoch == 1)
        #expect(after.entries[0].primary == Place(Stage.server(2)))
    }

    @Test(
        "never have two leaders in one epoch, and agree once all is well again",
        arguments: 0..<8 as Range<UInt64>)
    func random(block: UInt64) {
        var electedCount = 0
        for seed in block * 25..<block * 25 + 25 {
            var world = RandomWorld(seed: seed)
            let problem = world.run()
            #expect(problem == nil, "seed \(seed): \(problem ?? "")")
            if !world.stage.leaders.isEmpty { electedCount += 1 }
        }
        // A world in which nobody is ever elected proves nothing.
        #expect(electedCount > 5)
    }
}

/// Three to five Sentinels and three servers that die, come back, are cut off and cannot save, as
/// a seed has it; then all heals.
private struct RandomWorld {
    var generator: SeededGenerator
    let stage: Stage
    let nodeCount: Int

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        nodeCount = Bool.random(using: &generator) ? 3 : 5
        stage = Stage(nodes: nodeCount, quorum: Int.random(in: 1...2, using: &generator))
        stage.delay = .milliseconds(Int.random(in: 1...40, using: &generator))
        stage.persistDelay = .milliseconds(Int.random(in: 1...60, using: &generator))
    }

    /// What went wrong; `nil`: nothing.
    mutating func run() -> String? {
        stage.settle(.seconds(10))
        for _ in 0..<Int.random(in: 3...12, using: &generator) {
            fault()
            stage.run(.milliseconds(Int.random(in: 10...9_000, using: &generator)))
            if let epoch = stage.leaders.first(where: { $0.value.count > 1 })?.key {
                return "two leaders in epoch \(epoch)"
            }
        }
        heal()
        let agrees = stage.run(atMost: .seconds(200)) { [stage, nodeCount] in
            guard stage.time > .zero, let primary = stage.agreedPrimary,
                stage.servers[primary - 1].following == nil
            else { return false }
            return stage.servers.allSatisfy { $0.number == primary || $0.following == primary }
                && (1...nodeCount).allSatisfy { number in
                    stage.portrait(number)?.master.flags == ["master"]
                }
        }
        guard !agrees else { return nil }
        let views = (1...nodeCount).map { "\(stage.portrait($0)?.master.host ?? "?")" }
        let roles = stage.servers.map { "\($0.number)→\($0.following.map(String.init) ?? "-")" }
        return "no agreement: \(views), servers \(roles)"
    }

    private mutating func fault() {
        let node = Int.random(in: 1...nodeCount, using: &generator)
        let server = Int.random(in: 1...3, using: &generator)
        switch Int.random(in: 0..<10, using: &generator) {
        case 0, 1: stage.kill(server)
        case 2: stage.revive(server)
        case 3: stage.crash(node)
        case 4: stage.restart(node)
        case 5:
            let others = stage.nodes.indices.map { Stage.node($0 + 1).address }
            stage.cut(node, from: others + [Stage.server(server).address])
        case 6: stage.cut(node, from: [Stage.server(server).address])
        case 7: stage.heal()
        case 8: stage.nodes[node - 1].canSave.toggle()
        default: stage.freeze(node, for: .milliseconds(2_500))
        }
    }

    private func heal() {
        stage.heal()
        for node in 1...nodeCount {
            stage.nodes[node - 1].canSave = true
            stage.restart(node)
        }
        for server in 1...3 { stage.revive(server) }
    }
}
