import DropInCore
import MonotonicTime
import RESP
import Testing

@testable import SentinelPort

@Suite("The port of a Sentinel")
struct PortTests {
    @Test("turns away who comes when there are too many, and says so")
    func tooMany() {
        var counter = Counter { $0.clientCountMax = 1 }
        counter.arrive(2)
        #expect(counter.replies(to: 2).map(Counter.text) == ["-ERR max number of clients reached"])
        #expect(counter.closed == [2])
        #expect(counter.port.clients.map(\.id) == [1])
        counter.port.leave(1)
        counter.arrive(3)
        #expect(counter.closed.isEmpty)
    }

    @Test("in protected mode without a password, serves nobody but this host")
    func protected() {
        var counter = Counter { $0.isProtected = true }
        counter.arrive(2, isLoopback: false)
        #expect(counter.closed == [2])
        #expect(counter.replies(to: 2).first?.isError("DENIED") == true)
        counter.ask("ACL SETUSER default >secret")
        counter.arrive(3, isLoopback: false)
        #expect(counter.closed.isEmpty)
    }

    @Test("gives an event to its subscribers, channel before pattern, and to nobody else")
    func publishing() {
        var counter = Counter()
        counter.arrive(2)
        counter.ask("SUBSCRIBE +sdown", 2)
        counter.ask("PSUBSCRIBE [-+]*down", 2)
        let effects = counter.port.publish(channel: "+sdown", message: "master orders")
        let words: [[String]] = effects.map {
            guard case .send(2, let value, _) = $0 else { return [] }
            return (value.elements ?? []).map { $0.string ?? "" }
        }
        #expect(
            words == [
                ["message", "+sdown", "master orders"],
                ["pmessage", "[-+]*down", "+sdown", "master orders"],
            ])
    }

    @Test("reads no request of a client that waits for its answer, and then goes on")
    func waiting() {
        var counter = Counter()
        counter.ask("SENTINEL FLUSHCONFIG")
        #expect(!counter.port.mayRead(1, at: counter.now))
        #expect(counter.answer(.done) == ["OK"])
        #expect(counter.port.mayRead(1, at: counter.now))
    }

    @Test("closes who asks nothing for too long, but no subscriber")
    func idle() {
        var counter = Counter { $0.idleSecondsMax = 10 }
        counter.arrive(2)
        counter.ask("SUBSCRIBE a", 2)
        counter.now.monotonic = counter.now.monotonic + .seconds(10)
        #expect(counter.port.closeIdle(at: counter.now).isEmpty)
        counter.now.monotonic = counter.now.monotonic + .milliseconds(1)
        #expect(counter.port.closeIdle(at: counter.now) == [.close(1)])
        #expect(counter.port.closeIdle(at: counter.now).isEmpty)
    }
}
