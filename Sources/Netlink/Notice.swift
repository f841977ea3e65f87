internal import CLinux

/// What the kernel tells about interfaces, addresses and the packet filter, unasked.
public enum Notice: Equatable, Sendable {
    /// An interface appeared, or something about it changed (up, carrier, address, name).
    case linkChanged(Link)
    case linkGone(Link)
    /// An address appeared or its lifetimes changed.
    case addressPresent(ConfiguredAddress)
    case addressGone(ConfiguredAddress)
    /// Somebody else laid hands on Baton's tables in the packet filter: the program's name, where
    /// the kernel gives one. Or notices about it were lost. See ``LeaseFilter/faults()``.
    case filterChanged(by: String?)
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
    private let socket: MulticastSocket

    /// For poll(2): readable when ``receive()`` has something.
    public var number: Int32 { socket.number }

    /// Listens from now on; what was before must be listed *after* this.
    ///
    /// - Parameter receiveBufferLength: octets that may wait unread; the kernel's default if `nil`.
    public init(receiveBufferLength: Int32? = nil) throws(NetlinkError) {
        socket = try MulticastSocket(
            family: NETLINK_ROUTE,
            groups: [RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR].map(\.rawValue),
            receiveBufferLength: receiveBufferLength)
    }

    /// The notices that wait; empty when there are none. Never blocks.
    public func receive() throws(NetlinkError) -> [Notice] {
        switch try socket.receive() {
        case .bytes(let datagram): Notice.read(datagram)
        case .nothing: []
        case .lost: [.resynchronise]
        }
    }
}
