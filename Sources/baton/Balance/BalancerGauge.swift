import Addressing
import BalancerCore
import MonotonicTime

/// Turns a balancer's counts since its start into what it does now.
struct BalancerGauge {
    /// The last seconds.
    struct Recent {
        var requestsPerSecond: Int
        /// In microseconds; `nil` where nothing was asked.
        var median: Int?
        var worstPercent: Int?
        fileprivate var answered: [(endpoint: Endpoint, count: UInt64)]

        /// Of all that was answered; `nil` where nothing was.
        func sharePercent(of endpoint: Endpoint) -> Int? {
            let sum = answered.reduce(0) { $0 + $1.count }
            guard sum > 0 else { return nil }
            let own = answered.first { $0.endpoint == endpoint }?.count ?? 0
            return Int((own * 100 + sum / 2) / sum)
        }
    }

    private struct Mark {
        var at: Instant
        var statistics: BalancerStatistics
    }

    private var marks: [Mark] = []
    private(set) var recent: Recent?

    /// What is shown is at least of so long, since the counts are a tenth of a second old.
    static let spanMin = Interval.seconds(1)
    /// And of no longer, if it was looked at in between.
    static let spanMax = Interval.seconds(5)

    /// Looked at from time to time: the first look shows nothing yet.
    mutating func note(_ statistics: BalancerStatistics, at now: Instant) {
        // The newest look that is old enough stays the first.
        while marks.count > 1, now - marks[1].at >= Self.spanMax { marks.removeFirst() }
        if let first = marks.first, now - first.at >= Self.spanMin {
            recent = Self.difference(first, statistics, now)
        }
        if marks.last.map({ now - $0.at >= Self.spanMin / 2 }) ?? true {
            marks.append(Mark(at: now, statistics: statistics))
        }
    }

    private static func difference(
        _ first: Mark, _ statistics: BalancerStatistics, _ now: Instant
    ) -> Recent {
        let span = Double((now - first.at).nanoseconds) / 1e9
        let requests =
            statistics.requestCount - min(statistics.requestCount, first.statistics.requestCount)
        let latency = statistics.latency.since(first.statistics.latency)
        return Recent(
            requestsPerSecond: Int((Double(requests) / span).rounded()),
            median: latency.quantile(0.5).map { Int($0.nanoseconds / 1_000) },
            worstPercent: latency.quantile(0.99).map { Int($0.nanoseconds / 1_000) },
            answered: statistics.servers.map { server in
                let before = first.statistics.servers.first { $0.endpoint == server.endpoint }
                let old = min(before?.answeredCount ?? 0, server.answeredCount)
                return (server.endpoint, server.answeredCount - old)
            })
    }
}
