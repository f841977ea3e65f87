public import TransportSecurity

/// What a balancer's connections are encrypted with.
public struct BalancerSecurity: Sendable {
    /// For the clients of listeners that are secured; `nil` where none is.
    public var clients: TLSServerContext?
    /// For all servers; `nil` where they don't speak TLS.
    public var servers: TLSClientContext?

    /// Nothing is encrypted, unless something is given.
    public init(clients: TLSServerContext? = nil, servers: TLSClientContext? = nil) {
        self.clients = clients
        self.servers = servers
    }
}

/// Handshakes that came to nothing, ever: who watches says so, since the driver logs nothing.
public struct HandshakeFailures: Equatable, Sendable {
    /// With clients.
    public var clientCount: UInt64 = 0
    /// Why the last of them did.
    public var lastOfClients: TLSFailure?
    /// With servers.
    public var serverCount: UInt64 = 0
    /// Why the last of them did.
    public var lastOfServers: TLSFailure?

    /// None yet.
    public init() {}

    /// The sum of two reactors'.
    public mutating func add(_ other: HandshakeFailures) {
        clientCount += other.clientCount
        lastOfClients = other.lastOfClients ?? lastOfClients
        serverCount += other.serverCount
        lastOfServers = other.lastOfServers ?? lastOfServers
    }
}
