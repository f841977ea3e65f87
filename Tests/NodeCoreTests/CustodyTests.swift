import MonotonicTime
import NodeCore
import SentinelCore
import Stage
import Testing

@Suite("Custody of the write address")
struct CustodyTests {
    // MARK: Failures

    @Test(
        "a step of giving it up that fails is tried again until it succeeds, and said once",
        arguments: [AddressEvent.Step.bar, .reset, .remove])
    func failingStep(step: AddressEvent.Step) {
        let stage = Stage.withAddress()
        stage.hosts[0].address.failures[step] = "The kernel refuses: Operation not permitted."
        stage.orderFailover(on: 3)
        stage.run(.seconds(3))
        #expect(stage.addressSteps(on: 1).count { $0 == step } > 10)
        #expect(stage.count(.addressTrouble, by: 1) == 1)
        #expect(stage.count(.addressGivenUp, by: 1) == (step == .remove ? 1 : 0))
        stage.hosts[0].address.failures = [:]
        stage.run(.seconds(10))
        #expect(stage.addressSteps(on: 1).last == .remove)
        #expect(stage.count(.addressTrouble, by: 1) == 1)
        #expect(stage.holders == [2])
    }

    @Test("clearing that fails is tried again, and nothing else is done before")
    func failingClear() {
        let stage = Stage.withAddress()
        stage.stopNode(1)
        // The kernel's lease is over, the voters' promise is not.
        stage.run(.milliseconds(1300))
        stage.hosts[0].address.failures[.clear] = "The kernel refuses: Operation not permitted."
        stage.startNode(1)
        stage.settle(.seconds(5))
        #expect(stage.count(.addressTaken) == 0)
        stage.hosts[0].address.failures = [:]
        stage.run(.seconds(1))
        #expect(stage.addressSteps(on: 1).prefix(2) == [.clear, .take])
    }

    @Test("taking that fails is undone, and tried again after a second, and said once")
    func failingTake() {
        let stage = Stage.withAddress()
        stage.stopNode(1)
        stage.run(.milliseconds(1300))
        stage.hosts[0].address.failures[.take] = "eth1 is down."
        stage.restartClock()
        stage.startNode(1)
        stage.run(.seconds(10))
        let takes = stage.addressLog.filter { $0.node == 1 && $0.effect.step == .take }.map(\.at)
        #expect(takes.count >= 8)
        for (one, next) in zip(takes, takes.dropFirst()) { #expect(next - one >= .seconds(1)) }
        #expect(stage.addressSteps(on: 1).prefix(5) == [.inspect, .clear, .take, .bar, .reset])
        #expect(
            stage.lines(by: 1).filter { $0.contains("address") } == [
                "!address master orders 10.0.0.1 6379 eth1 is down."
            ])
        stage.hosts[0].address.failures = [:]
        stage.run(.milliseconds(1200))
        #expect(stage.holders == [1])
        #expect(stage.count(.addressTaken, by: 1) == 1)
    }

    @Test("an announcement that fails is said and changes nothing")
    func failingAnnouncement() {
        let stage = Stage.withAddress()
        stage.hosts[0].address.failures[.announce] = "No buffer space available."
        stage.run(.seconds(70))
        #expect(stage.names(by: 1) == [.addressTrouble])
        #expect(stage.holders == [1])
    }

    // MARK: Never two

    struct Fault: CustomTestStringConvertible, Sendable {
        var words: String
        /// Whether somebody must hold it in the end.
        var play: @Sendable (Stage) -> Void

        var testDescription: String { words }
    }

    private static let faults: [Fault] = [
        Fault(words: "the primary is killed") { $0.kill(server: 1) },
        Fault(words: "the primary hangs") { $0.hang(server: 1) },
        Fault(words: "the primary's host is cut off") { $0.isolate(host: 1) },
        Fault(words: "the primary's host loses power") { $0.crash(host: 1) },
        Fault(words: "an operator orders a failover") { $0.orderFailover(on: 1) },
        Fault(words: "an operator orders it on another host") { $0.orderFailover(on: 3) },
        Fault(words: "the holder and one other are cut apart") { $0.cut(1, 2) },
        Fault(words: "the primary's daemon dies") { $0.stopNode(1) },
    ]

    @Test("never stands open on two hosts, and is somewhere in the end", arguments: faults)
    func oneHolder(fault: Fault) {
        let stage = Stage.withAddress()
        fault.play(stage)
        expectOneHolder(stage, .seconds(12))
        #expect(stage.holders.count == 1)
        // And back again.
        stage.heal(host: 1)
        stage.resume(server: 1)
        stage.start(server: 1)
        if stage.node(1) == nil { stage.startNode(1) }
        let holder = stage.holders
        expectOneHolder(stage, .seconds(15))
        if holder != [1] { #expect(stage.holders == holder) }
        #expect(stage.holders.count == 1)
    }

    private func expectOneHolder(_ stage: Stage, _ interval: Interval) {
        let isTwice = stage.run(atMost: interval) { stage.holders.count > 1 }
        #expect(!isTwice, "two holders at \(stage.time.milliseconds) ms: \(stage.holders)")
    }

    @Test("is not taken on what a majority said before a silence")
    func staleAgreement() {
        let stage = Stage.withAddress()
        stage.isolate(host: 1)
        stage.run(.seconds(15))
        #expect(stage.holders == [2])
        // The pings of node 1 are answered again, but every word of the new primary gets lost.
        stage.losesReply = { node, reply in
            guard case .greeting = reply else { return false }
            return node != 1
        }
        stage.loses = { node, target, request in
            switch (target, request) {
            case (.peer(Stage.node(1)), .tell), (_, .publish): node != 1
            default: false
            }
        }
        stage.restartClock()
        stage.heal(host: 1)
        stage.run(.seconds(10))
        #expect(stage.view(1).configEpoch == 0)
        let isConnected = stage.sentinel(1).peers.allSatisfy { $0.isConnected }
        #expect(isConnected)
        #expect(!stage.addressSteps(on: 1).contains(.take))
        #expect(stage.holders == [2])
        stage.loses = nil
        stage.losesReply = nil
        stage.run(.seconds(5))
        #expect(stage.view(1).configEpoch == 1)
    }

    @Test("is never taken by the host of a returned old primary")
    func returned() {
        let stage = Stage.withAddress()
        stage.isolate(host: 1)
        stage.run(.seconds(20))
        #expect(stage.holders == [2])
        stage.stopNode(1)
        stage.startNode(1)
        stage.run(.seconds(10))
        stage.heal(host: 1)
        stage.restartClock()
        stage.run(.seconds(30))
        #expect(!stage.addressSteps(on: 1).contains(.take))
        #expect(stage.holders == [2])
        #expect(stage.hosts[0].server?.role == .replica(of: Stage.server(2)))
    }
}
