/// Where a server listens: an address and a TCP port.
public struct Endpoint: Hashable, Comparable, Sendable {
    public var address: IPAddress
    /// 1 to 65535; 0 only where a port is not yet known.
    public var port: UInt16

    @inlinable
    public init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    @inlinable
    public static func < (left: Endpoint, right: Endpoint) -> Bool {
        left.address != right.address ? left.address < right.address : left.port < right.port
    }
}

extension Endpoint: CustomStringConvertible {
    /// `ip:port`, an IPv6 address in brackets (as Sentinel names replicas).
    public var description: String {
        switch address {
        case .v4(let address): "\(address):\(port)"
        case .v6(let address): "[\(address)]:\(port)"
        }
    }
}
