public import Addressing
internal import CLinux
internal import Glibc

/// A TCP socket as plain as can be, so that tests see the error number that a client would.
public final class TCPSocket {
    private let number: Int32

    /// No wait in a test is longer: a socket that hangs fails with EAGAIN.
    public static let limitMilliseconds = 3000

    private init(number: Int32, limitMilliseconds: Int = limitMilliseconds) {
        self.number = number
        var limit = timeval(
            tv_sec: limitMilliseconds / 1000, tv_usec: limitMilliseconds % 1000 * 1000)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    }

    deinit {
        _ = close(number)
    }

    /// Listens on all addresses of one family; on `::` also for IPv4, as servers do by default.
    public static func listen(family: Family, port: UInt16) throws -> TCPSocket {
        let any: IPAddress =
            switch family {
            case .v4: .v4(IPv4Address(bits: 0))
            case .dual: .v6(IPv6Address(high: 0, low: 0))
            }
        let endpoint = Endpoint(address: any, port: port)
        let socket = try open(endpoint)
        var no: Int32 = 0
        if family == .dual {
            setsockopt(
                socket.number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &no,
                socklen_t(MemoryLayout<Int32>.size))
        }
        let bound = withAddress(endpoint) { bind(socket.number, $0, $1) }
        guard bound == 0, Glibc.listen(socket.number, 128) == 0 else {
            throw Command.Failure(description: "bind \(endpoint): \(errno)")
        }
        return socket
    }

    /// What a listener admits: IPv4 by an IPv4 socket, or both families by one IPv6 socket.
    public enum Family: Sendable {
        case v4
        case dual
    }

    /// Connects; the error number is 0 when connected, EINPROGRESS when nobody answers.
    public static func connect(
        to endpoint: Endpoint, limitMilliseconds: Int = limitMilliseconds
    ) throws -> (TCPSocket, errno: Int32) {
        let socket = try open(endpoint, limitMilliseconds: limitMilliseconds)
        let result = withAddress(endpoint) { Glibc.connect(socket.number, $0, $1) }
        return (socket, result == 0 ? 0 : errno)
    }

    /// The next connection.
    public func accept() throws -> TCPSocket {
        let accepted = Glibc.accept(number, nil, nil)
        guard accepted >= 0 else { throw Command.Failure(description: "accept: \(errno)") }
        return TCPSocket(number: accepted)
    }

    /// Lets an octet leave at once, instead of waiting for the acknowledgement of the one before.
    public func sendAtOnce() {
        var yes: Int32 = 1
        setsockopt(
            number, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Waits for one octet: 0 when it came or the peer closed, else the error number.
    public func readErrno() -> Int32 {
        var octet: UInt8 = 0
        return recv(number, &octet, 1, 0) >= 0 ? 0 : errno
    }

    /// Sends one octet; the error number, 0 for none.
    public func writeErrno() -> Int32 {
        var octet: UInt8 = 0x2B
        return send(number, &octet, 1, clinuxMessageNoSignal) == 1 ? 0 : errno
    }

    private static func open(
        _ endpoint: Endpoint, limitMilliseconds: Int = limitMilliseconds
    ) throws -> TCPSocket {
        let family: Int32 =
            switch endpoint.address {
            case .v4: AF_INET
            case .v6: AF_INET6
            }
        let number = socket(family, clinuxSocketStream, 0)
        guard number >= 0 else { throw Command.Failure(description: "socket: \(errno)") }
        return TCPSocket(number: number, limitMilliseconds: limitMilliseconds)
    }

    private static func withAddress(
        _ endpoint: Endpoint, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        // sockaddr_in and sockaddr_in6, octet by octet: family, port, (flow,) address, (scope).
        var octets: [UInt8] = []
        let port = [UInt8(endpoint.port >> 8), UInt8(truncatingIfNeeded: endpoint.port)]
        switch endpoint.address {
        case .v4(let address):
            octets = [UInt8(AF_INET), 0] + port + address.octets + Array(repeating: 0, count: 8)
        case .v6(let address):
            octets = [UInt8(AF_INET6), 0] + port + [0, 0, 0, 0] + address.octets + [0, 0, 0, 0]
        }
        return octets.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { rebound in
                guard let address = rebound.baseAddress else { return -1 }
                return body(address, socklen_t(octets.count))
            }
        }
    }
}
