public import Addressing
public import BalancerCore

/// Where clients connect, and what they get there.
public struct BalancerListener: Equatable, Sendable {
    /// Port 0 for one that the kernel chooses.
    public var endpoint: Endpoint
    public var service: Service
    /// How new the data is that reads are served from.
    public var freshness: Freshness

    public init(endpoint: Endpoint, service: Service, freshness: Freshness = .any) {
        self.endpoint = endpoint
        self.service = service
        self.freshness = freshness
    }
}
