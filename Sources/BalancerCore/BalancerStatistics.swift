/// What one balancer did and does, for who watches.
public struct BalancerStatistics: Sendable {
    /// Clients that are connected.
    public var clientCount = 0
    /// Clients that have ever been.
    public var acceptedCount: UInt64 = 0
    /// Clients that were one too many.
    public var refusedCount: UInt64 = 0
    /// Requests that were sent to servers, ever.
    public var requestCount: UInt64 = 0
    /// Requests that were sent a second time, ever.
    public var repeatedCount: UInt64 = 0
    /// Connections of one client's own.
    public var pinnedCount = 0
    /// Clients whose request is held until a server can take it.
    public var heldCount = 0
    /// Clients that asked to be told of what they must know (`CLIENT MAINT_NOTIFICATIONS`).
    public var toldCount = 0
    /// Clients that were told to come back to their address, and have not gone yet.
    public var departingCount = 0
    /// From a request's coming to its reply's, ever.
    public var latency = Histogram()
    public var servers: [ServerStatistics] = []

    public init() {}

    /// The sum of two balancers', of which the servers are the same.
    public mutating func add(_ other: BalancerStatistics) {
        clientCount += other.clientCount
        acceptedCount += other.acceptedCount
        refusedCount += other.refusedCount
        requestCount += other.requestCount
        repeatedCount += other.repeatedCount
        pinnedCount += other.pinnedCount
        heldCount += other.heldCount
        toldCount += other.toldCount
        departingCount += other.departingCount
        latency.add(other.latency)
        for server in other.servers {
            if let index = servers.firstIndex(where: { $0.endpoint == server.endpoint }) {
                servers[index].awaitedCount += server.awaitedCount
                servers[index].answeredCount += server.answeredCount
            } else {
                servers.append(server)
            }
        }
    }
}

extension Balancer {
    /// What was done, and is.
    public var statistics: BalancerStatistics {
        var statistics = BalancerStatistics()
        statistics.clientCount = clients.count
        statistics.acceptedCount = counts.clients
        statistics.refusedCount = counts.refused
        statistics.requestCount = counts.requests
        statistics.repeatedCount = counts.repeated
        statistics.pinnedCount = privateCount
        statistics.heldCount = held.count
        statistics.toldCount = toldCount
        statistics.departingCount = departingCount
        statistics.latency = counts.latency
        statistics.servers = servers.filter(\.isListed).map { server in
            ServerStatistics(
                endpoint: server.endpoint, awaitedCount: server.awaitedCount,
                answeredCount: server.answeredCount, weight: server.weight)
        }
        return statistics
    }
}
