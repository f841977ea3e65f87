import Addressing
import AllocationCount
import MonotonicTime
import RESP
import Testing

@testable import BalancerCore

@Suite("Effects")
struct EffectTests {
    /// A balancer with one server, whose connection is open, and one client.
    private struct Stage: ~Copyable {
        var balancer: Balancer
        var effects = EffectBuffer()
        let client: ClientID
        let upstream: UpstreamID
        let now = Instant(nanoseconds: 0)

        init() {
            balancer = Balancer(settings: BalancerSettings())
            let endpoint = Endpoint(address: .v4(IPv4Address(10, 0, 0, 1)), port: 6379)
            balancer.update(
                servers: [
                    ServerReport(endpoint: endpoint, role: .replica, condition: .serving(.none))
                ],
                at: now, into: &effects)
            guard let client = balancer.accept(at: now) else { fatalError("no client") }
            self.client = client
            var ping: [UInt8] = []
            RESPEncoder.appendRequest(["PING"], to: &ping)
            _ = balancer.receive(from: client, ping.span.bytes, at: now, into: &effects)
            guard case .connect(let upstream, server: 1, keepsSent: true)? = effects.effects.first
            else { fatalError("no connection") }
            self.upstream = upstream
            effects.clear()
            balancer.upstreamOpened(upstream, at: now, into: &effects)
            effects.clear()
            let commands = """
                *2\r\n*3\r\n$3\r\nget\r\n:2\r\n*1\r\n+readonly\r\n\
                *3\r\n$3\r\nset\r\n:3\r\n*1\r\n+write\r\n
                """
            let greeting = Array((commands + "+PONG\r\n").utf8)
            let consumed = balancer.receive(
                fromUpstream: upstream, greeting.span.bytes, at: now, into: &effects)
            precondition(consumed == greeting.count)
            precondition(effects.effects.contains(.wake(client)))
            effects.clear()
        }

        mutating func exchange(_ request: [UInt8], _ reply: [UInt8]) -> Int {
            _ = balancer.receive(from: client, request.span.bytes, at: now, into: &effects)
            let count = effects.effects.count
            effects.clear()
            _ = balancer.receive(
                fromUpstream: upstream, reply.span.bytes, at: now, into: &effects)
            let sum = count + effects.effects.count
            effects.clear()
            return sum
        }
    }

    private static let request = Array("*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n".utf8)
    private static let reply = Array("$5\r\nvalue\r\n".utf8)

    @Test("a request allocates nothing, on its way there and back")
    func allocations() {
        var stage = Stage()
        for _ in 0..<100 { _ = stage.exchange(Self.request, Self.reply) }
        let before = allocation_count()
        for _ in 0..<10_000 { _ = stage.exchange(Self.request, Self.reply) }
        #expect(allocation_count() - before == 0)
    }

    @Test("the count of allocations can fail")
    func counts() {
        let before = allocation_count()
        let array = [Int](repeating: Int(before & 1), count: 100)
        #expect(array.count == 100)
        #expect(allocation_count() > before)
    }

    @Test("a pipeline is one range there, one range back and one release")
    func merges() {
        var stage = Stage()
        let requests = Array(repeating: Self.request, count: 16).flatMap { $0 }
        let replies = Array(repeating: Self.reply, count: 16).flatMap { $0 }
        _ = stage.balancer.receive(
            from: stage.client, requests.span.bytes, at: stage.now, into: &stage.effects)
        #expect(
            Array(stage.effects.effects) == [
                .forward(stage.upstream, lower: 0, upper: requests.count)
            ])
        stage.effects.clear()
        _ = stage.balancer.receive(
            fromUpstream: stage.upstream, replies.span.bytes, at: stage.now, into: &stage.effects)
        #expect(
            Array(stage.effects.effects) == [
                .deliver(stage.client, lower: 0, upper: replies.count),
                .release(stage.upstream, byteCount: requests.count),
            ])
    }

    @Test("typed lines do not wait for each other's answers")
    func lines() {
        var stage = Stage()
        let lines = Array("get a\r\nGET b\r\n".utf8) + Self.request + Array("get c\r\n".utf8)
        let reading = stage.balancer.receive(
            from: stage.client, lines.span.bytes, at: stage.now, into: &stage.effects)
        #expect(reading == Reading(consumedByteCount: lines.count, isPaused: false))
        let line = Array("*2\r\n$3\r\nget\r\n$1\r\na\r\n".utf8).count
        let request = 14..<14 + Self.request.count
        #expect(
            Array(stage.effects.effects) == [
                .compose(stage.upstream, lower: 0, upper: line),
                .compose(stage.upstream, lower: line, upper: line * 2),
                .forward(stage.upstream, lower: request.lowerBound, upper: request.upperBound),
                .compose(stage.upstream, lower: line * 2, upper: line * 3),
            ])
    }

    @Test("an effect is trivial, and at most 40 bytes")
    func isSmall() {
        #expect(_isPOD(Effect.self))
        #expect(MemoryLayout<Effect>.size <= 40)
    }
}
