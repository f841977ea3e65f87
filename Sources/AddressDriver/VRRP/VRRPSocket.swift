import Addressing
import CLinux
import Glibc
import Netlink
import VRRPCore

/// Sends and receives IP protocol 112 on one interface, from one address. Needs CAP_NET_RAW.
///
/// IPv4 packets come with their header, IPv6 packets without; the kernel tells the rest.
struct VRRPSocket: ~Copyable {
    private let descriptor: Descriptor
    private let interfaceIndex: UInt32
    /// What it sends from.
    let source: IPAddress

    /// What to poll.
    var number: Int32 { descriptor.number }

    /// At one time, and no more: the network may never be silent.
    private static let packetsMax = 64
    /// More than any packet that is heeded; a longer one is cut off, and refused for it.
    private static let packetLengthMax = 2048
    /// Internetwork control (RFC 2474 section 4.2.2.2), as keepalived marks its own: the class for
    /// what must pass when a network is overloaded.
    private static let trafficClass: Int32 = 0xC0

    /// - Parameter isMulticast: joins the group; else only what is sent to `source` is received.
    static func open(
        on link: Link, from source: IPAddress, isMulticast: Bool
    ) throws(NetlinkError) -> VRRPSocket {
        let isIPv4 = source.bitCount == 32
        let number = Glibc.socket(
            isIPv4 ? AF_INET : AF_INET6, clinuxSocketRaw | clinuxSocketNonBlocking,
            Int32(Advertisement.protocolNumber))
        guard number >= 0 else { throw .systemCall(name: "socket(IPPROTO_VRRP)", errno: errno) }
        let socket = VRRPSocket(
            descriptor: Descriptor(owning: number), interfaceIndex: link.index, source: source)
        // First: nothing of another interface is to be received.
        try socket.set(SOL_SOCKET, SO_BINDTODEVICE, Array(link.name.utf8), "SO_BINDTODEVICE")
        if isIPv4 {
            try socket.configureIPv4(isMulticast)
        } else {
            try socket.configureIPv6(isMulticast)
        }
        return socket
    }

    private borrowing func configureIPv4(_ isMulticast: Bool) throws(NetlinkError) {
        let level = Int32(IPPROTO_IP)
        let limit = Int32(Advertisement.hopLimit)
        try set(level, IP_TTL, limit, "IP_TTL")
        try set(level, IP_TOS, Self.trafficClass, "IP_TOS")
        // No "don't fragment" bit, as in keepalived's packets.
        try set(level, IP_MTU_DISCOVER, IP_PMTUDISC_DONT, "IP_MTU_DISCOVER")
        guard isMulticast else { return try bind() }
        // Bound to an address it would not hear the group; this names the source instead.
        let own = source.octets + interfaceOctets
        try set(level, IP_MULTICAST_IF, [0, 0, 0, 0] + own, "IP_MULTICAST_IF")
        try set(level, IP_MULTICAST_TTL, limit, "IP_MULTICAST_TTL")
        try set(level, IP_MULTICAST_LOOP, 0, "IP_MULTICAST_LOOP")
        try set(level, IP_MULTICAST_ALL, 0, "IP_MULTICAST_ALL")
        try set(
            level, IP_ADD_MEMBERSHIP, Advertisement.groupV4.octets + own, "IP_ADD_MEMBERSHIP")
    }

    private borrowing func configureIPv6(_ isMulticast: Bool) throws(NetlinkError) {
        let level = Int32(IPPROTO_IPV6)
        let limit = Int32(Advertisement.hopLimit)
        try set(level, IPV6_UNICAST_HOPS, limit, "IPV6_UNICAST_HOPS")
        try set(level, IPV6_TCLASS, Self.trafficClass, "IPV6_TCLASS")
        try set(level, IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO")
        try set(level, IPV6_RECVHOPLIMIT, 1, "IPV6_RECVHOPLIMIT")
        // A bound socket of IPv6 hears the groups that it joined, too.
        try bind()
        guard isMulticast else { return }
        try set(
            level, IPV6_MULTICAST_IF, Int32(bitPattern: interfaceIndex), "IPV6_MULTICAST_IF")
        try set(level, IPV6_MULTICAST_HOPS, limit, "IPV6_MULTICAST_HOPS")
        try set(level, IPV6_MULTICAST_LOOP, 0, "IPV6_MULTICAST_LOOP")
        try set(level, IPV6_MULTICAST_ALL, 0, "IPV6_MULTICAST_ALL")
        try set(
            level, IPV6_ADD_MEMBERSHIP, Advertisement.groupV6.octets + interfaceOctets,
            "IPV6_ADD_MEMBERSHIP")
    }

    private var interfaceOctets: [UInt8] { withUnsafeBytes(of: interfaceIndex) { Array($0) } }

    private borrowing func set(
        _ level: Int32, _ option: Int32, _ value: Int32, _ name: String
    ) throws(NetlinkError) {
        try set(level, option, withUnsafeBytes(of: value) { Array($0) }, name)
    }

    private borrowing func set(
        _ level: Int32, _ option: Int32, _ value: [UInt8], _ name: String
    ) throws(NetlinkError) {
        guard setsockopt(number, level, option, value, socklen_t(value.count)) == 0 else {
            throw .systemCall(name: "setsockopt(\(name))", errno: errno)
        }
    }

    private borrowing func bind() throws(NetlinkError) {
        let result = withSocketAddress(source) { Glibc.bind(number, $0, $1) }
        guard result == 0 else {
            throw .systemCall(name: "bind(\(source))", errno: errno)
        }
    }

    // MARK: Packets

    /// Hands a message to the interface. Success means queued there, not received anywhere.
    borrowing func send(
        _ message: [UInt8], to destination: IPAddress
    ) throws(NetlinkError) {
        let sent = withSocketAddress(destination) {
            sendto(number, message, message.count, clinuxMessageDoNotWait, $0, $1)
        }
        guard sent == message.count else {
            throw .systemCall(name: "sendto(\(destination))", errno: sent < 0 ? errno : EMSGSIZE)
        }
    }

    /// What came.
    enum Packet {
        /// With its header.
        case v4(ArraySlice<UInt8>)
        case v6(VRRPDatagram)
    }

    /// What came meanwhile. Never blocks.
    borrowing func receive() -> [Packet] {
        var packets: [Packet] = []
        var buffer = [UInt8](repeating: 0, count: Self.packetLengthMax)
        while packets.count < Self.packetsMax {
            if source.bitCount == 32 {
                let count = recv(number, &buffer, buffer.count, 0)
                guard count > 0 else { break }
                packets.append(.v4(ArraySlice(buffer.prefix(count))))
            } else {
                guard let datagram = receiveIPv6(&buffer) else { break }
                packets.append(.v6(datagram))
            }
        }
        return packets
    }

    /// `nil` when there is nothing.
    private borrowing func receiveIPv6(_ buffer: inout [UInt8]) -> VRRPDatagram? {
        var from = sockaddr_in6()
        var control = [UInt8](repeating: 0, count: 256)
        var controlLength = 0
        let count = buffer.withUnsafeMutableBytes { bytes in
            withUnsafeMutablePointer(to: &from) { from in
                control.withUnsafeMutableBytes { control in
                    var vector = iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
                    return withUnsafeMutablePointer(to: &vector) { vector in
                        var header = msghdr()
                        header.msg_name = UnsafeMutableRawPointer(from)
                        header.msg_namelen = socklen_t(MemoryLayout<sockaddr_in6>.size)
                        header.msg_iov = vector
                        header.msg_iovlen = 1
                        header.msg_control = control.baseAddress
                        header.msg_controllen = control.count
                        let count = recvmsg(number, &header, 0)
                        controlLength = Int(header.msg_controllen)
                        return count
                    }
                }
            }
        }
        guard count >= 0 else { return nil }
        let said = AncillaryData(control.prefix(controlLength))
        let source = withUnsafeBytes(of: from.sin6_addr) { IPv6Address(octets: $0) }
        // What the kernel did not tell is judged as wrong.
        return VRRPDatagram(
            source: .v6(source),
            destination: .v6(said.destination ?? IPv6Address(high: 0, low: 0)),
            hopLimit: said.hopLimit ?? 0, message: ArraySlice(buffer.prefix(count)))
    }

    private borrowing func withSocketAddress<Value>(
        _ address: IPAddress, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
    ) -> Value {
        // sockaddr_in and sockaddr_in6, octet by octet: family, port, (flow,) address, (scope).
        var octets: [UInt8]
        switch address {
        case .v4(let address):
            octets = [UInt8(AF_INET), 0, 0, 0] + address.octets + Array(repeating: 0, count: 8)
        case .v6(let address):
            octets = [UInt8(AF_INET6), 0, 0, 0, 0, 0, 0, 0] + address.octets + interfaceOctets
        }
        return octets.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { rebound in
                guard let base = rebound.baseAddress else { preconditionFailure("it has octets") }
                return body(base, socklen_t(bytes.count))
            }
        }
    }
}
