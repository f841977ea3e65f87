public import Addressing
public import BalancerCore

/// Where clients connect, and what they get there.
public struct BalancerListener: Equatable, Sendable {
    /// Port 0 for one that the kernel chooses.
    public var endpoint: Endpoint
    public var service: Service
    /// How new the data is that reads are served from.
    public var freshness: Freshness
    /// Whether clients must speak TLS.
    public var isSecured: Bool

    public init(
        endpoint: Endpoint, service: Service, freshness: Freshness = .any, isSecured: Bool = false
    ) {
        self.endpoint = endpoint
        self.service = service
        self.freshness = freshness
        self.isSecured = isSecured
    }
}
