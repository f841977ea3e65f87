public import BalancerCore

/// How a balancer is run.
public struct BalancerDriverSettings: Equatable, Sendable {
    public var balancer = BalancerSettings()

    /// Threads, each with sockets, clients and connections to servers of its own. Default 1.
    public var reactorCount = 1

    /// Bytes that are read at once. Default 256 KiB, one buffer a reactor: room for the largest
    /// request that is kept (64 KiB) beside a deep pipeline's replies in one call.
    public var receiveByteCount = 256 * 1024

    /// Bytes that may wait for a client before what it asked for is paused. Default 256 KiB, on top
    /// of the kernel's own buffers; a large reply passes in parts of that size.
    public var clientByteCountMax = 256 * 1024

    /// Bytes that may wait for a server on a client's own connection. Default 256 KiB.
    public var upstreamByteCountMax = 256 * 1024

    /// Seconds that a client has to take its last reply before it is closed. Default 5.
    public var farewellSeconds = 5

    /// Seconds that a handshake of TLS has, with a client or a server, before the connection is
    /// closed. Default 5, as long as a server has to take what it is sent.
    public var handshakeSeconds = 5

    public init() {}
}
