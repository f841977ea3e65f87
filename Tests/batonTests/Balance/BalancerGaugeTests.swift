import Addressing
import BalancerCore
import MonotonicTime
import Testing

@testable import baton

@Suite("What a balancer does now")
struct BalancerGaugeTests {
    private let start = Instant(nanoseconds: 9_000_000_000)
    private let one = Endpoint(address: .v4(IPv4Address(10, 0, 0, 2)), port: 6379)
    private let other = Endpoint(address: .v4(IPv4Address(10, 0, 0, 3)), port: 6379)

    private func statistics(_ first: UInt64, _ second: UInt64) -> BalancerStatistics {
        var statistics = BalancerStatistics()
        statistics.requestCount = first + second
        statistics.servers = [
            ServerStatistics(endpoint: one, awaitedCount: 0, answeredCount: first, weight: 256),
            ServerStatistics(endpoint: other, awaitedCount: 0, answeredCount: second, weight: 256),
        ]
        return statistics
    }

    @Test("is shown from the second look on, a second later at least")
    func begins() {
        var gauge = BalancerGauge()
        gauge.note(statistics(100, 100), at: start)
        #expect(gauge.recent == nil)
        gauge.note(statistics(200, 200), at: start + .milliseconds(500))
        #expect(gauge.recent == nil)
        gauge.note(statistics(1_900, 300), at: start + .seconds(2))
        #expect(gauge.recent?.requestsPerSecond == 1_000)
        #expect(gauge.recent?.sharePercent(of: one) == 90)
        #expect(gauge.recent?.sharePercent(of: other) == 10)
    }

    @Test("forgets what is longer ago than some seconds")
    func forgets() throws {
        var gauge = BalancerGauge()
        for second in 0..<20 {
            gauge.note(statistics(UInt64(second * 100), 0), at: start + .seconds(second))
        }
        gauge.note(statistics(1_900, 5_000), at: start + .seconds(20))
        let recent = try #require(gauge.recent)
        #expect((800...1_100).contains(recent.requestsPerSecond))
        #expect(try #require(recent.sharePercent(of: other)) > 90)
    }

    @Test("has no shares where nothing was answered, and survives counts that begin anew")
    func quiet() {
        var gauge = BalancerGauge()
        gauge.note(statistics(500, 500), at: start)
        gauge.note(statistics(500, 500), at: start + .seconds(2))
        #expect(gauge.recent?.requestsPerSecond == 0)
        #expect(gauge.recent?.sharePercent(of: one) == nil)
        gauge.note(statistics(3, 0), at: start + .seconds(4))
        #expect(gauge.recent?.requestsPerSecond == 0)
    }
}
