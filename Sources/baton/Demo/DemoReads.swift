import Addressing
import Laboratory
import MonotonicTime
import RESP
import Synchronization

/// What the balancers of the demonstration say of themselves, asked again and again.
final class DemoReads: Sendable {
    private let reports: Shelf
    private let routines: [Routine]

    /// What the routines write and the picture reads.
    private final class Shelf: Sendable {
        let reports: Mutex<[BalancerReport?]>

        init(count: Int) {
            reports = Mutex(Array(repeating: nil, count: count))
        }
    }

    private static let pause = Interval.milliseconds(250)
    private static let timeout = Interval.milliseconds(200)

    init(of cluster: DemoCluster) {
        let shelf = Shelf(count: cluster.balancers.count)
        reports = shelf
        routines = cluster.balancers.enumerated().map { index, balancer in
            let port = balancer.endpoint.port
            return Routine(on: balancer.host, every: Self.pause) {
                {
                    let report = balancer.isRunning ? Self.ask(balancer.host, port) : nil
                    shelf.reports.withLock { $0[index] = report }
                }
            }
        }
    }

    /// In the order of the balancers; `nil` for one that does not answer.
    var balancers: [BalancerReport?] { reports.reports.withLock { $0 } }

    func stop() {
        routines.forEach { $0.stop() }
    }

    private static func ask(_ host: Host, _ port: UInt16) -> BalancerReport? {
        let own = Endpoint(address: .v4(IPv4Address(127, 0, 0, 1)), port: port)
        let reply = try? RedisClient(from: host, to: own, timeout: timeout)
            .command("BATON", "STATUS")
        return reply?.bytes.flatMap { BalancerReport(json: $0) }
    }
}
