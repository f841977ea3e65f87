import Addressing
import MonotonicTime
import SentinelCore
import Stage
import Testing

@Suite("Links")
struct LinksTests {
    private func settled(_ shape: Stage.Shape = Stage.Shape()) -> Stage {
        let stage = Stage(shape)
        stage.settle()
        return stage
    }

    private func commands(_ server: Int) -> LinkTarget {
        .server(Stage.server(server), group: Stage.group)
    }

    private func attempts(_ stage: Stage, by node: Int, at target: LinkTarget) -> [Interval] {
        stage.opened.filter { $0.node == node && $0.target == target }.map(\.at)
    }

    @Test("connections that work are left alone")
    func quiet() {
        let stage = settled()
        stage.run(.seconds(60))
        #expect(stage.opened.isEmpty)
        #expect(stage.log.isEmpty)
    }

    @Test("connections that work are left alone where a round trip is longer than a ping period")
    func longRoundTrips() {
        var shape = Stage.Shape()
        shape.settings.downAfter = .milliseconds(500)
        let stage = Stage(shape)
        stage.delay = .milliseconds(80)
        stage.settle(.seconds(10))
        stage.run(.seconds(60))
        #expect(stage.opened.isEmpty)
    }

    @Test("a server that refuses connections is tried five times a second")
    func reconnect() {
        var shape = Stage.Shape()
        shape.gossips = true
        let stage = Stage(shape)
        stage.settle()
        stage.kill(server: 3)
        stage.run(.seconds(10))
        #expect((30...50).contains(attempts(stage, by: 2, at: commands(3)).count))
        // A second connection is made only where the first one works.
        let subscription = LinkTarget.subscription(Stage.server(3), group: Stage.group)
        #expect(attempts(stage, by: 2, at: subscription).isEmpty)
        stage.start(server: 3)
        stage.run(.seconds(1))
        #expect(attempts(stage, by: 2, at: subscription).count == 1)
    }

    @Test("a peer's connection on which nothing comes back for a second is replaced")
    func stuckPeer() {
        let stage = settled()
        stage.isolate(host: 3)
        stage.run(.milliseconds(2300))
        #expect(!attempts(stage, by: 2, at: .peer(Stage.node(3))).isEmpty)
        stage.heal(host: 3)
        stage.restartClock()
        stage.run(until: .subjectivelyUp, by: 2, atMost: .seconds(1))
        stage.run(.seconds(1))
        #expect(stage.sentinel(2).peers[1].isConnected == true)
    }

    @Test("a server's connection on which nothing comes back for half of down-after is replaced")
    func stuckServer() throws {
        let stage = settled()
        stage.hang(server: 3)
        stage.run(.seconds(5))
        let first = try #require(attempts(stage, by: 2, at: commands(3)).first)
        #expect(first > .milliseconds(2500) && first < .milliseconds(3700))
    }

    @Test("what is said on a connection that was given up means nothing")
    func forgotten() {
        let stage = settled()
        stage.give(
            .replied(LinkID(number: 9999), .pong(sentAt: stage.now)), to: 2)
        stage.give(.linkClosed(LinkID(number: 9999), .closed), to: 2)
        stage.give(.linkOpened(LinkID(number: 9999)), to: 2)
        #expect(stage.log.isEmpty)
    }

    @Test("a wrong password is said once, with whose it is and what to do")
    func denied() {
        let stage = Stage()
        stage.denials[Stage.server(3)] = .denied("WRONGPASS invalid username-password pair")
        stage.run(.seconds(3))
        let alarms = stage.log.filter { $0.node == 2 && $0.announcement.name == .alarm }
        #expect(
            alarms.map(\.announcement.line) == [
                "The server at 10.0.0.3:6379 refuses this node: "
                    + "WRONGPASS invalid username-password pair. "
                    + "Check the password or secret in the configuration of both sides."
            ])
    }

    @Test("a handshake that came to nothing is said once, with its reason")
    func insecure() {
        let stage = Stage()
        stage.denials[Stage.server(3)] = .insecure("it refuses our certificate")
        stage.run(.seconds(3))
        let alarms = stage.log.filter { $0.node == 2 && $0.announcement.name == .alarm }
        #expect(
            alarms.map(\.announcement.line) == [
                "The server at 10.0.0.3:6379 and this node come to no TLS: it refuses our "
                    + "certificate. Check the tls-… lines of both sides."
            ])
    }

    @Test("something else on a node's port is said once")
    func confused() {
        let stage = Stage()
        stage.denials[Stage.node(3)] = .confused("HTTP/1.1 400 Bad Request")
        stage.run(.seconds(3))
        let alarms = stage.log.filter { $0.node == 2 && $0.announcement.name == .alarm }
        #expect(alarms.count == 1)
        let line = alarms.first?.announcement.line ?? ""
        #expect(line.hasPrefix("The node n3 at 10.0.0.3:26379"))
    }

    @Test("reports are asked for once a second while all is well")
    func reports() {
        let stage = settled()
        stage.run(.seconds(10))
        let count = stage.sent.count {
            $0.node == 2 && $0.3.isReport && $0.target == commands(1)
        }
        #expect((9...11).contains(count))
    }

    @Test(
        "servers are pinged once a second, or five times in down-after where that is more often",
        arguments: [(30_000, 1000), (5000, 1000), (1000, 200), (100, 50)])
    func pings(downAfterMilliseconds: Int, periodMilliseconds: Int) {
        var shape = Stage.Shape()
        shape.settings.downAfter = .milliseconds(downAfterMilliseconds)
        let stage = settled(shape)
        stage.run(.seconds(12))
        let times = stage.sent.filter { $0.node == 2 && $0.3.isPing && $0.target == commands(1) }
            .map(\.at)
        for (one, next) in zip(times, times.dropFirst()) {
            #expect(next - one >= .milliseconds(periodMilliseconds))
            // A tick of 100 ms may come just too early.
            #expect(next - one <= .milliseconds(periodMilliseconds + 100))
        }
        #expect(times.count > 5)
    }
}

extension Request {
    var isPing: Bool {
        switch self {
        case .ping: true
        case .info, .publish, .promote, .follow, .pauseWrites, .resumeWrites, .limitWrites, .tell:
            false
        }
    }
}
