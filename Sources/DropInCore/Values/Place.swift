public import Addressing

/// Where an instance is: what it was called, and what that came to.
public struct Place: Hashable, Sendable {
    /// An IP address, or a name where `resolve-hostnames` allows one.
    public var host: String
    /// What `host` resolves to; `nil` while that is not known.
    public var address: IPAddress?
    /// 1–65535.
    public var port: UInt16

    public init(host: String, address: IPAddress?, port: UInt16) {
        self.host = host
        self.address = address
        self.port = port
    }

    /// A place that is named by its address.
    public init(_ endpoint: Endpoint) {
        self.init(
            host: endpoint.address.description, address: endpoint.address, port: endpoint.port)
    }

    /// The address to connect to; `nil` while the name is not resolved.
    public var endpoint: Endpoint? { address.map { Endpoint(address: $0, port: port) } }
}
