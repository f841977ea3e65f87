import Addressing
import MonotonicTime
import SentinelCore
import Stage
import Testing

@Suite("Hellos and greetings")
struct GreetingsTests {
    private func hello(
        from number: Int = 3, epoch: Epoch = 0, primary: Int = 1, configEpoch: Epoch = 0,
        group: String = Stage.group
    ) -> Hello {
        Hello(
            sender: Stage.node(number), senderID: Stage.nodeID(number), currentEpoch: epoch,
            group: group, primary: Stage.server(primary), configEpoch: configEpoch)
    }

    private func settled(gossips: Bool = true) -> Stage {
        var shape = Stage.Shape()
        shape.gossips = gossips
        let stage = Stage(shape)
        stage.settle()
        return stage
    }

    @Test("nodes that all are Baton neither listen to the servers' hellos nor publish any")
    func silence() {
        let stage = settled(gossips: false)
        stage.run(.seconds(3))
        #expect(
            !stage.sent.contains {
                if case .publish = $0.3 { true } else { false }
            })
        stage.give(Event.published(hello(epoch: 9, primary: 2, configEpoch: 9).text), to: 2)
        stage.run(.seconds(1))
        #expect(stage.log.isEmpty)
        #expect(stage.view(2).primaryEndpoint == Stage.server(1))
        #expect(stage.sentinel(2).currentEpoch == 0)
    }

    @Test("nodes find each other and say so once")
    func discovery() {
        let stage = Stage()
        stage.run(.seconds(5))
        #expect(stage.count(.peerFound, by: 1) == 2)
        #expect(
            stage.lines(by: 1).contains(
                "+sentinel sentinel n2 10.0.0.2 26379 @ orders 10.0.0.1 6379")
        )
    }

    @Test(
        "garbage on the hello channel is said once and changes nothing",
        arguments: [
            "", "hello", ",,,,,,,", "10.0.0.3,26379,3333,0,orders,10.0.0.1,6379,0",
            String(repeating: "x", count: 100_000),
        ])
    func garbage(text: String) {
        let stage = settled()
        for _ in 0..<3 { stage.publish(text, on: 1) }
        stage.run(.seconds(1))
        for node in 1...3 {
            #expect(stage.names(by: node) == [.alarm])
            #expect(stage.view(node).configEpoch == 0)
        }
    }

    @Test("a node that is not in the configuration is said once and ignored")
    func stranger() {
        let stage = settled()
        var text = hello(epoch: 9, primary: 2, configEpoch: 9)
        text.sender = Stage.node(77)
        for _ in 0..<3 { stage.publish(text.text, on: 1) }
        stage.run(.seconds(1))
        #expect(stage.names(by: 2) == [.alarm])
        #expect(stage.view(2).primaryEndpoint == Stage.server(1))
        #expect(stage.sentinel(2).currentEpoch == 0)
    }

    @Test("a hello about a group that is not watched here is ignored")
    func otherGroup() {
        let stage = settled()
        stage.publish(hello(epoch: 9, configEpoch: 9, group: "invoices").text, on: 1)
        stage.run(.seconds(1))
        #expect(stage.log.isEmpty)
    }

    @Test("a node's own hello means nothing to it")
    func own() {
        let stage = settled()
        stage.give(
            Event.published(hello(from: 2, epoch: 5, primary: 3, configEpoch: 5).text), to: 2)
        #expect(stage.sentinel(2).currentEpoch == 0)
    }

    @Test("a hello of a newer configuration is adopted, announced and told at once")
    func newer() {
        let stage = settled()
        stage.publish(hello(epoch: 4, primary: 2, configEpoch: 4).text, on: 1)
        stage.run(.milliseconds(20))
        #expect(
            Array(stage.lines(by: 1).prefix(5)) == [
                "+new-epoch 4",
                "+config-update-from sentinel n3 10.0.0.3 26379 @ orders 10.0.0.1 6379",
                "+switch-master orders 10.0.0.1 6379 10.0.0.2 6379",
                "+slave slave 10.0.0.1:6379 10.0.0.1 6379 @ orders 10.0.0.2 6379",
                "+slave slave 10.0.0.3:6379 10.0.0.3 6379 @ orders 10.0.0.2 6379",
            ])
        // The author of the forged hello is told by the others.
        #expect(stage.view(3).primaryEndpoint == Stage.server(2))
        #expect(stage.hosts[0].state.groups[0].primary == Stage.server(2))
        #expect(stage.hosts[0].state.groups[0].configEpoch == 4)
    }

    @Test("a hello of an older configuration never changes the primary")
    func older() {
        let stage = settled()
        stage.publish(hello(epoch: 4, primary: 2, configEpoch: 4).text, on: 1)
        stage.settle(.milliseconds(20))
        stage.give(Event.published(hello(epoch: 4, primary: 3, configEpoch: 3).text), to: 2)
        #expect(stage.log.isEmpty)
        #expect(stage.view(2).primaryEndpoint == Stage.server(2))
    }

    @Test("two primaries in one epoch are said once, and the own one is kept")
    func equal() {
        let stage = settled()
        for _ in 0..<3 {
            stage.give(Event.published(hello(primary: 2).text), to: 2)
        }
        #expect(stage.names(by: 2) == [.alarm])
        #expect(stage.view(2).primaryEndpoint == Stage.server(1))
    }

    @Test("a newer epoch without a newer configuration raises the epoch, durably")
    func epoch() {
        let stage = settled()
        stage.give(Event.published(hello(epoch: 7).text), to: 2)
        stage.run(.milliseconds(20))
        #expect(stage.lines(by: 2) == ["+new-epoch 7"])
        #expect(stage.hosts[1].state.currentEpoch == 7)
    }

    @Test("an epoch that no cluster gets to is said once and ignored, and elections go on")
    func absurdEpoch() {
        let stage = settled()
        for epoch in [Epoch.max, Epoch.max - 1, 1 << 40] {
            stage.publish(hello(epoch: epoch, primary: 2, configEpoch: epoch).text, on: 1)
        }
        stage.run(.seconds(1))
        #expect(stage.names(by: 1) == [.alarm])
        #expect(stage.sentinel(1).currentEpoch == 0)
        stage.kill(server: 1)
        #expect(stage.run(until: .failoverEnd, atMost: .seconds(5)))
    }

    @Test("a server is in force by agreement of a majority that answered lately")
    func confirmation() {
        let stage = settled()
        #expect(stage.sentinel(1).isConfirmed(0) == true)
        stage.cut(1, 2)
        stage.run(.seconds(10))
        #expect(stage.sentinel(1).isConfirmed(0) == true)
        stage.cut(1, 3)
        stage.run(.milliseconds(2500))
        #expect(stage.sentinel(1).isConfirmed(0) == true)
        // Three quarters of down-after since the last answered message, which is at most one ping
        // period old at the cut.
        stage.run(.milliseconds(1350))
        #expect(stage.sentinel(1).isConfirmed(0) == false)
    }

    @Test("hellos reach those who listen on the servers every two seconds")
    func helloPeriod() {
        let stage = settled()
        stage.run(.seconds(10))
        let count = stage.sent.count { entry in
            guard entry.node == 2, entry.target == .server(Stage.server(1), group: Stage.group),
                case .publish(let hello) = entry.3
            else { return false }
            return hello.primary == Stage.server(1)
        }
        #expect((5...6).contains(count))
    }
}
