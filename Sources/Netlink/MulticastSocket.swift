internal import CLinux
internal import Glibc

/// A netlink socket on which the kernel reports changes, unasked.
struct MulticastSocket: ~Copyable, Sendable {
    private static let datagramLengthMax = 65_536

    private let descriptor: Descriptor

    var number: Int32 { descriptor.number }

    /// What waited.
    enum Reception {
        case bytes([UInt8])
        case nothing
        /// Reports were thrown away, or came truncated.
        case lost
    }

    /// - Parameters:
    ///   - family: a NETLINK_ number.
    ///   - groups: what to hear of.
    ///   - receiveBufferLength: octets that may wait unread; the kernel's default if `nil`.
    init(
        family: Int32, groups: [UInt32], receiveBufferLength: Int32? = nil
    ) throws(NetlinkError) {
        descriptor = try Self.open(family, groups, receiveBufferLength)
    }

    private static func open(
        _ family: Int32, _ groups: [UInt32], _ receiveBufferLength: Int32?
    ) throws(NetlinkError) -> Descriptor {
        let number = socket(AF_NETLINK, clinuxSocketRaw | clinuxSocketNonBlocking, family)
        guard number >= 0 else { throw .systemCall(name: "socket(AF_NETLINK)", errno: errno) }
        let descriptor = Descriptor(owning: number)
        let size = socklen_t(MemoryLayout<Int32>.size)
        if var length = receiveBufferLength {
            setsockopt(number, SOL_SOCKET, SO_RCVBUF, &length, size)
        }
        // Bound first: to a socket without a port of its own the kernel multicasts nothing.
        _ = try NetlinkPort.bind(number)
        for group in groups {
            var group = Int32(group)
            let result = setsockopt(
                number, clinuxSocketLevelNetlink, NETLINK_ADD_MEMBERSHIP, &group, size)
            guard result == 0 else {
                throw .systemCall(name: "setsockopt(NETLINK_ADD_MEMBERSHIP)", errno: errno)
            }
        }
        return descriptor
    }

    /// Never blocks.
    func receive() throws(NetlinkError) -> Reception {
        switch NetlinkDatagram.receive(number, lengthMax: Self.datagramLengthMax) {
        case .bytes(let datagram): return .bytes(datagram)
        case .foreign: return .nothing
        // ENOBUFS: we read too slowly, and the kernel threw reports away.
        case .truncated, .failed(ENOBUFS): return .lost
        case .failed(EAGAIN): return .nothing
        case .failed(let errno):
            throw .systemCall(name: "recvfrom(AF_NETLINK)", errno: errno)
        }
    }
}

/// The number by which the kernel tells netlink sockets of one family apart.
enum NetlinkPort {
    /// Gives the socket a port that the kernel chooses, and returns it.
    static func bind(_ number: Int32) throws(NetlinkError) -> UInt32 {
        var address = sockaddr_nl()
        address.nl_family = UInt16(AF_NETLINK)
        var length = socklen_t(MemoryLayout<sockaddr_nl>.size)
        let (bound, named) = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                (Glibc.bind(number, $0, length), getsockname(number, $0, &length))
            }
        }
        guard bound == 0, named == 0 else {
            throw .systemCall(name: "bind(AF_NETLINK)", errno: errno)
        }
        return address.nl_pid
    }
}
