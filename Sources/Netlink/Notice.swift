internal import CLinux
internal import Glibc

/// What the kernel tells about interfaces and addresses, unasked.
public enum Notice: Equatable, Sendable {
    /// An interface appeared, or something about it changed (up, carrier, address, name).
    case linkChanged(Link)
    case linkGone(Link)
    /// An address appeared or its lifetimes changed.
    case addressPresent(ConfiguredAddress)
    case addressGone(ConfiguredAddress)
    /// Notices were lost, or could not be read: whoever listens must list everything anew.
    case resynchronise
}

extension Notice {
    /// The notices of one datagram, in order. Messages of other kinds are passed over.
    static func read(_ datagram: [UInt8]) -> [Notice] {
        guard let messages = Message.scan(datagram) else { return [.resynchronise] }
        return messages.compactMap(Notice.init)
    }

    private init?(_ message: Message) {
        switch Int(message.type) {
        case RTM_NEWLINK:
            guard let link = Link(message) else { return nil }
            self = .linkChanged(link)
        case RTM_DELLINK:
            guard let link = Link(message) else { return nil }
            self = .linkGone(link)
        case RTM_NEWADDR:
            guard let address = ConfiguredAddress(message) else { return nil }
            self = .addressPresent(address)
        case RTM_DELADDR:
            guard let address = ConfiguredAddress(message) else { return nil }
            self = .addressGone(address)
        default:
            return nil
        }
    }
}

/// A socket on which the kernel reports every change of interfaces and addresses.
public struct NoticeSocket: ~Copyable, Sendable {
    private static let datagramLengthMax = 65_536

    private let descriptor: Descriptor

    /// For poll(2): readable when ``receive()`` has something.
    public var number: Int32 { descriptor.number }

    /// Listens from now on; what was before must be listed *after* this.
    ///
    /// - Parameter receiveBufferLength: octets that may wait unread; the kernel's default if `nil`.
    public init(receiveBufferLength: Int32? = nil) throws(NetlinkError) {
        descriptor = try Self.open(receiveBufferLength: receiveBufferLength)
    }

    private static func open(receiveBufferLength: Int32?) throws(NetlinkError) -> Descriptor {
        let number = socket(AF_NETLINK, clinuxSocketRaw | clinuxSocketNonBlocking, NETLINK_ROUTE)
        guard number >= 0 else { throw .systemCall(name: "socket(AF_NETLINK)", errno: errno) }
        let descriptor = Descriptor(owning: number)
        let size = socklen_t(MemoryLayout<Int32>.size)
        if var length = receiveBufferLength {
            setsockopt(number, SOL_SOCKET, SO_RCVBUF, &length, size)
        }
        // Bound first: to a socket without a port of its own the kernel multicasts nothing.
        var address = sockaddr_nl()
        address.nl_family = UInt16(AF_NETLINK)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(number, $0, socklen_t(MemoryLayout<sockaddr_nl>.size))
            }
        }
        guard bound == 0 else { throw .systemCall(name: "bind(AF_NETLINK)", errno: errno) }
        for group in [RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR] {
            var group = Int32(group.rawValue)
            let result = setsockopt(
                number, clinuxSocketLevelNetlink, NETLINK_ADD_MEMBERSHIP, &group, size)
            guard result == 0 else {
                throw .systemCall(name: "setsockopt(NETLINK_ADD_MEMBERSHIP)", errno: errno)
            }
        }
        return descriptor
    }

    /// The notices that wait; empty when there are none. Never blocks.
    public func receive() throws(NetlinkError) -> [Notice] {
        switch NetlinkDatagram.receive(number, lengthMax: Self.datagramLengthMax) {
        case .bytes(let datagram): return Notice.read(datagram)
        case .foreign: return []
        // ENOBUFS: we read too slowly, and the kernel threw notices away.
        case .truncated, .failed(ENOBUFS): return [.resynchronise]
        case .failed(EAGAIN): return []
        case .failed(let errno):
            throw .systemCall(name: "recvfrom(AF_NETLINK)", errno: errno)
        }
    }
}
